"""Which fits machine code covers, and why not the others."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from numbers import Real
from typing import Any

from ..specs import SMOOTHED_LOSSES, NetworkSpec, TrainingSpec
from ._why_no_numba import why_no_numba
from .formulas import ACTIVATIONS, LOSSES, ROW_ACTIVATIONS, why_optimizer_needs_keras


def why_not_machine_code(network: Any, training: TrainingSpec, start: Any = None) -> str | None:
    """Why Keras must train this, or None."""
    return (
        _why_network_needs_keras(network)
        or _why_start_needs_keras(start)
        or _why_loss_needs_keras(network, training)
        or why_optimizer_needs_keras(training)
        or _why_extras_need_keras(training)
        or why_no_numba()
    )


def why_no_formula(network: Any) -> str | None:
    """Why there is no formula of ours for the outputs of a network, or None."""
    if not isinstance(network, NetworkSpec):
        return "it is a model of your own"
    if network.feature_layers:
        return "it has feature_layers"
    if len(network.input_shape) != 1:
        return f"a row of X has the shape {network.input_shape}"
    for activation in (*network.activations, network.output_activation):
        if not isinstance(activation, str):
            return f"the activation {activation!r} is not given by name"
        if activation not in ACTIVATIONS | ROW_ACTIVATIONS:
            return f"the activation {activation!r} has no machine code"
    if network.output_activation == "leaky_relu":
        return "the output activation leaky_relu has Keras' own slope"
    return None


def _why_network_needs_keras(network: Any) -> str | None:
    reason = why_no_formula(network)
    if reason is not None:
        return reason
    if (network.activity_l1 or network.activity_l2) and not averages_activity_penalties():
        return "this version of Keras adds activity penalties up over the rows of a batch"
    return None


@cache
def averages_activity_penalties() -> bool:
    """Whether this Keras divides an activity penalty by the rows of the batch: since 3.13. Asked without loading it."""
    return tuple(int(number) for number in version("keras").split(".")[:2]) >= (3, 13)


def _why_start_needs_keras(start: Any) -> str | None:
    frozen = start is not None and start.trainable is not None and not all(start.trainable)
    return "layers of its model_ are frozen" if frozen else None


def _why_loss_needs_keras(network: NetworkSpec, training: TrainingSpec) -> str | None:
    name = training.loss if isinstance(training.loss, str) else None
    if name not in LOSSES:
        return f"the loss {training.loss!r} has no machine code"
    allowed = {"huber": "delta"}.get(name, "label_smoothing" if name in SMOOTHED_LOSSES else None)
    for argument, value in training.loss_arguments:
        if argument != allowed or not isinstance(value, Real):
            return f"loss__{argument} is set"
    loss = LOSSES[name]
    if loss.of_outputs is None and network.output_activation != loss.own_activation:
        return f"the loss {name} has machine code for {loss.own_activation} outputs only"
    if name == "binary_crossentropy" and network.output_activation == "softmax":
        return "Keras takes the sums before a softmax for the logits of a binary crossentropy"
    return None


def _why_extras_need_keras(training: TrainingSpec) -> str | None:
    if training.callbacks is not None and _acts_on_batches(training):
        return "a Keras callback acts on batches"
    for arguments, prefix in ((training.compile_arguments, "compile"), (training.fit_arguments, "fit")):
        if arguments:
            return f"{prefix}__{arguments[0][0]} is set"
    return None


def _acts_on_batches(training: TrainingSpec) -> bool:
    from .models import acts_on_batches, users_callbacks

    return any(acts_on_batches(callback) for callback in users_callbacks(training))
