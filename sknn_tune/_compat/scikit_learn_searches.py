"""scikit-learn's searches: what of them is private.

`BaseSearchCV` is taken as it is: the documented base of every search, of which only the subclasses are exported. It was
seen in its module from 1.6 to 1.9; if it moves, the import fails at once.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from joblib import effective_n_jobs
from sklearn.model_selection import RandomizedSearchCV
from sklearn.model_selection._search import BaseSearchCV

from .._held_back import put_filter
from ..tables import refuse_broken_sparse
from .joblib import workers_end_at_sigterm
from .scikit_learn import CallbackSupportMixin

__all__ = [
    "BaseSearchCV",
    "Evaluation",
    "HookedSearchCV",
    "RunningSearch",
    "begin_task",
    "choose_as_before",
    "choose_by",
    "drop_task",
    "end_task",
    "evaluation_under_way",
    "listed_folds",
    "require_metric_to_refit_by",
    "running_search",
    "says_all_failed",
    "silence_about_steps_without_callbacks",
]


class _NoBestEstimator:
    """Says why a search has no ``best_estimator_``, as long as it has none."""

    def __get__(self, search: Any, owner: type | None = None) -> Any:
        if search is None:
            return self
        why = ""
        if search.refit and "cv_results_" in vars(search):
            why = (
                ": it was interrupted before the best candidate was fitted on all rows. Fit that yourself, "
                "clone(search.estimator).set_params(**search.best_params_), or call fit again, which goes on where it "
                "stopped if the search has a 'storage'."
            )
        raise AttributeError(f"{type(search).__name__!r} object has no attribute 'best_estimator_'{why}")


class HookedSearchCV(CallbackSupportMixin, BaseSearchCV):
    """A search of scikit-learn, with names of ours for what its ``fit`` asks of itself.

    ``_run_search`` is the documented hook of a search; the two that are renamed here are private. Both have the same
    arguments from 1.6 to 1.9. Without ``_format_results``, candidates of which every fit failed would be missing in
    ``cv_results_``; without ``_select_best_index``, a search would choose the highest score, whatever it says of
    itself.
    """

    best_estimator_: Any = _NoBestEstimator()

    #: Whether Ctrl-C has ended the search.
    _is_interrupted = False
    #: What the search has of its results, should it be ended.
    _seen_results: Mapping[str, Any] | None

    refit: Any
    cv_results_: Any

    def fit(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Run fit with all sets of parameters.

        Ctrl-C ends it with a ``KeyboardInterrupt``, after which ``cv_results_``, ``best_params_`` and their like are
        those of the candidates that were finished; the best of them is not fitted on all rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            What is to be predicted.
        **params
            For the ``fit`` of the estimator, the scorer and the splitter, as in scikit-learn.

        Returns
        -------
        self : search
            The fitted search.
        """
        refuse_broken_sparse(X, "X")  # before anybody takes rows out of them
        refuse_broken_sparse(y, "y")
        refit, self._seen_results = self.refit, None
        try:
            with workers_end_at_sigterm() if _has_workers(self.n_jobs) else nullcontext():
                # By way of the public class: MLflow and its like watch searches by patching it there.
                RandomizedSearchCV.fit(self, X, y, **params)
        except KeyboardInterrupt:  # in the refit, or before a candidate was finished
            if self._seen_results is None:
                raise
            self._is_interrupted, self.cv_results_ = True, self._seen_results
        except Exception as error:
            if self._is_interrupted:  # by a choice of the user's own, which cannot choose from so few candidates
                raise KeyboardInterrupt from error
            raise
        finally:
            is_interrupted = self.__dict__.pop("_is_interrupted", False)
            self.refit = refit
            del self._seen_results
        if is_interrupted:
            for name in ("best_estimator_", "refit_time_"):  # of the refit, or of a search before
                self.__dict__.pop(name, None)
            raise KeyboardInterrupt(
                f"The search was interrupted after {len(self.cv_results_['params'])} candidates, whose results it has; "
                "the best of them is not fitted on all rows."
            )
        return self

    @contextmanager
    def _ending_early(self, has_results: Callable[[], bool]) -> Iterator[None]:
        """Ctrl-C inside ends the search with what it has: the block is left as if it were done.

        Only if ``has_results`` says that there is something.
        """
        try:
            yield
        except KeyboardInterrupt:
            if not has_results():
                raise
            self._is_interrupted = True

    def _results_of(self, candidates: list[dict], n_splits: int, fits: list[dict], columns: Mapping | None) -> dict:
        """What is to become ``cv_results_``; asked for again whenever candidates were evaluated."""
        return super()._format_results(candidates, n_splits, fits, columns)

    def _best_row(self, refit: Any, metric: str, results: Mapping[str, Any]) -> int:
        """Row of the candidate to choose."""
        return super()._select_best_index(refit, metric, results)

    def _format_results(
        self, candidate_params: list[dict], n_splits: int, out: list[dict], more_results: Mapping | None = None
    ) -> dict:
        return self._results_of(candidate_params, n_splits, out, more_results)

    def _select_best_index(self, refit: Any, refit_metric: str, results: Mapping[str, Any]) -> int:
        row = self._best_row(refit, refit_metric, results)
        self._seen_results = results
        if self._is_interrupted:  # the next that `fit` would do is to fit the best candidate
            self.refit = _NoRefit() if callable(refit) else False
        return row


def _has_workers(n_jobs: Any) -> bool:
    """Whether a search runs fits elsewhere; what may not be ``n_jobs`` at all, ``fit`` refuses."""
    return n_jobs != 0 and isinstance(n_jobs, Integral | None) and effective_n_jobs(n_jobs) > 1


class _NoRefit:
    """Stands for a function given as ``refit`` when there is to be no refit; a function gives no ``best_score_``."""

    def __call__(self, results: Mapping[str, Any]) -> int:
        raise NotImplementedError("the best candidate is chosen already")

    def __bool__(self) -> bool:
        return False


# MLflow logs the candidates of what is one of the two public searches. It is an abstract class, so this says so without
# parameters that some of ours do not have.
RandomizedSearchCV.register(HookedSearchCV)


def choose_by(search: Any, stand_before: Callable[[Callable[..., int]], Callable[..., int]]) -> None:
    """Let ``stand_before(choice)`` choose the best candidate of any search, instead of its own ``choice``.

    There is no public way: the choice comes before any hook that sees the results, and ``refit`` as a function would
    take ``best_score_`` from the user. ``_select_best_index(refit, metric, results)`` was seen from 1.6 to 1.9. If it
    goes, this raises an AttributeError when the search begins.
    """
    search._select_best_index = stand_before(search._select_best_index)


def choose_as_before(search: Any) -> None:
    """Take away what `choose_by` has put there."""
    vars(search).pop("_select_best_index", None)


def require_metric_to_refit_by(search: Any, metrics: list[str]) -> None:
    """Raise scikit-learn's error if there are several metrics and ``refit`` names none of them.

    Its ``fit`` asks the same, of a ``scoring`` that is a function only at the end, when all has been paid for. Seen as
    ``_check_refit_for_multimetric`` from 1.6 to 1.9. If it is gone, ``fit`` raises later.
    """
    check = getattr(search, "_check_refit_for_multimetric", None)
    if check is not None:
        check(metrics)


@dataclass(frozen=True)
class RunningSearch:
    """What ``fit`` of a search holds in its local variables while it runs.

    Attributes
    ----------
    candidates : list of dict
        Parameters of the candidates so far: the very list, to which entries can be added.
    fits : list of dict
        Scores, seconds and error of every fit: all folds of the first candidate, then of the second, ...
    X, y : array-like
        The data.
    cv : splitter
        What ``cv`` stands for.
    n_splits : int
        Fits of each candidate.
    metadata : dict
        What else was given to ``fit``, by who gets it: ``{"estimator.fit.sample_weight": ...}``.
    estimator : estimator
        Its own copy of the estimator, of which every fit gets a copy, and so does the refit.
    set_results : callable
        Gives ``fit`` the results to go on with.
    """

    candidates: list[dict]
    fits: list[dict]
    X: Any
    y: Any
    cv: Any
    n_splits: int
    metadata: dict[str, Any]
    estimator: Any
    set_results: Callable[[dict], None]


def running_search(search: Any, evaluate_candidates: Callable) -> RunningSearch:
    """Look into the ``fit`` of a search that has called ``_run_search(evaluate_candidates)``.

    The function that ``fit`` hands over holds its variables in a closure, under names that are the same from 1.6 to
    1.9, except that ``cv_orig`` has become the attribute ``_checked_cv_orig``. If one is gone, this says which.
    """
    names = evaluate_candidates.__code__.co_freevars
    cells = dict(zip(names, evaluate_candidates.__closure__ or (), strict=True))
    needed = {"all_candidate_params", "all_out", "X", "y", "routed_params", "results", "base_estimator"}
    if missing := sorted(needed - cells.keys()):
        from sklearn import __version__

        raise RuntimeError(
            f"scikit-learn {__version__} keeps the candidates of a search elsewhere than known here (no variable "
            f"{', '.join(missing)} in BaseSearchCV.fit). Install a version that this package allows."
        )
    X, y, routed = (cells[name].cell_contents for name in ("X", "y", "routed_params"))
    cv = cells["cv_orig"].cell_contents if "cv_orig" in cells else search._checked_cv_orig

    def set_results(results: dict) -> None:
        cells["results"].cell_contents = results

    return RunningSearch(
        candidates=cells["all_candidate_params"].cell_contents,
        fits=cells["all_out"].cell_contents,
        X=X,
        y=y,
        cv=cv,
        n_splits=cv.get_n_splits(X, y, **routed.splitter.split),
        metadata={
            f"{consumer}.{method}.{name}": value
            for consumer, method in (("estimator", "fit"), ("splitter", "split"), ("scorer", "score"))
            for name, value in routed[consumer][method].items()
            if value is not None
        },
        estimator=cells["base_estimator"].cell_contents,
        set_results=set_results,
    )


def says_all_failed(error: ValueError) -> bool:
    """Whether scikit-learn raised it because no fit of a call could be made, and not one of the fits themselves.

    Known by how its text begins, from 1.6 to 1.9. With another text, a search ends at the first batch of which every
    fit fails.
    """
    return str(error).startswith("\nAll the ")


def listed_folds(cv: Any) -> list | None:
    """The folds of the wrapper that scikit-learn makes of a list of folds; None for every other splitter.

    The wrapper is private and says nothing of them in its ``repr``. Its attribute ``cv`` was seen from 1.6 to 1.9. If
    it is gone, a search that goes on with other folds is not noticed.
    """
    folds = getattr(cv, "cv", None)
    return folds if isinstance(folds, list) else None


def begin_task(search: Any, parent: Any, **subtask: Any) -> Any:
    """A task within ``parent`` for the callbacks of scikit-learn >= 1.9; None before, where there is no parent."""
    return None if parent is None else parent.subcontext(**subtask).call_on_fit_task_begin(estimator=search)


def drop_task(context: Any) -> None:
    """Take a task that was interrupted out of the tree, in which there is a task for each row of the results.

    ``_children_map`` was seen in 1.9. Without it, watchers would count fits of candidates that are not in the results.
    """
    if context is not None:
        context.parent._children_map.pop(context.task_id, None)


def end_task(search: Any, context: Any) -> None:
    """Tell the callbacks that it is over."""
    if context is not None:
        context.call_on_fit_task_end(estimator=search)


def silence_about_steps_without_callbacks() -> Callable[[], None]:
    """Silence the warning that a step, such as a ``ColumnTransformer``, passes no callbacks on.

    scikit-learn gives it in every fit of a search. It is of no concern to those who watch networks: whether any was
    seen is known at the end, and said then. scikit-learn takes the filters that hold in the process of the search
    along to its workers, so it is silenced in all threads. The text is that of 1.9; with another one, the warnings are
    seen.

    Returns
    -------
    speak_again : callable
        Takes the filter away.
    """
    return put_filter(UserWarning, re.compile(r"The estimator \w+ does not support callbacks"))


@dataclass(frozen=True)
class Evaluation:
    """What scikit-learn holds while it fits and scores a candidate in a fold.

    Attributes
    ----------
    estimator : estimator
        What is being fitted.
    parameters : dict
        Those of the candidate.
    scores : float or dict or None
        What the scorers gave; None if nothing is scored yet.
    error : str or None
        Kind and first line of the error that ended the fit.
    is_interrupted : bool
        Whether it ends by what is no error of the fit, such as Ctrl-C.
    """

    estimator: Any
    parameters: Mapping[str, Any]
    scores: Any = None
    error: str | None = None
    is_interrupted: bool = False


#: How far above a hook of a callback the function stands that fits and scores: three calls in 1.9.
_NEAREST_CALLS = 10


def evaluation_under_way() -> Evaluation | None:
    """Within a hook of a callback: the fit of a search about which it is called.

    scikit-learn calls the hooks of a search before a candidate is fitted in a fold and after it is scored, in whatever
    process that is, but hands over neither the estimator nor the score. Both are local variables of the function that
    calls, ``_fit_and_score``, and are only read there. The names are those of 1.9; of what is gone, nothing is said:
    None, or no score. Not taken: a callback that scikit-learn hands on to the estimators. That one is given the
    estimator, but not the score, and a network with callbacks reports every epoch and does not go on from where an
    earlier fit ended.
    """
    frame = sys._getframe(1)
    for _ in range(_NEAREST_CALLS):
        if frame.f_code.co_name == "_fit_and_score" and frame.f_globals.get("__name__", "").startswith("sklearn."):
            return _evaluation(frame.f_locals)
        if frame.f_back is None:
            break
        frame = frame.f_back
    return None


def _evaluation(known: Mapping[str, Any]) -> Evaluation | None:
    if "estimator" not in known:
        return None
    what = {"estimator": known["estimator"], "parameters": known.get("parameters") or {}}
    result = known.get("result")
    if isinstance(result, Mapping) and "fit_error" not in result and "test_scores" not in known:
        raised = sys.exc_info()[1]  # error_score="raise", or what is no Exception
        is_error = isinstance(raised, Exception)
        return Evaluation(
            **what, error=f"{type(raised).__name__}: {raised}" if is_error else None, is_interrupted=not is_error
        )
    trace = result.get("fit_error") if isinstance(result, Mapping) else None
    return Evaluation(**what, scores=known.get("test_scores"), error=_last_line(trace) if trace else None)


def _last_line(trace: str) -> str:
    """Of a traceback as text, the first line of what the error says: that after the last place in the code."""
    lines = trace.splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    said = [line for line in lines[places[-1] if places else 0 :] if line and not line[0].isspace()]
    return re.sub(r"^(\w+\.)+(?=\w+(:|$))", "", said[0]) if said else trace.strip()
