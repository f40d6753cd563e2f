"""Searches that work with any estimator, by scikit-learn's own ``BaseSearchCV``."""

from ._capacity import CapacitySearchCV
from ._coarse_to_fine import CoarseToFineSearchCV
from ._one_standard_error import one_standard_error

__all__ = [
    "CapacitySearchCV",
    "CoarseToFineSearchCV",
    "one_standard_error",
]
