"""Callbacks that watch each fit of a running search: show it, keep and log its curves, stop it if it falls behind."""

from ._fit_logs import FitLogs
from ._history_recorder import HistoryRecorder
from ._kept_records import number_candidates, records_of_round, tell_watchers
from ._median_pruner import MedianPruner
from ._search_watcher import FitRecord
from ._successive_halving_pruner import SuccessiveHalvingPruner
from .live import LiveSearch, tell_plan

__all__ = [
    "FitLogs",
    "FitRecord",
    "HistoryRecorder",
    "LiveSearch",
    "MedianPruner",
    "SuccessiveHalvingPruner",
    "number_candidates",
    "records_of_round",
    "tell_plan",
    "tell_watchers",
]
