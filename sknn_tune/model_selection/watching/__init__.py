"""Callbacks that watch every fit of a running search, keep its curves, log them, and stop it where it falls behind."""

from ._fit_logs import FitLogs
from ._history_recorder import HistoryRecorder
from ._kept_records import number_candidates, records_of_round, tell_watchers
from ._median_pruner import MedianPruner
from ._search_watcher import FitRecord
from ._successive_halving_pruner import SuccessiveHalvingPruner

__all__ = [
    "FitLogs",
    "FitRecord",
    "HistoryRecorder",
    "MedianPruner",
    "SuccessiveHalvingPruner",
    "number_candidates",
    "records_of_round",
    "tell_watchers",
]
