"""Pictures of networks and searches, by scikit-learn's Display convention: ``from_…``, ``plot(ax=None)``, ``ax_``."""

from ._activations import ActivationDisplay
from ._capacity_curve import CapacityCurveDisplay
from ._training_history import TrainingHistoryDisplay

__all__ = [
    "ActivationDisplay",
    "CapacityCurveDisplay",
    "TrainingHistoryDisplay",
]
