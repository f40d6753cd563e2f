"""What of a fit is structure, which decides what is computed, and what is only a number.

Problem: a search meets a new candidate every moment, and compiling for each would cost more than training it. Choice:
structure holds names and which parts exist at all; every rate, penalty or momentum is an argument of what is compiled.
Not taken: leaving absent parts (no penalty, no dropout) in as zeros, which would slow down every update.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ...specs import NetworkSpec, TrainingSpec
from ...specs._vocabulary import LOSS_ALIASES, canonical_name
from ._optimizers import resolve_optimizer


class WeightSlot(NamedTuple):
    """One array of the list that ``keras.Model.get_weights`` gives."""

    role: str  # kernel, bias, gamma, beta, moving_mean or moving_variance
    shape: tuple[int, ...]

    @property
    def is_trainable(self) -> bool:
        return not self.role.startswith("moving")

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))


@dataclass(frozen=True)
class LayerStructure:
    """A hidden layer: what is computed in it, without its width."""

    activation: str
    dropout: bool
    batch_norm: str | None

    @property
    def alpha_dropout(self) -> bool:
        return self.dropout and self.activation == "selu"

    @property
    def has_bias(self) -> bool:
        return self.batch_norm != "before"

    @property
    def roles(self) -> tuple[str, ...]:
        """Weights of this layer, in Keras' order."""
        if self.batch_norm == "before":
            return ("kernel", "gamma", "beta", "moving_mean", "moving_variance")
        if self.batch_norm == "after":
            return ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")
        return ("kernel", "bias")


@dataclass(frozen=True)
class NetworkStructure:
    """What is computed between inputs and outputs, whatever the widths."""

    layers: tuple[LayerStructure, ...]
    output_activation: str
    input_dropout: bool
    dtype: str

    @property
    def n_random(self) -> int:
        """Layers that draw random numbers; the inputs count as one."""
        return self.input_dropout + sum(layer.dropout for layer in self.layers)


@dataclass(frozen=True)
class TrainingStructure:
    """What is computed in an update."""

    network: NetworkStructure
    loss: str
    accuracy: str | None
    optimizer_form: str
    clipping: str | None
    kernel_penalty: bool
    activity_penalty: bool


class Numbers(NamedTuple):
    """The numbers of a network and its loss, as arguments of compiled code."""

    l1: Any
    l2: Any
    activity_l1: Any
    activity_l2: Any
    batch_norm_momentum: Any
    batch_norm_epsilon: Any
    negative_slope: Any
    huber_delta: Any
    clip: Any

    @classmethod
    def of(cls, network: NetworkSpec, training: TrainingSpec | None = None) -> Numbers:
        loss_arguments = dict(training.loss_arguments) if training is not None else {}
        optimizer_arguments = dict(training.optimizer_arguments) if training is not None else {}
        clip = optimizer_arguments.get("global_clipnorm") or optimizer_arguments.get("clipvalue") or 0.0
        return cls(
            network.l1,
            network.l2,
            network.activity_l1,
            network.activity_l2,
            network.batch_norm_momentum,
            network.batch_norm_epsilon,
            network.negative_slope,
            loss_arguments.get("delta", 1.0),
            clip,
        )


def network_structure(network: NetworkSpec) -> NetworkStructure:
    layers = tuple(
        LayerStructure(activation_name(activation), rate > 0, network.batch_norm)
        for activation, rate in zip(network.activations, network.dropouts, strict=True)
    )
    return NetworkStructure(
        layers=layers,
        output_activation=activation_name(network.output_activation),
        input_dropout=network.input_dropout > 0,
        dtype=network.dtype,
    )


#: Second names of activations.
_SYNONYMS = {"swish": "silu", "hard_swish": "hard_silu"}


def activation_name(activation: Any) -> str:
    """The one name of an activation, whichever it is given by."""
    name = canonical_name(str(activation))
    return _SYNONYMS.get(name, name)


def loss_name(loss: Any) -> str | None:
    """The name of a loss that is given by name, else None."""
    if not isinstance(loss, str):
        return None
    name = canonical_name(loss)
    return LOSS_ALIASES.get(name, name)


def training_structure(network: NetworkSpec, training: TrainingSpec) -> TrainingStructure:
    """What is computed in an update of this network."""
    arguments = dict(training.optimizer_arguments)
    # In Keras' order of precedence.
    clipping = "norm" if arguments.get("global_clipnorm") else "value" if arguments.get("clipvalue") else None
    return TrainingStructure(
        network=network_structure(network),
        loss=str(loss_name(training.loss)),
        accuracy=training.accuracy,
        optimizer_form=resolve_optimizer(training).form,
        clipping=clipping,
        kernel_penalty=bool(network.l1 or network.l2),
        activity_penalty=bool(network.activity_l1 or network.activity_l2),
    )


def layer_widths(network: NetworkSpec) -> tuple[int, ...]:
    """Inputs, hidden layers, outputs."""
    return (*network.input_shape, *network.hidden_layer_sizes, network.n_outputs)


def n_affine_weights(widths: Sequence[int]) -> int:
    """Kernels and biases."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths))


def product_operations(widths: Sequence[int], batch_rows: int) -> int:
    """Operations in the matrix products of an update, forward and backward."""
    return 6 * batch_rows * n_affine_weights(widths)


def weight_slots(structure: NetworkStructure, widths: tuple[int, ...]) -> list[WeightSlot]:
    """The arrays of ``get_weights``, in order."""
    slots = []
    roles_of_layers = [layer.roles for layer in structure.layers] + [("kernel", "bias")]
    for roles, fan_in, fan_out in zip(roles_of_layers, widths[:-1], widths[1:], strict=True):
        slots += [WeightSlot(role, (fan_in, fan_out) if role == "kernel" else (fan_out,)) for role in roles]
    return slots


def flatten_weights(weights: list[np.ndarray], slots: list[WeightSlot], dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Keras' list as two flat vectors: what is trained, and the moving statistics."""
    kinds = ([np.asarray(array, dtype).ravel() for array in kind] for kind in by_kind(weights, slots))
    trained, moving = (np.concatenate([np.empty(0, dtype), *kind]) for kind in kinds)
    return trained, moving


def by_kind(weights: list[np.ndarray], slots: list[WeightSlot]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What is trained, and the moving statistics, once the shapes are those of the network."""
    for array, slot in zip(weights, slots, strict=True):
        if np.shape(array) != slot.shape:
            raise ValueError(f"A {slot.role} of shape {slot.shape} was expected, got {np.shape(array)}.")
    pairs = list(zip(weights, slots, strict=True))
    return [a for a, slot in pairs if slot.is_trainable], [a for a, slot in pairs if not slot.is_trainable]


def unflatten(vector: np.ndarray, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """A flat vector as arrays of the given shapes."""
    arrays, start = [], 0
    for shape in shapes:
        stop = start + int(np.prod(shape))
        arrays.append(vector[start:stop].reshape(shape).copy())
        start = stop
    return arrays


def restore_weights(trained: np.ndarray, moving: np.ndarray, slots: list[WeightSlot]) -> list[np.ndarray]:
    """The inverse of `flatten_weights`."""
    trained_arrays = iter(unflatten(trained, [slot.shape for slot in slots if slot.is_trainable]))
    moving_arrays = iter(unflatten(moving, [slot.shape for slot in slots if not slot.is_trainable]))
    return [next(trained_arrays if slot.is_trainable else moving_arrays) for slot in slots]
