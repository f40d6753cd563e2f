"""Random search in rounds, each closer to the best candidates of those before."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from itertools import islice
from numbers import Integral, Real
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import check_random_state

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import Interval
from ...search_space import narrow
from ...search_space.translations import drawable
from ..results import deciding_metric
from ._drawing import draws, new_candidates
from ._piecewise import Pieces, PiecewiseSearchCV
from ._present import first_candidate, present_settings
from ._space_in_words import listed, look_over

#: Candidates to narrow around, at least. A parameter without influence has values among k best that span
#: (k - 1) / (k + 1) of its range on average: of two only a third, and then the best region of a parameter that
#: matters little is cut off by chance. Of four it is three fifths, and the margin of ``narrow`` adds a fifth.
_FEWEST_BEST = 4


class CoarseToFineSearchCV(PiecewiseSearchCV):
    """Random search from coarse to fine: rounds of random candidates in a space that closes in on the best.

    The first candidate has the settings that the estimator has now, so a search whose space holds these does not lose
    to none. The others of the first round are drawn from the whole space, as by ``RandomizedSearchCV``. Each further
    round draws from the space that `sknn_tune.search_space.narrow` leaves around the best fraction of all candidates so
    far. Random search spends most of its fits where nothing good can come of them; this one finds out where that is,
    without the model of the scores that a Bayesian search has to learn, and with candidates that can be evaluated side
    by side. ``cv_results_`` has all candidates of all rounds, and the best of all is chosen, so a round in a wrong
    direction costs time but loses nothing.

    Parameters
    ----------
    estimator : estimator
        Any scikit-learn estimator or ``Pipeline``.
    param_distributions : dict or list of dict
        As for ``RandomizedSearchCV``: parameter names mapped to spaces of `sknn_tune.search_space`,
        distributions of scipy or Optuna, or lists of choices. Of a list of dicts, each candidate is drawn from one;
        those without a candidate among the best are dropped in the next round.
    n_iter : int, default=20
        Candidates per round: ``n_iter * n_rounds`` in all. None is evaluated twice: where all near the best have
        been, as in a list of choices, a round goes on further out, and has fewer when the whole space has no
        more. With too few in the first round, the later ones follow noise.
    n_rounds : int, default=3
        Rounds, the first and coarse one included; 1 is a random search.
    top : float, default=0.2
        Fraction of all candidates so far around which the next round draws, above 0 and at most 1; but at
        least four candidates, since the region that fewer span is mostly chance. Smaller values close in
        faster, and are misled by noise more easily.
    timeout : float, default=None
        Seconds after which no more candidates are begun. The search then ends with what it has and a
        warning, and refits as usual. Those begun are finished, and one is always evaluated.
    scoring : str, callable, list, tuple or dict, default=None
        As in ``RandomizedSearchCV``.
    n_jobs : int, default=None
        Fits at the same time.
    refit : bool, str or callable, default=True
        As in ``RandomizedSearchCV``. Of several metrics, the space closes in on the candidates that are best
        by the one that is named here. A callable chooses among the final results only: the
        space then closes in by the first metric of ``scoring``, and so it does for False.
    cv : int, cross-validation generator or iterable, default=None
        As in ``RandomizedSearchCV``. All rounds use the same folds, even of a splitter that would give
        others each time.
    verbose : int, default=0
        1: a line of progress on stderr: candidates, best score so far, time, and about how much is left. From
        2 on, what scikit-learn prints of each fit as well.
    pre_dispatch : int or str, default="2*n_jobs"
        As in ``RandomizedSearchCV``.
    random_state : int, RandomState instance or None, default=None
        Controls sampling. The first round draws the same candidates as ``RandomizedSearchCV`` with the same int, after
        the first candidate, which is not drawn.
    error_score : "raise" or float, default=nan
        Score of a fit that fails.
    return_train_score : bool, default=False
        Whether ``cv_results_`` has the scores on the training rows too.

    Attributes
    ----------
    cv_results_ : dict of arrays
        As in ``RandomizedSearchCV``, and ``round``: the round of each candidate, from 0.
    spaces_ : list
        The space that each round drew from; where it had to go on further out, the widest.
    not_in_space_ : dict
        Present settings that lie outside of the space, by name: the first candidate does not have these.
    best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, refit_time_, multimetric_ : object
        As in ``RandomizedSearchCV``.

    See Also
    --------
    sknn_tune.search_space.narrow : What is done between rounds.
    sknn_tune.search_space.default_space : A space to begin with.

    Notes
    -----
    **First candidate.** Of each parameter searched, it has the value that the estimator has now, if that lies in the
    space; of several dicts, in the first that fits best. A value outside of it, such as ``max_depth=None`` where
    numbers are searched, is not tried: that parameter is drawn. ``not_in_space_`` names it; empty, it says that the
    present settings were evaluated as they are. With none in the space, all is drawn. It counts as one of `n_iter`.

    References
    ----------
    .. [1] Bengio (2012), "Practical Recommendations for Gradient-Based Training of Deep Architectures",
       section 3.3, https://arxiv.org/abs/1206.5533

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import SGDClassifier
    >>> from sknn_tune.model_selection import CoarseToFineSearchCV
    >>> from sknn_tune.search_space import log_uniform
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {"alpha": log_uniform(1e-6, 1e3), "penalty": ["l1", "l2"]}
    >>> search = CoarseToFineSearchCV(SGDClassifier(random_state=0), space, n_iter=8, random_state=0).fit(X, y)
    >>> search.cv_results_["round"].tolist() == [0] * 8 + [1] * 8 + [2] * 8
    True
    >>> search.spaces_[0]["alpha"].high, search.spaces_[2]["alpha"].high < 1e3
    (1000.0, True)
    """

    _parameter_constraints: dict = {
        **PiecewiseSearchCV._parameter_constraints,
        "param_distributions": [dict, list],
        "n_iter": [Interval(Integral, 1, None, closed="left")],
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "top": [Interval(Real, 0, 1, closed="right")],
        "random_state": ["random_state"],
    }

    @names_the_nearest
    def __init__(
        self,
        estimator: Any,
        param_distributions: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        n_iter: int = 20,
        n_rounds: int = 3,
        top: float = 0.2,
        timeout: float | None = None,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        random_state: int | np.random.RandomState | None = None,
        error_score: float | str = np.nan,
        return_train_score: bool = False,
    ) -> None:
        self.param_distributions = param_distributions
        self.n_iter = n_iter
        self.n_rounds = n_rounds
        self.top = top
        self.random_state = random_state
        super().__init__(
            estimator,
            timeout=timeout,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )

    def _look_over(self) -> None:
        look_over(self, "param_distributions", listed(self.param_distributions))

    def _n_planned(self) -> int:
        return self.n_iter * self.n_rounds

    def _n_pieces(self) -> int:
        return math.ceil(self.n_iter / self._size_of_pieces()) * self.n_rounds

    def _size_of_pieces(self) -> int:
        looked_at = self.timeout is not None or self.verbose > 0
        return effective_n_jobs(self.n_jobs) if looked_at else self.n_iter

    def _search(self, pieces: Pieces) -> None:
        random_state = check_random_state(self.random_state)
        size = self._size_of_pieces()
        whole = drawable(self.param_distributions, caller=type(self).__name__)
        present = present_settings(self.estimator, whole)
        self.not_in_space_: dict = present.not_in_space
        first = first_candidate(present, whole, random_state)
        tried: set = set()
        self.spaces_: list = []
        for number in range(self.n_rounds):
            begins_with = [first] if first is not None and number == 0 else []
            spaces = self._from_narrow_to_whole(whole, pieces.results)
            candidates, space = self._draw_round(spaces, begins_with, tried, random_state)
            if not candidates:
                break  # all of a finite space has been evaluated
            self.spaces_.append(space)
            for piece in pieces.budget.in_batches(candidates, size):
                pieces.evaluate(piece, round=[number] * len(piece))
            pieces.require_results()
            if pieces.budget.is_spent:
                break
        pieces.budget.end()

    def _draw_round(
        self, spaces: Iterator[Any], begins_with: list[dict], tried: set, random_state: np.random.RandomState
    ) -> tuple[list[dict], Any]:
        """New candidates from the first of the spaces, if it has too few also from the next; and the last of these."""
        candidates = list(new_candidates(begins_with, tried))
        for space in spaces:
            n_missing = self.n_iter - len(candidates)
            if n_missing:
                drawn = draws(space, n_missing, len(tried), random_state)
                candidates += islice(new_candidates(drawn, tried), n_missing)
            if len(candidates) == self.n_iter:
                break
        return candidates, space

    def _from_narrow_to_whole(self, whole: Any, results: Mapping | None) -> Iterator[Any]:
        """The space around the best so far, then around more and more; all of it while no candidate has a score."""
        if results is not None:
            metric = deciding_metric(results, self.refit)
            n_scored = np.count_nonzero(~np.isnan(results[f"mean_test_{metric}"]))
            so_far = copy(self)
            so_far.cv_results_ = results
            top = max(self.top, _FEWEST_BEST / n_scored) if n_scored else 1.0
            while top < 1.0:
                yield narrow(whole, so_far, top=top, metric=metric)
                top *= 2
            if n_scored:
                yield narrow(whole, so_far, top=1.0, metric=metric)
        yield whole
