"""Members of a fit that are trained before it, to see how well an encoding does on the rows that they hold out.

Problem: to compare two encodings takes networks of each, as many as half of the fit itself. Choice: the networks tried
are members of the fit, with their seeds and their folds, so those with the encoding that is chosen are not trained a
second time. Not taken: the same through ``memory``, which compares all rows by their hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ...engine import TrainingResult
from ...specs import comparable_values
from .._rows import GivenRows


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
    """

    def __init__(self, new_estimator: Callable[[Any], Any], given: GivenRows, n_members: int) -> None:
        self._new_estimator, self._given, self.n_members = new_estimator, given, n_members
        self._results: dict[Any, dict[int, TrainingResult]] = {}

    def loss(self, encoding: Any, number: int) -> float:
        """That of the rows which a member holds out, without penalties, in its best epoch."""
        result = self._new_estimator(encoding)._trained_member(self._given, number)
        if not result.interrupted:
            self._results.setdefault(encoding, {})[number] = result
        return float(comparable_values(result.history.as_lists(), "val_loss")[result.best_epoch])

    def of(self, encoding: Any) -> Mapping[int, TrainingResult]:
        """What came of those with an encoding, by their numbers."""
        return MappingProxyType(self._results.get(encoding, {}))
