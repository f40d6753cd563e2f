"""Pictures of networks and searches, by scikit-learn's Display convention: ``from_…``, ``plot(ax=None)``, ``ax_``."""

from ._activations import ActivationDisplay
from ._gradient_flow import GradientFlowDisplay
from ._learning_rate_sweep import LearningRateSweepDisplay
from ._training_history import TrainingHistoryDisplay
from ._unit_activity import UnitActivityDisplay
from .search import CapacityCurveDisplay, SearchResultsDisplay

__all__ = [
    "ActivationDisplay",
    "CapacityCurveDisplay",
    "GradientFlowDisplay",
    "LearningRateSweepDisplay",
    "SearchResultsDisplay",
    "TrainingHistoryDisplay",
    "UnitActivityDisplay",
]
