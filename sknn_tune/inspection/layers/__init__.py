"""What goes on in the layers of a fitted network: activity of units, statistics of signals, gradients."""

from ._gradients import GradientNorms, LayerGradient, gradient_norms
from ._statistics import activation_statistics
from ._unit_activity import DeadUnits, LayerActivity
from ._units import dead_units

__all__ = [
    "DeadUnits",
    "GradientNorms",
    "LayerActivity",
    "LayerGradient",
    "activation_statistics",
    "dead_units",
    "gradient_norms",
]
