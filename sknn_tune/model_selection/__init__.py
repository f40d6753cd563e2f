"""Searches that work with any estimator, by scikit-learn's own ``BaseSearchCV``."""

from ._bayesian import BayesianSearchCV

__all__ = ["BayesianSearchCV"]
