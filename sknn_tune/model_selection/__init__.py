"""Searches that work with any estimator, by scikit-learn's own ``BaseSearchCV``."""

__all__: list[str] = []
