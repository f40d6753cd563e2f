"""What a trained network does, as numbers: no drawing. `sknn_tune.display` draws what is found here."""

from ._activations import activation_curves
from ._diagnosis import Diagnosis, diagnose
from ._finding import Finding
from ._gradients import GradientNorms, LayerGradient, gradient_norms
from ._learning_rate_range import LearningRateSweep
from ._learning_rate_sweep import learning_rate_sweep
from ._statistics import activation_statistics
from ._unit_activity import DeadUnits, LayerActivity
from ._units import dead_units

__all__ = [
    "DeadUnits",
    "Diagnosis",
    "Finding",
    "GradientNorms",
    "LayerActivity",
    "LayerGradient",
    "LearningRateSweep",
    "activation_curves",
    "activation_statistics",
    "dead_units",
    "diagnose",
    "gradient_norms",
    "learning_rate_sweep",
]
