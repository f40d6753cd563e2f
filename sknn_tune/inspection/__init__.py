"""What a trained network does, as numbers: no drawing. `sknn_tune.display` draws what is found here."""

from ._activations import ActivationCurves, activation_curves
from .diagnosis import Diagnosis, Finding, diagnose
from .layers import (
    DeadUnits,
    GradientNorms,
    LayerActivity,
    LayerGradient,
    activation_statistics,
    dead_units,
    gradient_norms,
)
from .learning_rate import LearningRateSweep, learning_rate_sweep

__all__ = [
    "ActivationCurves",
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
