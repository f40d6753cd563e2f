"""Trains networks: specs and rows in, a trained network out. The only room that loads TensorFlow, Keras or SciKeras."""

from typing import TYPE_CHECKING

from .._lazy import lazy_names
from ._ensemble import Ensemble
from ._job import Job, Observer
from ._network_size import check_network_fits
from ._result import EnsembleResult, TrainingResult
from ._scope import why_no_formula
from ._seeding import derived_seed
from ._side_by_side import places_for_members, train_members
from ._train import (
    can_go_on,
    check_metrics,
    circumstances,
    continued,
    epochs_to_go_on_from,
    prepare_custom,
    train,
    untrained,
)
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
    "Ensemble",
    "EnsembleResult",
    "Job",
    "LayerUpdate",
    "NextUpdate",
    "Observer",
    "Signal",
    "Stage",
    "TrainedNetwork",
    "TrainingResult",
    "can_go_on",
    "check_metrics",
    "check_network_fits",
    "circumstances",
    "continued",
    "derived_seed",
    "epochs_to_go_on_from",
    "layer_signals",
    "next_update",
    "places_for_members",
    "prepare_custom",
    "train",
    "train_members",
    "untrained",
    "values_and_slopes",
    "why_no_formula",
]

_INSIDE = ("LayerUpdate", "NextUpdate", "Signal", "Stage", "layer_signals", "next_update", "values_and_slopes")

__getattr__, __dir__ = lazy_names(__name__, dict.fromkeys(_INSIDE, ".inside"))
