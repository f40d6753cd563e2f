"""Members of a fit that are trained before it, to see how well an encoding does on the rows that they hold out.

Problem: to compare two encodings takes networks of each, as many as half of the fit itself. Choice: the networks tried
are members of the fit, with their seeds and their folds, so those with the encoding that is chosen are not trained a
second time. Not taken: the same through ``memory``, which compares all rows by their hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from ..._held_back import held_back
from ...engine import Observer, TrainingResult, places_for_members, train_members
from ...specs import comparable_values
from .._fit_memory import train_or_recall
from .._rows import GivenRows
from .._run import Run


class TriedMembers:
    """Members by the encoding that they were trained with.

    Parameters
    ----------
    new_estimator : callable
        ``new_estimator(encoding)`` makes the estimator that is fitted, with its rows encoded so.
    given : GivenRows
        Of the fit.
    n_members : int
        How many the fit has.
    memory : None, path or joblib.Memory
        Of the fit.
    """

    def __init__(self, new_estimator: Callable[[Any], Any], given: GivenRows, n_members: int, memory: Any) -> None:
        self._new_estimator, self._given, self.n_members, self._memory = new_estimator, given, n_members, memory
        self._results: dict[Any, dict[int, TrainingResult]] = {}

    def losses(self, encodings: Sequence[Any], number: int) -> list[float]:
        """What a member loses with each on the rows that it holds out, without penalties, in its best epoch."""
        runs = [self._new_estimator(encoding)._run_of_member(self._given, number) for encoding in encodings]
        if not runs:
            return []
        first = runs[0]
        with places_for_members(first.job, engine=first.engine, device=first.device) as n_at_once:
            found = train_members([partial(self._train, run) for run in runs], n_at_once=n_at_once)
        losses = []
        for encoding, result in zip(encodings, found, strict=True):
            if result is None or result.interrupted:
                raise KeyboardInterrupt
            self._results.setdefault(encoding, {})[number] = result
            losses.append(float(comparable_values(result.history.as_lists(), "val_loss")[result.best_epoch]))
        return losses

    def _train(self, run: Run, attendants: Sequence[Observer]) -> TrainingResult:
        with held_back(UserWarning):  # in its own thread
            return train_or_recall(self._memory, run.ended_by(attendants))

    def of(self, encoding: Any) -> Mapping[int, TrainingResult]:
        """What came of those with an encoding, by their numbers."""
        return MappingProxyType(self._results.get(encoding, {}))
