"""Searches that work with any estimator, by scikit-learn's own ``BaseSearchCV``."""

from ._bayesian import BayesianSearchCV
from ._capacity import CapacitySearchCV
from ._coarse_to_fine import CoarseToFineSearchCV
from ._one_standard_error import one_standard_error

__all__ = [
    "BayesianSearchCV",
    "CapacitySearchCV",
    "CoarseToFineSearchCV",
    "one_standard_error",
]
