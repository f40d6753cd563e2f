"""Keras' list of weights, and all of them as one vector of what is trained and one of moving statistics."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._structure import NetworkStructure

Array = np.ndarray


class WeightSlot(NamedTuple):
    """One array of the list that ``keras.Model.get_weights`` gives."""

    role: str  # kernel, input_scale, output_scale, bias, gamma, beta, moving_mean or moving_variance
    shape: tuple[int, ...]

    @property
    def is_trainable(self) -> bool:
        return not self.role.startswith("moving")

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))


def weight_slots(structure: NetworkStructure, widths: tuple[int, ...]) -> list[WeightSlot]:
    """The arrays of ``get_weights``, in order."""
    slots = []
    roles_of_layers = [layer.roles for layer in structure.layers] + [("kernel", "bias")]
    members = (structure.n_members,) if structure.n_members > 1 else ()
    for roles, fan_in, fan_out in zip(roles_of_layers, widths[:-1], widths[1:], strict=True):
        shapes = {"kernel": (fan_in, fan_out), "input_scale": (*members, fan_in)}
        slots += [WeightSlot(role, shapes.get(role, (*members, fan_out))) for role in roles]
    kernel, bias = slots[-2:]
    return [*slots[:-2], kernel._replace(shape=(*members, *kernel.shape)), bias]  # an output layer for each member


def flatten_weights(weights: list[Array], slots: list[WeightSlot], dtype: str) -> tuple[Array, Array]:
    """Keras' list as two flat vectors: what is trained, and the moving statistics."""
    kinds = ([np.asarray(array, dtype).ravel() for array in kind] for kind in by_kind(weights, slots))
    trained, moving = (np.concatenate([np.empty(0, dtype), *kind]) for kind in kinds)
    return trained, moving


def by_kind(weights: list[Array], slots: list[WeightSlot]) -> tuple[list[Array], list[Array]]:
    """What is trained, and the moving statistics, once the shapes are those of the network."""
    for array, slot in zip(weights, slots, strict=True):
        if np.shape(array) != slot.shape:
            raise ValueError(f"A {slot.role} of shape {slot.shape} was expected, got {np.shape(array)}.")
    pairs = list(zip(weights, slots, strict=True))
    return [a for a, slot in pairs if slot.is_trainable], [a for a, slot in pairs if not slot.is_trainable]


def unflatten(vector: Array, shapes: list[tuple[int, ...]]) -> list[Array]:
    """A flat vector as arrays of the given shapes."""
    arrays, start = [], 0
    for shape in shapes:
        stop = start + int(np.prod(shape))
        arrays.append(vector[start:stop].reshape(shape).copy())
        start = stop
    return arrays


def restore_weights(trained: Array, moving: Array, slots: list[WeightSlot]) -> list[Array]:
    """The inverse of `flatten_weights`."""
    trained_arrays = iter(unflatten(trained, [slot.shape for slot in slots if slot.is_trainable]))
    moving_arrays = iter(unflatten(moving, [slot.shape for slot in slots if not slot.is_trainable]))
    return [next(trained_arrays if slot.is_trainable else moving_arrays) for slot in slots]
