"""How many candidates a search will evaluate, and what each costs, as far as that is known while it runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Plan:
    """What a search means to do.

    Parameters
    ----------
    n_candidates : int
        Rows that ``cv_results_`` is to have.
    costs : tuple of float, default=None
        What each takes compared with the others. None: the same.
    n_before : int, default=0
        Candidates that an earlier process has evaluated.
    is_ladder : bool, default=False
        Whether each takes longer than the one before, and the search may end before the last.
    """

    n_candidates: int
    costs: tuple[float, ...] | None = None
    n_before: int = 0
    is_ladder: bool = False

    def cost(self, candidate: int) -> float:
        """Of the candidate in this row."""
        return 1.0 if self.costs is None or candidate >= len(self.costs) else float(self.costs[candidate])

    def total_cost(self) -> float:
        """Of all candidates that are to be evaluated in this process."""
        return sum(self.cost(row) for row in range(self.n_before, self.n_candidates))


def plan_of_rounds(search: Any, sizes: Sequence[int], n_rounds: int | None) -> Plan:
    """The plan of a search of scikit-learn, from the rounds that it has begun.

    Each round of a halving search has a part of the candidates of the one before, and more resources.
    """
    factor = getattr(search, "factor", None)
    if factor is None or n_rounds is None or not sizes:
        return Plan(sum(sizes))
    planned = list(sizes)
    while len(planned) < n_rounds:
        planned.append(math.ceil(planned[-1] / factor))
    grows = not getattr(search, "aggressive_elimination", False)
    costs = [float(factor) ** number if grows else 1.0 for number, size in enumerate(planned) for _ in range(size)]
    return Plan(sum(planned), tuple(costs))
