"""Searches that work with any estimator, what watches their fits, and what can be read from their results."""

from .results import (
    CapacityCurve,
    ParameterImportance,
    ParameterScale,
    SearchDescription,
    capacity_curve,
    describe_search,
    one_standard_error,
    parameter_importance,
    search_results,
)
from .searches import BayesianSearchCV, CapacitySearchCV, CoarseToFineSearchCV, HyperbandSearchCV, RefitWith
from .watching import FitLogs, FitRecord, HistoryRecorder, LiveSearch, MedianPruner, SuccessiveHalvingPruner

__all__ = [
    "BayesianSearchCV",
    "CapacityCurve",
    "CapacitySearchCV",
    "CoarseToFineSearchCV",
    "FitLogs",
    "FitRecord",
    "HistoryRecorder",
    "HyperbandSearchCV",
    "LiveSearch",
    "MedianPruner",
    "ParameterImportance",
    "ParameterScale",
    "RefitWith",
    "SearchDescription",
    "SuccessiveHalvingPruner",
    "capacity_curve",
    "describe_search",
    "one_standard_error",
    "parameter_importance",
    "search_results",
]
