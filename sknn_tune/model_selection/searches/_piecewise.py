"""Searches that decide from the results so far what to evaluate next.

scikit-learn's ``evaluate_candidates`` may be called again and again, but it takes each call for a search of
its own in two respects:

- It splits anew. `SameFolds` does not.
- It raises if all fits of the call fail, and forgets them. Of a call with one candidate that cannot be
  fitted, that is always so, whereas ``RandomizedSearchCV`` lists such a candidate with ``error_score`` and
  goes on. So the failed candidates are kept here and put where they belong in ``cv_results_``. To evaluate
  them once more, along with others that do not fail, would need no knowledge of the results of single fits,
  but would pay for the slowest of all failures, running out of memory, twice.
"""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.exceptions import FitFailedWarning

from ..._compat.scikit_learn_searches import begin_task, end_task, running_search, says_all_failed
from ..._held_back import held_back
from ..results import deciding_metric
from ..watching import tell_plan
from ._budget import Budget
from ._folds import SameFolds
from ._saying_once import saying_once
from ._sequential import SequentialSearchCV
from ._space_in_words import listed
from ._without_effect import looked_over

#: How an object gets from ``evaluate_candidates`` to ``_results_of`` without being an attribute of the
#: search, which is sent to the worker processes.
_PIECES = "_pieces"


class PiecewiseSearchCV(SequentialSearchCV):
    """A search that says in ``_search`` what to evaluate, piece by piece."""

    @abstractmethod
    def _search(self, pieces: Pieces) -> None:
        """Call ``pieces.evaluate`` until there is nothing more to evaluate."""

    #: Whether each candidate takes longer than the one before.
    _is_ladder = False

    def _costs(self) -> Sequence[float] | None:
        """What each candidate takes compared with the others; None: the same, or not known."""
        return None

    @abstractmethod
    def _look_over(self) -> None:
        """Refuse or warn of what can be seen before the first fit."""

    @abstractmethod
    def _n_planned(self) -> int:
        """At most so many candidates."""

    @abstractmethod
    def _n_pieces(self) -> int:
        """At most so many calls of ``pieces.evaluate``."""

    def _run_search(self, evaluate_candidates: Callable, *, callback_ctx: Any = None) -> None:
        self._look_over()
        pieces = Pieces(self, evaluate_candidates, callback_ctx, self._n_planned(), self._n_pieces())
        with self._ending_early(lambda: pieces.results is not None):
            self._search(pieces)
        pieces.budget.close_line()
        pieces.require_results()
        pieces.close()

    def _results_of(self, candidates: list[dict], n_splits: int, fits: list[dict], columns: Mapping | None) -> dict:
        columns = dict(columns or {})
        pieces = columns.pop(_PIECES)[0]
        return pieces.formatted(super()._results_of, candidates, n_splits, fits, columns)


@dataclass(frozen=True)
class _Failed:
    """A candidate none of whose fits could be made, and where it stands among all."""

    row: int
    candidate: dict
    columns: dict
    seconds: float

    def fits(self, example: dict, n_splits: int, error_score: float) -> list[dict]:
        """What scikit-learn would have noted of each fold, in the form that it has for another fit."""
        scores = {
            name: dict.fromkeys(value, error_score) if isinstance(value, dict) else error_score
            for name, value in example.items()
            if name in {"test_scores", "train_scores"}
        }
        return [{**example, **scores, "fit_time": self.seconds / n_splits, "score_time": 0.0}] * n_splits


class Pieces:
    """One run of a search: its results so far, its time, and its place among scikit-learn's callbacks.

    ``estimator`` is the copy that belongs to this run: what is set on it holds for every candidate from then on.
    """

    def __init__(
        self, search: Any, evaluate_candidates: Callable, callback_ctx: Any, n_planned: int, n_pieces: int
    ) -> None:
        self.results: dict | None = None
        costs = search._costs()
        self.budget = Budget(search.timeout, int(search.verbose), n_planned, search._is_ladder, costs).start()
        tell_plan(callback_ctx, n_planned, costs=costs, is_ladder=search._is_ladder)
        self._search = search
        spaces = listed(getattr(search, "param_distributions", {}))
        self._evaluate_candidates = saying_once(evaluate_candidates, looked_over(spaces))
        running = running_search(search, evaluate_candidates)
        self.estimator = running.estimator
        self._folds = SameFolds(running.cv)
        self._failed: list[_Failed] = []
        self._failure: ValueError | None = None
        self.n_rows = 0
        self._context = begin_task(search, callback_ctx, task_name="search", max_subtasks=n_pieces)

    def evaluate(self, candidates: list[dict], **columns: list) -> None:
        """Evaluate, add to the results, and report progress. ``columns`` have a value per candidate."""
        start = time.monotonic()
        try:
            self.results = self._evaluated(candidates, columns)
        except ValueError as error:
            if self._search.error_score == "raise" or not says_all_failed(error):
                raise
            self._note_failure(error, candidates, columns, (time.monotonic() - start) / len(candidates))
        self.n_rows += len(candidates)
        if self.results is not None:
            self.budget.report(self.results, deciding_metric(self.results, self._search.refit))

    def require_results(self) -> None:
        """Raise, as scikit-learn does, if all fits have failed."""
        if self.results is None and self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Say what is to be said of the results as a whole, and tell scikit-learn's callbacks that it is over."""
        self._format_all()
        end_task(self._search, self._context)

    def formatted(self, format_results: Callable, candidates: list, n_splits: int, out: list, columns: dict) -> dict:
        """All results so far, with the failed candidates among them."""

        def format_all() -> dict:
            all_candidates, all_out = list(candidates), list(out)
            all_columns = {name: list(values) for name, values in columns.items()}
            for failed in self._failed:  # in the order of their rows
                row = failed.row
                all_candidates.insert(row, failed.candidate)
                all_out[row * n_splits : row * n_splits] = failed.fits(out[0], n_splits, self._search.error_score)
                for name, values in all_columns.items():
                    values.insert(row, failed.columns[name])
            return format_results(all_candidates, n_splits, all_out, all_columns)

        self._format_all = format_all
        with held_back():  # of scores that are not finite, `close` warns once
            return format_all()

    def _evaluated(self, candidates: list[dict], columns: dict) -> dict:
        more = {**columns, _PIECES: [self]}
        return self._search._evaluate_batch(
            self._evaluate_candidates, candidates, "piece", self._context, cv=self._folds, more_results=more
        )

    def _note_failure(self, error: ValueError, candidates: list[dict], columns: dict, seconds: float) -> None:
        self._failure = error
        for index, candidate in enumerate(candidates):
            values = {name: values[index] for name, values in columns.items()}
            self._failed.append(_Failed(self.n_rows + index, candidate, values, seconds))
        if self.results is not None:
            # scikit-learn keeps this very dict as ``cv_results_``, and there may be no further call to renew it.
            self.results.update(self._format_all())
        reason = str(error).strip().replace("\nIt is very likely that your model is misconfigured.", "")
        warnings.warn(
            f"{reason}\nTheir score is set to {self._search.error_score}, and the search goes on.",
            FitFailedWarning,
            stacklevel=2,
        )
