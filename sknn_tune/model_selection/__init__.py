"""Searches, and what watches them, for any scikit-learn estimator or pipeline."""

from ._history_recorder import HistoryRecorder
from ._median_pruner import MedianPruner
from ._results import search_results
from ._successive_halving_pruner import SuccessiveHalvingPruner

__all__ = [
    "HistoryRecorder",
    "MedianPruner",
    "SuccessiveHalvingPruner",
    "search_results",
]
