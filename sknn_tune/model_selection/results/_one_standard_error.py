"""The simplest candidate that is as good as the best, as far as the folds can tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..._compat.scikit_learn import Interval, validate_parameter_constraints
from ._metrics import metrics_of
from ._network_sizes import PARAMETER, count_parameters, is_topology, size_parameters


@dataclass(frozen=True)
class one_standard_error:
    """For ``refit=`` of a search: the simplest candidate within one standard error of the best.

    Scores of folds scatter, so the best of many candidates is partly the luckiest. Among candidates that
    cannot be told from the best, the simplest is the better choice: smaller, faster, and less prone to
    overfit [1]_.
    "Within" means: its mean score is not lower than ``best − standard error``, where the standard error is
    that of the best candidate's mean over the folds, s / √k with the standard deviation s of its k fold scores.

    Parameters
    ----------
    complexity : str or callable, default="n_parameters"
        What makes a candidate simple, smaller values first.

        - "n_parameters": the number of weights of the network, from its ``hidden_layer_sizes``.
        - ``"param_…"``: a column of ``cv_results_``, such as "param_max_depth", with numbers or with
          topologies. None counts as unlimited.
        - A function of a candidate's parameters (a dict) that returns a number. For a search that is to
          be pickled, define it at the top level of a module.

        A candidate without the parameter counts as the most complex. Among equally complex candidates, the
        one with the best score is chosen.
    metric : str, default=None
        Name of the metric to compare by, for a search with several. None: the only one.
    n_features : int, default=32
        Number of inputs of the network, which scikit-learn does not tell a ``refit`` function. Which of two
        networks is larger seldom depends on it; give yours to compare wide networks with deep ones.
    n_outputs : int, default=1
        Number of outputs of the network.

    See Also
    --------
    CapacitySearchCV : Grows a network only as long as it pays, and chooses by this rule.

    References
    ----------
    .. [1] Breiman, Friedman, Olshen and Stone (1984), "Classification and Regression Trees", section 3.4.3;
       Hastie, Tibshirani and Friedman (2009), "The Elements of Statistical Learning", section 7.10,
       https://hastie.su.domains/ElemStatLearn/

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from sknn_tune.model_selection import one_standard_error
    >>> X, y = load_iris(return_X_y=True)
    >>> search = GridSearchCV(
    ...     DecisionTreeClassifier(random_state=0),
    ...     {"max_depth": [1, 2, 3, 4, 5, None]},
    ...     refit=one_standard_error("param_max_depth"),
    ... )
    >>> search.fit(X, y).best_params_
    {'max_depth': 3}
    """

    complexity: str | Callable[[dict], float] = "n_parameters"
    metric: str | None = None
    n_features: int = 32
    n_outputs: int = 1

    def __post_init__(self) -> None:
        if isinstance(self.complexity, Mapping):  # the results of a search, which has taken the class for a function
            raise TypeError("The 'refit' parameter is the class one_standard_error. Give refit=one_standard_error().")
        positive = [Interval(Integral, 1, None, closed="left")]
        validate_parameter_constraints(
            {"complexity": [str, callable], "metric": [str, None], "n_features": positive, "n_outputs": positive},
            vars(self),
            caller_name="one_standard_error",
        )

    def __call__(self, cv_results: Mapping[str, Any]) -> int:
        """Return the index of the candidate to choose.

        Parameters
        ----------
        cv_results : dict
            ``cv_results_`` of a search.

        Returns
        -------
        index : int
            Its row.
        """
        metric = self._metric_of(cv_results)
        means = np.asarray(cv_results[f"mean_test_{metric}"], dtype=float)
        rows = np.flatnonzero(good_enough(cv_results, metric))
        if not len(rows):
            return 0  # no candidate has a score: what scikit-learn chooses then
        complexities = self._complexities(cv_results)
        return int(min(rows, key=lambda row: (complexities[row], -means[row])))

    def _metric_of(self, cv_results: Mapping[str, Any]) -> str:
        known = metrics_of(cv_results)
        if self.metric is None and len(known) == 1:
            return known[0]
        if self.metric not in known:
            raise ValueError(
                f"The 'metric' parameter of one_standard_error must be one of those of the search: {', '.join(known)}. "
                f"Got {self.metric!r} instead."
            )
        return self.metric

    def _complexities(self, cv_results: Mapping[str, Any]) -> list[float]:
        if callable(self.complexity):
            return [float(self.complexity(params)) for params in cv_results["params"]]
        column = self.complexity if self.complexity != "n_parameters" else _column_of_sizes(cv_results)
        if column not in cv_results or not column.startswith("param_"):
            columns = [name for name in cv_results if name.startswith("param_")]
            raise ValueError(
                "The 'complexity' parameter of one_standard_error must be 'n_parameters', a function of a candidate's "
                f"parameters, or one of the columns of the search: {', '.join(columns)}. Got {self.complexity!r} "
                "instead."
            )
        name = column.removeprefix("param_")
        return [self._complexity(column, params.get(name)) for params in cv_results["params"]]

    def _complexity(self, column: str, value: Any) -> float:
        if value is None:
            return np.inf
        if is_topology(value) or (isinstance(value, Integral) and column.endswith(PARAMETER)):
            return float(count_parameters(value, self.n_features, self.n_outputs))
        if isinstance(value, Real):
            return float(value)
        raise ValueError(
            f"one_standard_error can order candidates by numbers and by hidden_layer_sizes. Got {value!r} in "
            f"{column!r}: give a function of a candidate's parameters as 'complexity'."
        )


def _column_of_sizes(cv_results: Mapping[str, Any]) -> str:
    columns = [f"param_{name}" for name in size_parameters(n[6:] for n in cv_results if n.startswith("param_"))]
    if len(columns) == 1:
        return columns[0]
    found = f"has {', '.join(columns)}" if columns else f"did not vary {PARAMETER}"
    raise ValueError(
        f"complexity='n_parameters' of one_standard_error needs one column with the {PARAMETER} of a network, but the "
        f"search {found}. Give the name of a column (param_…) or a function of a candidate's parameters."
    )


def good_enough(
    cv_results: Mapping[str, Any], metric: str, tolerance: str | float = "one_standard_error"
) -> np.ndarray:
    """Which candidates come so close to the best mean score: by default within its standard error."""
    means = np.asarray(cv_results[f"mean_test_{metric}"], dtype=float)
    if np.isnan(means).all():
        return np.zeros(len(means), dtype=bool)
    best = int(np.nanargmax(means))
    return means >= means[best] - margin_below(cv_results, metric, best, tolerance)  # never for nan


def margin_below(cv_results: Mapping[str, Any], metric: str, best: int, tolerance: str | float) -> float:
    """How far below the mean score of the best candidate another is still good enough."""
    return standard_error(fold_scores(cv_results, metric, best)) if isinstance(tolerance, str) else tolerance


def fold_scores(cv_results: Mapping[str, Any], metric: str, row: int, rows: str = "test") -> list[float]:
    """The scores of a candidate on each fold: on its "test" or its "train" rows."""
    columns = [name for name in cv_results if re.fullmatch(rf"split\d+_{rows}_{re.escape(metric)}", name)]
    return [cv_results[name][row] for name in columns]


def standard_error(scores: Sequence[float]) -> float:
    """Standard error of the mean of these scores. It is 0 for one fold: then only the best is good enough."""
    return float(np.std(scores, ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else 0.0
