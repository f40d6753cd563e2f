"""Many candidates for few epochs, few candidates for many: brackets of successive halving."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from numbers import Integral
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import check_random_state

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import Interval, StrOptions
from ...search_space.translations import drawable
from ..results import deciding_metric
from ._brackets import Rung, brackets
from ._drawing import draws, n_candidates_of, new_candidates
from ._going_on import can_go_on, going_on
from ._piecewise import Pieces, PiecewiseSearchCV
from ._present import first_candidate, present_settings
from ._resource import check_resource, most_of_resource, name_of_resource
from ._space_in_words import listed, look_over


class HyperbandSearchCV(PiecewiseSearchCV):
    """Hyperband: random candidates, most of which are dropped after a few epochs, in brackets of successive halving.

    A bracket begins with many candidates and few epochs. The best third of them goes on to three times as many epochs,
    the best third of these goes on again, and so on: the last is trained for `max_resources` epochs. How many epochs it
    takes to tell a good candidate from a bad one is not known beforehand. So there are several brackets [1]_: the first
    has most candidates and begins with `min_resources` epochs, each further one has fewer and begins with three times
    as many, and the last is a random search with all epochs. All cost about the same. Every rung is a cross-validation.

    Networks of this package go on from one rung to the next instead of training anew, with the same bits, see Notes.

    Parameters
    ----------
    estimator : estimator
        Any scikit-learn estimator or ``Pipeline``; with ``resource="auto"`` one with a network inside.
    param_distributions : dict or list of dict
        As for ``RandomizedSearchCV``: parameter names mapped to spaces of `sknn_tune.search_space`,
        distributions of scipy or Optuna, or lists of choices. Of a list of dicts, each candidate is drawn from one.
    resource : str, default="auto"
        The parameter of the estimator that grows from rung to rung. "auto": the ``epochs`` of the network, wherever it
        is; of a pipeline with several, of that in its last step. Anything that is an int will do, such as
        ``"n_estimators"`` of a forest.
    min_resources : int, default=1
        Epochs of the first rung of the first bracket, at least: they are `max_resources` divided by `factor` again and
        again. Raise it where a few epochs say nothing, as with a large `batch_size`; there are then fewer brackets.
    max_resources : int or "auto", default="auto"
        Epochs of the last rung of every bracket, and of the best candidate. "auto": what the estimator has now.
    factor : int, default=3
        From rung to rung, one of so many candidates goes on, with so many times the epochs. Larger values drop more
        candidates earlier, and have fewer rungs.
    n_rounds : int, default=1
        How often all brackets are run, each time with other candidates.
    timeout : float, default=None
        Seconds after which no more candidates are begun. The search then ends with what it has and a
        warning, and refits as usual. Those begun are finished, and one is always evaluated.
    scoring : str, callable, list, tuple or dict, default=None
        As in ``RandomizedSearchCV``.
    n_jobs : int, default=None
        Fits at the same time, within a rung.
    refit : bool, str or callable, default=True
        As in ``RandomizedSearchCV``, except that the choice is among the candidates that ran longest. Of several
        metrics, the one that is named here also says who goes on. A callable is given the rows of
        ``cv_results_`` of those that ran longest, and returns a position among these; who goes on is then decided by
        the first metric of ``scoring``, and so it is for False.
    cv : int, cross-validation generator or iterable, default=None
        As in ``RandomizedSearchCV``. All rungs use the same folds, even of a splitter that would give
        others each time.
    verbose : int, default=0
        1: a line of progress on stderr: candidates, best score so far, time, and about how much is left. From
        2 on, what scikit-learn prints of each fit as well.
    pre_dispatch : int or str, default="2*n_jobs"
        As in ``RandomizedSearchCV``.
    random_state : int, RandomState instance or None, default=None
        Controls sampling, and the weights of a network that has no int as ``random_state``.
    error_score : "raise" or float, default=nan
        Score of a fit that fails. A candidate without a score does not go on.
    return_train_score : bool, default=False
        Whether ``cv_results_`` has the scores on the training rows too.

    Attributes
    ----------
    cv_results_ : dict of arrays
        As in ``HalvingRandomSearchCV``, a row for each candidate on each of its rungs. ``bracket``: from 0 on.
        ``n_resources``: the epochs. ``iter``: the place of these epochs on the ladder from the fewest to the most, from
        0 on; rows of all brackets with the same can be compared.
    resource_ : str
        The parameter that grew.
    min_resources_, max_resources_ : int
        The fewest and the most epochs.
    n_possible_iterations_ : int
        Rungs of the longest bracket.
    n_candidates_ : list of list of int
        Candidates on each rung of each bracket, as they were evaluated.
    n_resources_ : list of list of int
        Epochs on each rung of each bracket.
    not_in_space_ : dict
        Present settings that lie outside of the space, by name: the candidate of the present settings does not have
        these.
    best_estimator_, best_score_, best_params_, best_index_, scorer_, n_splits_, refit_time_, multimetric_ : object
        As in ``RandomizedSearchCV``, of the best among those that ran longest. ``best_params_`` has the epochs, too.

    See Also
    --------
    sklearn.model_selection.HalvingRandomSearchCV : A single bracket.
    SuccessiveHalvingPruner : The same thought for any search, epoch by epoch, without waiting for others.

    Notes
    -----
    **Numbers.** With factor 3 and 81 epochs, the brackets begin with 81, 27, 9, 6 and 5 candidates and 1, 3, 9, 27 and
    81 epochs, as in the table of the paper. (Its formula, rounded elsewhere, has 81, 34, 15, 8 and 5.) Of a space with
    fewer combinations, each bracket has at most all of them.

    **Going on.** A candidate on its next rung has the same parameters with more epochs. A network goes on from the
    weights that it had, with the bits of a fit from the start: see ``memory`` of `KerasClassifier`. So the bracket that
    begins with 81 candidates trains 81·1 + 27·2 + 9·6 + 3·18 + 1·54 epochs in each fold. If the network has no
    ``memory``, its fits are kept in a temporary folder, a bracket at a time, which is removed at the end; if it has no
    int as ``random_state``, it has one while the search looks, or it could not go on. Workers on other machines, who do
    not see the folder, train from the start: give a ``memory`` in a folder that all of them see. Fits with early
    stopping, callbacks (a pruner or `HistoryRecorder` of this search, too), nadam, or by Keras begin anew on every
    rung; their scores are the same as ever.

    **Schedules.** A learning rate that knows the last epoch, such as ``"cosine"``, is lowered within the epochs of each
    rung: on a rung of 9 epochs within these 9. So each rung is another fit, from the start, and a candidate is judged
    as one that is meant to be trained for so long. ``"exponential"`` and ``"inverse_time"``, by which a step does not
    depend on the last, go on.

    **Present settings.** The first candidate of the last bracket, which gives each all epochs, has of each parameter
    searched the value that the estimator has now, if that lies in the space; others are drawn. ``not_in_space_``
    names these. So by the scores that it goes by, a search whose space holds the present settings does not lose to
    none.

    References
    ----------
    .. [1] Li et al. (2018), "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization",
       https://jmlr.org/papers/v18/16-558.html
    .. [2] Jamieson & Talwalkar (2016), "Non-stochastic Best Arm Identification and Hyperparameter Optimization",
       https://proceedings.mlr.press/v51/jamieson16.html

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.model_selection import HyperbandSearchCV
    >>> from sknn_tune.search_space import log_uniform
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {"learning_rate": log_uniform(1e-4, 1e-1), "batch_size": [16, 32, 64]}
    >>> search = HyperbandSearchCV(KerasClassifier(epochs=9), space, cv=3, random_state=0).fit(X, y)
    >>> search.n_candidates_, search.n_resources_
    ([[9, 3, 1], [3, 1], [3]], [[1, 3, 9], [3, 9], [9]])
    >>> search.best_params_["epochs"]
    9
    """

    _parameter_constraints: dict = {
        **PiecewiseSearchCV._parameter_constraints,
        "param_distributions": [dict, list],
        "resource": [str],
        "min_resources": [Interval(Integral, 1, None, closed="left")],
        "max_resources": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "factor": [Interval(Integral, 2, None, closed="left")],
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    @names_the_nearest
    def __init__(
        self,
        estimator: Any,
        param_distributions: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        resource: str = "auto",
        min_resources: int = 1,
        max_resources: int | str = "auto",
        factor: int = 3,
        n_rounds: int = 1,
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
        self.resource = resource
        self.min_resources = min_resources
        self.max_resources = max_resources
        self.factor = factor
        self.n_rounds = n_rounds
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
        spaces = listed(self.param_distributions)
        look_over(self, "param_distributions", spaces)
        self.resource_ = name_of_resource(self)
        self.max_resources_ = most_of_resource(self, self.resource_)
        check_resource(self, self.resource_, self.max_resources_, spaces)

    def _plan(self) -> list[list[Rung]]:
        """All brackets of all rounds; of a space with fewer candidates, each bracket has at most all of these."""
        n_all = n_candidates_of(drawable(self.param_distributions, caller=type(self).__name__))
        plan = brackets(self.min_resources, self.max_resources_, self.factor) * self.n_rounds
        if n_all is None:
            return plan
        return [
            [Rung(rung.iter, min(rung.n_candidates, n_all), rung.n_resources) for rung in bracket] for bracket in plan
        ]

    def _n_planned(self) -> int:
        return len(self._costs())

    def _n_pieces(self) -> int:
        sizes = [rung.n_candidates for bracket in self._plan() for rung in bracket]
        return sum(math.ceil(size / self._size_of_pieces(size)) for size in sizes)

    def _costs(self) -> list[int]:
        """The epochs that each candidate trains on each rung."""
        goes_on, costs = can_go_on(self.estimator, self.resource_), []
        for bracket in self._plan():
            before = 0
            for rung in bracket:
                costs += [rung.n_resources - before] * rung.n_candidates
                before = rung.n_resources if goes_on else 0
        return costs

    def _size_of_pieces(self, n_candidates: int) -> int:
        looked_at = self.timeout is not None or self.verbose > 0
        return effective_n_jobs(self.n_jobs) if looked_at else n_candidates

    def _search(self, pieces: Pieces) -> None:
        plan, random_state = self._plan(), check_random_state(self.random_state)
        self.n_possible_iterations_ = len(plan[0])
        self.min_resources_ = plan[0][0].n_resources
        begun = self._draw(plan, random_state)
        seed = random_state.randint(2**31 - 1)
        self.n_candidates_: list[list[int]] = []
        self.n_resources_: list[list[int]] = []
        for number, (bracket, candidates) in enumerate(zip(plan, begun, strict=True)):
            self.n_candidates_.append([])
            self.n_resources_.append([])
            with going_on(pieces.estimator, self.resource_, seed):
                self._run_bracket(pieces, number, bracket, candidates)
            if pieces.budget.is_spent:
                break
        pieces.budget.end()

    def _draw(self, plan: list[list[Rung]], random_state: np.random.RandomState) -> list[list[dict]]:
        """Those with which each bracket begins: the present settings in the last bracket, all others at random.

        None twice, but for a space that has no more.
        """
        whole = drawable(self.param_distributions, caller=type(self).__name__)
        present = present_settings(self.estimator, whole)
        self.not_in_space_: dict = present.not_in_space
        first = first_candidate(present, whole, random_state)
        tried: set = set()
        begins_with = [] if first is None else list(new_candidates([first], tried))
        last = len(plan) // self.n_rounds - 1
        begun = []
        for number, bracket in enumerate(plan):
            n, candidates = bracket[0].n_candidates, list(begins_with) if number == last else []
            for known in (tried, set()):
                n_missing = n - len(candidates)
                list(new_candidates(candidates, known))
                if n_missing:
                    drawn = draws(whole, n_missing, len(known), random_state)
                    candidates += islice(new_candidates(drawn, known), n_missing)
            begun.append(candidates)
        return begun

    def _run_bracket(self, pieces: Pieces, number: int, bracket: list[Rung], candidates: list[dict]) -> None:
        for rung in bracket:
            on_rung = [{**candidate, self.resource_: rung.n_resources} for candidate in candidates[: rung.n_candidates]]
            if not on_rung:  # none of the rung before has a score
                return
            first_row = pieces.n_rows
            try:
                for piece in pieces.budget.in_batches(on_rung, self._size_of_pieces(len(on_rung))):
                    columns = {"iter": rung.iter, "bracket": number, "n_resources": rung.n_resources}
                    pieces.evaluate(piece, **{name: [value] * len(piece) for name, value in columns.items()})
            finally:  # after Ctrl-C, too
                if n_evaluated := pieces.n_rows - first_row:
                    self.n_candidates_[number].append(n_evaluated)
                    self.n_resources_[number].append(rung.n_resources)
            if pieces.budget.is_spent:
                return
            candidates = [candidates[place] for place in self._best_first(pieces.results, first_row)]

    def _best_first(self, results: Mapping | None, first_row: int) -> list[int]:
        """Places of the candidates of the latest rung, from the best on; those without a score are left out."""
        if results is None:
            return []
        metric = deciding_metric(results, self.refit)
        scores = np.asarray(results[f"mean_test_{metric}"], dtype=float)[first_row:]
        places = np.argsort(-scores, kind="stable")
        return [int(place) for place in places if not np.isnan(scores[place])]

    def _best_row(self, refit: bool | str | Callable, metric: str, results: Mapping[str, Any]) -> int:
        """Of those that ran longest; if none of them has a score, of those that ran longest and have one."""
        scores = np.asarray(results[f"mean_test_{deciding_metric(results, refit)}"], dtype=float)
        resources = np.where(np.isfinite(scores), results["n_resources"], 0)
        rows = np.flatnonzero(resources == resources.max())
        longest = {
            name: [values[row] for row in rows] if isinstance(values, list) else values[rows]
            for name, values in results.items()
        }
        return int(rows[super()._best_row(refit, metric, longest)])
