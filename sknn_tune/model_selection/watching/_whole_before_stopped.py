"""A candidate that a pruner has stopped is the best only where it scores more than all that ran to their end.

Stopped networks are scored as they are, so the scores in ``cv_results_`` are honest; an exception in their place
would make scikit-learn warn of failed fits, or fail. One that is ahead of all others all the same was stopped by
mistake: the few rows that a fit holds out rank candidates otherwise than the search does. Where scores are equal, as
on an easy table, a refit is to be of a candidate that was seen to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from ._search_watcher import WATCHES


class WholeBeforeStopped:
    """Stands before a search's own choice of the best candidate while it runs.

    It is pickled with the search, so it has the name of a `Watch` only.
    """

    def __init__(self, choose: Callable, watch: tuple[UUID, int]):
        self.choose = choose
        self.watch = watch

    def __call__(self, refit: Any, refit_metric: str, results: Mapping[str, Any]) -> int:
        pruned = {
            record.candidate for record in WATCHES[self.watch].records(len(results["params"])) if record.is_pruned
        }
        return self.choose(refit, refit_metric, _behind_whole(results, sorted(pruned)))


def ahead_of_whole(scores: np.ndarray, stopped: Sequence[int]) -> tuple[float | None, list[int]]:
    """The best score of a candidate that ran to its end, None if none has one, and those stopped that score more."""
    whole = np.delete(scores, stopped)
    if not np.isfinite(whole).any():
        return None, []
    best = float(np.nanmax(whole))
    return best, [row for row in stopped if scores[row] > best]


def _behind_whole(results: Mapping[str, Any], rows: list[int]) -> dict[str, Any]:
    """The results with some rows behind all others, but for those that score more than all others."""
    ranked = dict(results)
    for name in results:
        if name.startswith("mean_test_"):
            scores = np.array(results[name], dtype=float)
            best, ahead = ahead_of_whole(scores, rows)
            if best is not None:
                rank = "rank_" + name.removeprefix("mean_")
                behind = [row for row in rows if row not in ahead]
                scores[behind] = -np.inf
                ranks = np.array(results[rank])
                ranks[behind] += len(ranks)
                ranked |= {name: scores, rank: ranks}
    return ranked
