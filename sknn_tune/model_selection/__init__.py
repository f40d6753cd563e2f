"""Searches that work with any estimator, by scikit-learn's own ``BaseSearchCV``, and what watches them."""

from ._bayesian import BayesianSearchCV
from ._capacity import CapacitySearchCV
from ._coarse_to_fine import CoarseToFineSearchCV
from ._history_recorder import HistoryRecorder
from ._median_pruner import MedianPruner
from ._one_standard_error import one_standard_error
from ._results import search_results
from ._successive_halving_pruner import SuccessiveHalvingPruner

__all__ = [
    "BayesianSearchCV",
    "CapacitySearchCV",
    "CoarseToFineSearchCV",
    "HistoryRecorder",
    "MedianPruner",
    "SuccessiveHalvingPruner",
    "one_standard_error",
    "search_results",
]
