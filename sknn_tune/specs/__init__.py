"""Frozen facts that cross the borders between rooms.

The estimators turn their parameters into these objects; an engine turns these objects into a
trained network. Neither side knows anything else of the other.
"""

from ._data import ArrayData, StreamData
from ._history import TrainingHistory, mean_values
from ._nested import arrays_in, map_arrays
from ._network import CustomNetworkSpec, DType, LayerSpec, NetworkSpec
from ._training import Accuracy, Arguments, ScheduleKind, ScheduleSpec, StoppingSpec, TrainingSpec
from ._vocabulary import (
    ACTIVATION_ALIASES,
    ACTIVATIONS,
    INDEX_LOSSES,
    INITIALIZER_ALIASES,
    INITIALIZERS,
    LOSS_ALIASES,
    LOSSES,
    OPTIMIZERS,
    RELU_LIKE,
    SCHEDULES,
    SMOOTHED_LOSSES,
    canonical_name,
    canonical_optimizer,
)

__all__ = [
    "ACTIVATIONS",
    "ACTIVATION_ALIASES",
    "INDEX_LOSSES",
    "INITIALIZERS",
    "INITIALIZER_ALIASES",
    "LOSSES",
    "LOSS_ALIASES",
    "OPTIMIZERS",
    "RELU_LIKE",
    "SCHEDULES",
    "SMOOTHED_LOSSES",
    "Accuracy",
    "Arguments",
    "ArrayData",
    "CustomNetworkSpec",
    "DType",
    "LayerSpec",
    "NetworkSpec",
    "ScheduleKind",
    "ScheduleSpec",
    "StoppingSpec",
    "StreamData",
    "TrainingHistory",
    "TrainingSpec",
    "arrays_in",
    "canonical_name",
    "canonical_optimizer",
    "map_arrays",
    "mean_values",
]
