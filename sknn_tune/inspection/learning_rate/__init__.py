"""Short trainings with many learning rates, and which of these are worth searching."""

from ._range import LearningRateSweep, summarise
from ._sweep import learning_rate_sweep

__all__ = [
    "LearningRateSweep",
    "learning_rate_sweep",
    "summarise",
]
