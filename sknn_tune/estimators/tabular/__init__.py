"""One estimator for a table: columns of any kind in, a network's predictions out."""

from ._classifier import TabularClassifier
from ._regressor import TabularRegressor

__all__ = ["TabularClassifier", "TabularRegressor"]
