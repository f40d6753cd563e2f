"""The formulas in NumPy: predictions and the numbers of an epoch, where nothing needs to be compiled."""

from ._activations import activate, values_and_slopes
from ._inference import ForwardPass, Predictor, outputs_of_sums, sums_of_mean
from ._losses import accuracy_of_rows, loss_of_rows
from ._measure import Metrics, RunningMeans

__all__ = [
    "ForwardPass",
    "Metrics",
    "Predictor",
    "RunningMeans",
    "accuracy_of_rows",
    "activate",
    "loss_of_rows",
    "outputs_of_sums",
    "sums_of_mean",
    "values_and_slopes",
]
