"""The best candidate of a search is one that no pruner has stopped.

Stopped networks are scored as they are, so the scores in ``cv_results_`` are honest; an exception in their place
would make scikit-learn warn of failed fits, or fail. But their scores are of other networks than a refit would
give, and on an easy table one of them may be highest. So a candidate that was stopped is passed over
when the search chooses the best, as long as another ran to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import numpy as np

from ._search_watcher import WATCHES


class BestAmongWhole:
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
        return self.choose(refit, refit_metric, _ranked_last(results, sorted(pruned)))


def _ranked_last(results: Mapping[str, Any], rows: list[int]) -> dict[str, Any]:
    """The results with some rows behind all others, unless those have no score."""
    ranked = dict(results)
    for name in results:
        if name.startswith("mean_test_"):
            scores = np.array(results[name], dtype=float)
            if np.isfinite(np.delete(scores, rows)).any():
                rank = "rank_" + name.removeprefix("mean_")
                scores[rows] = -np.inf
                ranks = np.array(results[rank])
                ranks[rows] += len(ranks)
                ranked |= {name: scores, rank: ranks}
    return ranked
