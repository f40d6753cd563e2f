"""The view of one running search, in the process of the search."""

from __future__ import annotations

import time
from collections.abc import Container, Sequence
from typing import Any
from uuid import UUID

from ...._compat.scikit_learn import REFIT_TASK
from .._questions import Address, close_line
from .._search_watcher import WATCHES
from .._where_to_listen import VARIABLE
from ._events import FitBegan, FitOver
from ._outputs import output_for
from ._plan import Plan
from ._progress import Progress
from ._refreshing import Refreshing
from ._snapshot import Snapshot

#: The numbers of a task and of those above it in scikit-learn's tree, from the top.
Place = tuple[int, ...]


def numbers(context: Any) -> Place:
    """Where a task is in the tree. A search within a search has a place of its own in the tree of the outer one."""
    above = () if context.parent is None else numbers(context.parent)
    return (*above, context.task_id)


def place_above(context: Any, known: Container[tuple[UUID, Place]]) -> tuple[UUID, Place] | None:
    """The nearest task above, or this one, that is known: that of the search to which the task belongs."""
    place = numbers(context)
    for end in range(len(place), 0, -1):
        if (found := (context.root_uuid, place[:end])) in known:
            return found
    return None


class View:
    """What is known of a running search, and where it is shown.

    Parameters
    ----------
    search : estimator
    context : sklearn.callback.CallbackContext
        Its task.
    n_latest, refresh_seconds, output
        As for `LiveSearch`.
    """

    def __init__(self, search: Any, context: Any, n_latest: int, refresh_seconds: float, output: str):
        self._search = search
        self._root = context.root_uuid
        self._failure: Exception | None = None
        self.progress = Progress(search, n_latest, self._is_pruned_in, time.monotonic)
        self._refreshing = Refreshing(output_for(output), self.progress.snapshot, refresh_seconds)
        #: Where its fits report, once that is open.
        self.address: Address | None = None

    def answer(self, message: FitBegan | FitOver) -> None:
        """Take in what a fit reports, from any thread. What goes wrong here is no fault of the fit."""
        try:
            if isinstance(message, FitBegan):
                self.progress.fit_began(message)
            else:
                self.progress.fit_over(message)
        except Exception as error:
            self._failure = error
        self._refreshing.note()

    def task_began(self, context: Any) -> None:
        """Hear of another task of the search."""
        if context.task_name == REFIT_TASK:
            self.progress.refit_began()
        elif not context.sequential_subtasks and context.max_subtasks:
            is_halving = hasattr(self._search, "aggressive_elimination")
            n_rounds = context.parent.max_subtasks if is_halving and context.parent is not None else None
            self.progress.round_begun(numbers(context), context.max_subtasks, n_rounds)
        self._refreshing.note()

    def search_ended(self) -> None:
        """Hear that the search has its results."""
        try:
            self.progress.chosen()
        except Exception as error:
            self._failure = error
        self.progress.over("interrupted" if getattr(self._search, "_is_interrupted", False) else "finished")

    def close(self, error: BaseException | None) -> Snapshot:
        """Show how it ended. ``error`` is what ended it, if nothing else is known."""
        if self.address is not None:
            close_line(self.address)
        is_interrupt = isinstance(error, KeyboardInterrupt)
        self.progress.over("interrupted" if is_interrupt else f"ended by {type(error).__name__}" if error else "ended")
        self._refreshing.close()
        return self.progress.snapshot()

    def complaints(self) -> list[str]:
        """What the view has to say about itself, in sentences without a subject."""
        found = []
        if (failure := self._refreshing.failure) is not None:
            found.append(
                f"could not draw any more: {type(failure).__name__}: {failure}. The search went on without it."
            )
        if self._failure is not None:
            found.append(
                f"has lost count: {type(self._failure).__name__}: {self._failure}. The results are not affected."
            )
        snapshot = self.progress.snapshot()
        if snapshot.state == "finished" and (n_unheard := self.progress.n_unheard()) > 0:
            found.append(
                f"has not heard of {n_unheard} of {n_unheard + snapshot.n_fits} fits. If workers are on other "
                "machines, give an address of the search's machine that they can reach, by 'address' of LiveSearch or "
                f"by the environment variable {VARIABLE}."
            )
        return found

    def _is_pruned_in(self, round_: Place, task: int) -> bool:
        watches = [watch for (root, _), watch in list(WATCHES.items()) if root == self._root]
        return any(watch.is_pruned_in(round_, task) for watch in watches)


#: The views of searches that run in this process.
VIEWS: dict[tuple[UUID, Place], View] = {}


def tell_plan(
    context: Any,
    n_candidates: int,
    *,
    costs: Sequence[float] | None = None,
    n_before: int = 0,
    is_ladder: bool = False,
) -> None:
    """Let live views know what a search means to do.

    Parameters
    ----------
    context : sklearn.callback.CallbackContext or None
        The task of the search.
    n_candidates : int
        Rows that ``cv_results_`` is to have, at most.
    costs : sequence of float, default=None
        What each takes compared with the others. None: the same.
    n_before : int, default=0
        Candidates that an earlier process has evaluated.
    is_ladder : bool, default=False
        Whether each takes longer than the one before, and the search may end before the last.
    """
    view = None if context is None else VIEWS.get((context.root_uuid, numbers(context)))
    if view is not None:
        view.progress.planned(Plan(n_candidates, None if costs is None else tuple(costs), n_before, is_ladder))
