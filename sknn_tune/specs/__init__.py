"""Frozen facts that cross the borders between rooms.

The estimators turn their parameters into these objects; an engine turns these objects into a
trained network. Neither side knows anything else of the other.
"""

from ._data import ArrayData, ChosenRows, Piece, StreamData
from ._extremes import extremes
from ._history import TrainingHistory, mean_values
from ._loss_without_penalty import (
    LOSS_WITHOUT_PENALTY,
    comparable_name,
    comparable_values,
    is_loss_without_penalty,
    with_comparable_losses,
)
from ._nested import arrays_in, map_arrays
from ._network import CustomNetworkSpec, DType, LayerSpec, NetworkSpec
from ._taught import Meaning, TargetKind, Taught
from ._training import SHUFFLE_BUFFER, Accuracy, Arguments, ScheduleKind, ScheduleSpec, StoppingSpec, TrainingSpec
from ._vocabulary import (
    ACTIVATION_ALIASES,
    ACTIVATIONS,
    INDEX_LOSSES,
    INITIALIZER_ALIASES,
    INITIALIZERS,
    LOSS_ALIASES,
    LOSSES,
    LOSSES_ELSEWHERE,
    LOSSES_OF_PROBABILITIES,
    METRICS_ELSEWHERE,
    OPTIMIZERS,
    RELU_LIKE,
    SCHEDULE_PARAMETERS,
    SCHEDULES,
    SMOOTHED_LOSSES,
    canonical_name,
    canonical_optimizer,
    name_of_activation,
    name_of_loss,
    optimizer_has,
    says_logits,
    schedule_has,
)

__all__ = [
    "ACTIVATIONS",
    "ACTIVATION_ALIASES",
    "INDEX_LOSSES",
    "INITIALIZERS",
    "INITIALIZER_ALIASES",
    "LOSSES",
    "LOSSES_ELSEWHERE",
    "LOSSES_OF_PROBABILITIES",
    "LOSS_ALIASES",
    "LOSS_WITHOUT_PENALTY",
    "METRICS_ELSEWHERE",
    "OPTIMIZERS",
    "RELU_LIKE",
    "SCHEDULES",
    "SCHEDULE_PARAMETERS",
    "SHUFFLE_BUFFER",
    "SMOOTHED_LOSSES",
    "Accuracy",
    "Arguments",
    "ArrayData",
    "ChosenRows",
    "CustomNetworkSpec",
    "DType",
    "LayerSpec",
    "Meaning",
    "NetworkSpec",
    "Piece",
    "ScheduleKind",
    "ScheduleSpec",
    "StoppingSpec",
    "StreamData",
    "TargetKind",
    "Taught",
    "TrainingHistory",
    "TrainingSpec",
    "arrays_in",
    "canonical_name",
    "canonical_optimizer",
    "comparable_name",
    "comparable_values",
    "extremes",
    "is_loss_without_penalty",
    "map_arrays",
    "mean_values",
    "name_of_activation",
    "name_of_loss",
    "optimizer_has",
    "says_logits",
    "schedule_has",
    "with_comparable_losses",
]
