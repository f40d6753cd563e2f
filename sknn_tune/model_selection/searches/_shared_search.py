"""What one of several workers does for a search that they share: claim, evaluate, hand in, until all is finished."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ..watching import number_candidates, records_of_round, tell_watchers
from ._budget import Budget
from ._ledger import Ledger
from ._shared_study import Claimed, Finished, SharedStudy

#: How long to wait before seeing again whether others are done, where there is nothing left to claim: at first, at
#: last, and as a part of the lease. Each wait is twice the one before.
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.02, 1.0
_WAITS_PER_LEASE = 10


class SharedSearch:
    """One worker of a search.

    Parameters
    ----------
    study : SharedStudy
        Where candidates are claimed and handed in.
    ledger : Ledger
        Its entries are, after each batch, all finished candidates of all workers.
    budget : Budget
        When to begin no more.
    evaluate : callable
        ``evaluate(candidates)`` adds their fits to the ledger.
    context : sklearn.callback.CallbackContext or None
        The task of the search.
    """

    def __init__(
        self,
        study: SharedStudy,
        ledger: Ledger,
        budget: Budget,
        evaluate: Callable[[list[dict]], None],
        context: Any,
    ) -> None:
        self._study = study
        self._ledger = ledger
        self._budget = budget
        self._evaluate = evaluate
        self._context = context
        #: For each batch of this worker, the places of its candidates; None for one that another worker took over.
        self._batches: list[list[int | None]] = []

    def run(self, n_iter: int, batch_size: int, lease: float) -> None:
        """Work until all is finished, or the time is spent."""
        self._refill()
        self._budget.go_on_from(len(self._ledger))
        longest_wait = min(_LONGEST_WAIT_SECONDS, lease / _WAITS_PER_LEASE)
        wait = _FIRST_WAIT_SECONDS
        try:
            while not self._budget.is_spent and not self._study.is_over(n_iter):
                batch = self._claimed(n_iter, batch_size)
                if batch:
                    self._work_on(batch)
                    wait = _FIRST_WAIT_SECONDS
                else:
                    time.sleep(min(wait, longest_wait))
                    wait *= 2
        finally:  # interrupted, it ends with what is finished
            self._tell_watchers(self._refill())

    def _claimed(self, n_iter: int, batch_size: int) -> list[Claimed]:
        batch: list[Claimed] = []
        while len(batch) < batch_size and (claimed := self._study.claim(n_iter)):
            batch.append(claimed)
        return batch

    def _work_on(self, batch: list[Claimed]) -> None:
        n_before = len(self._ledger)
        at_work = list(batch)
        places: list[int | None] = [None] * len(batch)
        self._batches.append(places)
        try:
            number_candidates(self._context, [claimed.place for claimed in batch])
            self._evaluate([claimed.params for claimed in batch])
            watched = records_of_round(self._context, len(self._batches) - 1) or [[] for _ in batch]
            for row, claimed in enumerate(batch):
                at_work.remove(claimed)
                value = float(np.mean(self._ledger.scores_of(n_before + row)))
                if self._study.hand_in(claimed, value, self._ledger.fits_of(n_before + row), watched[row]):
                    places[row] = claimed.place
        finally:
            for claimed in at_work:
                self._study.give_back(claimed)
        self._refill()
        if len(self._ledger):
            self._budget.report(*self._ledger.progress())

    def _refill(self) -> dict[int, Finished]:
        finished = self._study.finished()
        self._ledger.refill((candidate.params, candidate.fits) for candidate in finished.values())
        return finished

    def _tell_watchers(self, finished: dict[int, Finished]) -> None:
        row_of = {place: row for row, place in enumerate(finished)}
        rows = [[None if place is None else row_of[place] for place in batch] for batch in self._batches]
        own = {place for batch in self._batches for place in batch}
        elsewhere = {row_of[place]: candidate.watched for place, candidate in finished.items() if place not in own}
        tell_watchers(self._context, rows, elsewhere)
