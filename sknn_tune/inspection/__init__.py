"""What a trained network does, as numbers: no drawing. `sknn_tune.display` draws what is found here."""

from ._activations import activation_curves
from ._gradients import GradientNorms, LayerGradient, gradient_norms
from ._statistics import activation_statistics
from ._unit_activity import DeadUnits, LayerActivity
from ._units import dead_units

__all__ = [
    "DeadUnits",
    "GradientNorms",
    "LayerActivity",
    "LayerGradient",
    "activation_curves",
    "activation_statistics",
    "dead_units",
    "gradient_norms",
]
