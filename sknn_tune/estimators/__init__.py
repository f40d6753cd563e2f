"""The scikit-learn face: parameters in, fitted attributes out."""

from ._classifier import KerasClassifier
from ._regressor import KerasRegressor

__all__ = ["KerasClassifier", "KerasRegressor"]
