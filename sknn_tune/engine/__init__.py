"""Trains networks: specs and rows in, a trained network out. The only room that loads TensorFlow, Keras or SciKeras."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names
from ._job import Job, Observer
from ._result import TrainingResult
from ._seeding import derived_seed
from ._train import continued, engine_and_device, epochs_to_go_on_from, prepare_custom, train
from ._trained import TrainedNetwork

if TYPE_CHECKING:  # looking inside needs TensorFlow
    from .inside import (
        LayerUpdate,
        NextUpdate,
        Signal,
        Stage,
        layer_signals,
        next_update,
        values_and_slopes,
    )

__all__ = [
    "Job",
    "LayerUpdate",
    "NextUpdate",
    "Observer",
    "Signal",
    "Stage",
    "TrainedNetwork",
    "TrainingResult",
    "continued",
    "derived_seed",
    "engine_and_device",
    "epochs_to_go_on_from",
    "layer_signals",
    "next_update",
    "prepare_custom",
    "train",
    "values_and_slopes",
]

_INSIDE = ("LayerUpdate", "NextUpdate", "Signal", "Stage", "layer_signals", "next_update", "values_and_slopes")

__getattr__, __dir__ = lazy_names(__name__, dict.fromkeys(_INSIDE, ".inside"))
