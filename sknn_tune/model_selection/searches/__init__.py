"""Searches by scikit-learn's own ``BaseSearchCV`` that decide from the scores so far what to evaluate next."""

from ._bayesian import BayesianSearchCV
from ._capacity import CapacitySearchCV
from ._coarse_to_fine import CoarseToFineSearchCV
from ._hyperband import HyperbandSearchCV
from ._refit_with import RefitWith

__all__ = [
    "BayesianSearchCV",
    "CapacitySearchCV",
    "CoarseToFineSearchCV",
    "HyperbandSearchCV",
    "RefitWith",
]
