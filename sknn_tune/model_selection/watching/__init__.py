"""Callbacks that watch every fit of a running search, show it, keep its curves, and stop it where it falls behind."""

from ._history_recorder import HistoryRecorder
from ._kept_records import records_of_round, tell_watchers
from ._median_pruner import MedianPruner
from ._search_watcher import FitRecord
from ._successive_halving_pruner import SuccessiveHalvingPruner
from .live import LiveSearch, tell_plan

__all__ = [
    "FitRecord",
    "HistoryRecorder",
    "LiveSearch",
    "MedianPruner",
    "SuccessiveHalvingPruner",
    "records_of_round",
    "tell_plan",
    "tell_watchers",
]
