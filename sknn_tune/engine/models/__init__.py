"""Keras models for everyone who needs one: built, compiled, read, written, predicted with."""

from typing import TYPE_CHECKING

from ..._lazy import lazy_names

if TYPE_CHECKING:  # each of them loads TensorFlow
    from ._averaging import averaging_model
    from ._build_network import build_network, kernel_by_keras
    from ._callbacks import acts_on_batches, users_callbacks
    from ._compiling import check_metrics_of
    from ._copies import copied_model
    from ._custom_models import gives_logits, target_form
    from ._feature_layers_size import size_of_feature_layers
    from ._inputs_outputs import as_model_takes
    from ._loss_without_penalty import LossWithoutPenalty, loss_without_penalty
    from ._metrics import EpochMetrics, is_better_higher, numbers
    from ._new_model import carried_over, new_model
    from ._optimizers import current_learning_rate, make_optimizer, n_updates
    from ._output_activation import warn_of_linear_output
    from ._output_units import check_output_units
    from ._predict import predict_rows
    from ._settings import global_settings
    from ._shared_layers import SharedNetwork
    from ._trainable import trainable_flags
    from ._weights import copy_state, read_arrays, read_weights, set_weights, write_arrays

__all__ = [
    "EpochMetrics",
    "LossWithoutPenalty",
    "SharedNetwork",
    "acts_on_batches",
    "as_model_takes",
    "averaging_model",
    "build_network",
    "carried_over",
    "check_metrics_of",
    "check_output_units",
    "copied_model",
    "copy_state",
    "current_learning_rate",
    "gives_logits",
    "global_settings",
    "is_better_higher",
    "kernel_by_keras",
    "loss_without_penalty",
    "make_optimizer",
    "n_updates",
    "new_model",
    "numbers",
    "predict_rows",
    "read_arrays",
    "read_weights",
    "set_weights",
    "size_of_feature_layers",
    "target_form",
    "trainable_flags",
    "users_callbacks",
    "warn_of_linear_output",
    "write_arrays",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "EpochMetrics": "._metrics",
        "LossWithoutPenalty": "._loss_without_penalty",
        "SharedNetwork": "._shared_layers",
        "acts_on_batches": "._callbacks",
        "as_model_takes": "._inputs_outputs",
        "averaging_model": "._averaging",
        "build_network": "._build_network",
        "carried_over": "._new_model",
        "check_metrics_of": "._compiling",
        "check_output_units": "._output_units",
        "copied_model": "._copies",
        "copy_state": "._weights",
        "current_learning_rate": "._optimizers",
        "gives_logits": "._custom_models",
        "global_settings": "._settings",
        "is_better_higher": "._metrics",
        "kernel_by_keras": "._build_network",
        "loss_without_penalty": "._loss_without_penalty",
        "make_optimizer": "._optimizers",
        "n_updates": "._optimizers",
        "new_model": "._new_model",
        "numbers": "._metrics",
        "predict_rows": "._predict",
        "read_arrays": "._weights",
        "read_weights": "._weights",
        "set_weights": "._weights",
        "size_of_feature_layers": "._feature_layers_size",
        "target_form": "._custom_models",
        "trainable_flags": "._trainable",
        "users_callbacks": "._callbacks",
        "warn_of_linear_output": "._output_activation",
        "write_arrays": "._weights",
    },
    first=".._tensorflow",
)
