"""Which hyperparameters decided about the scores of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state

from ..._compat.scikit_learn import validate_parameter_constraints
from ._description import SearchDescription, describe_search

#: With fewer, a forest sees eight candidates or less and finds what it likes.
FEWEST_CANDIDATES = 10

_N_FOLDS, _N_REPEATS, _N_TREES = 5, 4, 40


@dataclass(frozen=True, eq=False)
class ParameterImportance:
    """How much each hyperparameter had to do with the scores of a search.

    Parameters
    ----------
    parameters, labels : tuple of str
        Names, most important first: as the search calls them, and short.
    importances : ndarray of shape (n_parameters,)
        Share of the differences between candidates in which the parameter has a part, by itself or together with
        others, so the sum may be above 1. About zero, also a little below: no influence seen.
    spreads : ndarray of shape (n_parameters,)
        Standard deviation over the repetitions.
    r2 : float
        How well the ranks of candidates are predicted from their parameters: 1 without error, 0 no better than a
        guess. Near zero, the importances mean nothing.
    n_candidates : int
        How many candidates this is based on.
    """

    parameters: tuple[str, ...]
    labels: tuple[str, ...]
    importances: np.ndarray
    spreads: np.ndarray
    r2: float
    n_candidates: int


def parameter_importance(
    search: Any, metric: str | None = None, random_state: int | np.random.RandomState | None = 0
) -> ParameterImportance:
    """Return how much each hyperparameter had to do with the scores of a finished search.

    A random forest learns to predict the rank of a candidate from its parameters. Then one parameter after the
    other is shuffled in candidates that the forest has not seen [1]_; the more that costs, the more the parameter
    matters. What matters little need not be searched again.

    Parameters
    ----------
    search : estimator
        Fitted search with ``cv_results_``, of any kind, with any estimator.
    metric : str, default=None
        Name of the metric to go by, for a search with several. None: the one that `refit` names, else the first.
    random_state : int, RandomState instance or None, default=0
        Controls the forests, the folds and the shuffles. The same int gives the same importances.

    Returns
    -------
    importance : ParameterImportance
        Importances, most important first, and how far they can be trusted.

    Raises
    ------
    ValueError
        If fewer than ten candidates have a score, or if all have the same score or the same parameters.

    See Also
    --------
    sknn_tune.search_space.narrow : Go on in the best region.

    Notes
    -----
    - Half of what shuffling costs in R² is the total index of Sobol [2]_ of the ranks: the share of the variance that
      would be left if all other parameters were fixed.
    - Importance is relative to the space: a learning rate that was varied by a factor of two hardly matters.
    - Ranks are predicted, not scores: one network that diverged would otherwise be all there is to explain.
    - Candidates that a pruner stopped count with the score they had; failed ones do not count. Of a halving search
      only the first round does, where all had the same resources.
    - A search that closes in on the best (coarse to fine, Bayesian) has few candidates elsewhere, which makes the
      parameters it has settled look less important. Random search shows most.
    - Where two parameters change together, each may stand in for the other, and both look less important.
    - Optuna's own measure, fANOVA [3]_, works on ``search.study_`` of `BayesianSearchCV` (``optuna.importance``).

    References
    ----------
    .. [1] Breiman (2001), "Random Forests", section 10, https://doi.org/10.1023/A:1010933404324
    .. [2] Sobol (2001), "Global sensitivity indices for nonlinear mathematical models",
       https://doi.org/10.1016/S0378-4754(00)00270-6
    .. [3] Hutter, Hoos & Leyton-Brown (2014), "An Efficient Approach for Assessing Hyperparameter Importance",
       https://proceedings.mlr.press/v32/hutter14.html

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import SGDClassifier
    >>> from sklearn.model_selection import RandomizedSearchCV
    >>> from sknn_tune.model_selection import parameter_importance
    >>> from sknn_tune.search_space import log_uniform
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {"alpha": log_uniform(1e-4, 1e3), "l1_ratio": [0.1, 0.2]}
    >>> search = RandomizedSearchCV(SGDClassifier(random_state=0), space, n_iter=20, cv=3, random_state=0).fit(X, y)
    >>> parameter_importance(search).parameters
    ('alpha', 'l1_ratio')
    """
    validate_parameter_constraints(
        {"random_state": ["random_state"]}, {"random_state": random_state}, caller_name="parameter_importance"
    )
    return importance_of(describe_search(search, metric), random_state)


def importance_of(
    description: SearchDescription, random_state: int | np.random.RandomState | None = 0
) -> ParameterImportance:
    """Return the importances in a search that is described."""
    rows = np.isfinite(description.scores)
    if description.resources is not None:
        rows &= description.rounds == description.rounds.min()
    scales = description.varied
    scores = description.scores[rows]
    if len(scores) < FEWEST_CANDIDATES:
        raise ValueError(
            f"The importance of parameters can be told from {FEWEST_CANDIDATES} candidates with a score at least, "
            f"better from thirty. This search has {len(scores)}: let it evaluate more."
        )
    if not scales or np.ptp(scores) == 0:
        same = "scores" if scales else "parameters"
        raise ValueError(
            f"All candidates of this search have the same {same}, so no parameter is more important than another."
        )
    # Trees cut a scale anywhere, so a candidate without the parameter may stand far outside.
    positions = np.nan_to_num(np.column_stack([scale.positions[rows] for scale in scales]), nan=-1e6)
    ranks = rankdata(scores)
    r2, losses = _losses_of_r2(positions, ranks / np.std(ranks), check_random_state(random_state))
    shares = losses / 2
    order = np.argsort(-shares.mean(axis=0), kind="stable")
    return ParameterImportance(
        parameters=tuple(scales[place].name for place in order),
        labels=tuple(scales[place].label for place in order),
        importances=shares.mean(axis=0)[order],
        spreads=shares.std(axis=0)[order],
        r2=r2,
        n_candidates=len(scores),
    )


def _losses_of_r2(X: np.ndarray, y: np.ndarray, random_state: np.random.RandomState) -> tuple[float, np.ndarray]:
    """R² for candidates that were not learned from, and what shuffling costs, of shape (n_repeats, n_parameters).

    ``y`` has a variance of one, so that a mean squared error is what is missing to an R² of one.
    """
    n_candidates, n_parameters = X.shape
    errors = np.zeros((_N_REPEATS, n_parameters + 1))
    for repeat in range(_N_REPEATS):
        folds = KFold(_N_FOLDS, shuffle=True, random_state=random_state.randint(2**31 - 1))
        for learned, unseen in folds.split(X):
            forest = RandomForestRegressor(_N_TREES, random_state=random_state.randint(2**31 - 1))
            forest.fit(X[learned], y[learned])
            # All variants at once: the first as it is, each other with one parameter of candidates drawn at random.
            variants = np.repeat(X[unseen][np.newaxis], n_parameters + 1, axis=0)
            for place in range(n_parameters):
                variants[place + 1, :, place] = X[random_state.permutation(n_candidates)[: len(unseen)], place]
            predicted = forest.predict(variants.reshape(-1, n_parameters)).reshape(n_parameters + 1, -1)
            errors[repeat] += ((predicted - y[unseen]) ** 2).sum(axis=1) / n_candidates
    return float(1 - errors[:, 0].mean()), errors[:, 1:] - errors[:, :1]
