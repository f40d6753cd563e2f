"""Searches that work with any estimator, by scikit-learn's own ``BaseSearchCV``, and what watches them."""

from ._bayesian import BayesianSearchCV
from ._capacity import CapacitySearchCV
from ._coarse_to_fine import CoarseToFineSearchCV
from ._description import describe_search
from ._history_recorder import HistoryRecorder
from ._median_pruner import MedianPruner
from ._one_standard_error import one_standard_error
from ._parameter_importance import parameter_importance
from ._results import search_results
from ._successive_halving_pruner import SuccessiveHalvingPruner

__all__ = [
    "BayesianSearchCV",
    "CapacitySearchCV",
    "CoarseToFineSearchCV",
    "HistoryRecorder",
    "MedianPruner",
    "SuccessiveHalvingPruner",
    "describe_search",
    "one_standard_error",
    "parameter_importance",
    "search_results",
]
