"""Activations by NumPy: for prediction, where a row costs microseconds and nothing is compiled, and for pictures."""

from __future__ import annotations

import numpy as np

from ..formulas import ACTIVATIONS, ROW_ACTIVATIONS, Function
from ._arithmetic import ARITHMETIC

Array = np.ndarray

_OF_UNITS: dict[str, tuple[Function, Function]] = {
    name: activation.formula(ARITHMETIC) for name, activation in ACTIVATIONS.items()
}
_OF_ROWS: dict[str, Function] = {name: formula(ARITHMETIC)[0] for name, formula in ROW_ACTIVATIONS.items()}


def activate(name: str, z: Array, below: float) -> Array:
    """Activations of weighted sums of shape (..., units); ``below`` is the slope of leaky_relu below zero."""
    if name in _OF_UNITS:
        return _OF_UNITS[name][0](z, below)
    return _OF_ROWS[name](*shifted_sums(z))


def shifted_sums(z: Array) -> tuple[Array, Array, Array]:
    """Sums less the largest in their row, their exponentials, and for each row the sum of these."""
    shifted = z - z.max(axis=-1, keepdims=True)
    exponentials = np.exp(shifted)
    return shifted, exponentials, exponentials.sum(axis=-1, keepdims=True)


def values_and_slopes(name: str, z: Array, below: float) -> tuple[Array, Array]:
    """Of an activation of single numbers."""
    value, slope = _OF_UNITS[name]
    with np.errstate(all="ignore"):
        h = value(z, below)
        return h, np.broadcast_to(slope(z, h, below), z.shape)
