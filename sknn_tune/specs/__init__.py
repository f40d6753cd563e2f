"""Frozen facts that cross the borders between rooms.

The estimators turn their parameters into these objects; an engine turns these objects into a
trained network. Neither side knows anything else of the other.
"""

from ._data import ArrayData, StreamData
from ._history import TrainingHistory
from ._network import CustomNetworkSpec, LayerSpec, NetworkSpec
from ._training import ScheduleSpec, StoppingSpec, TrainingSpec

__all__ = [
    "ArrayData",
    "CustomNetworkSpec",
    "LayerSpec",
    "NetworkSpec",
    "ScheduleSpec",
    "StoppingSpec",
    "StreamData",
    "TrainingHistory",
    "TrainingSpec",
]
