"""Losses and accuracies by NumPy, for the numbers that an epoch records.

Arrays are ``(rows, outputs)``; class numbers come as one column. A
crossentropy behind its own activation is worked out from the weighted sums, as Keras does, and any other loss from
the outputs: either is called ``values`` here.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..formulas import EPSILON
from ._activations import softplus

Array = np.ndarray


def _huber(y: Array, outputs: Array, delta: float) -> Array:
    size = np.abs(outputs - y)
    return np.where(size <= delta, 0.5 * size * size, delta * size - 0.5 * delta * delta)


def _log_cosh(y: Array, outputs: Array, delta: float) -> Array:
    error = outputs - y
    return error + softplus(-2 * error) - math.log(2.0)


def _binary_crossentropy(y: Array, outputs: Array, delta: float) -> Array:
    clipped = np.clip(outputs, EPSILON, 1 - EPSILON)
    return -(y * np.log(clipped) + (1 - y) * np.log(1 - clipped))


#: Loss of each output, by its name.
_OF_OUTPUTS: dict[str, Callable[[Array, Array, float], Array]] = {
    "mean_squared_error": lambda y, outputs, delta: np.square(outputs - y),
    "mean_absolute_error": lambda y, outputs, delta: np.abs(outputs - y),
    "huber": _huber,
    "log_cosh": _log_cosh,
    "poisson": lambda y, outputs, delta: outputs - y * np.log(outputs + EPSILON),
    "binary_crossentropy": _binary_crossentropy,
}


def _mean_of_outputs(each: Array) -> Array:
    return each[:, 0] if each.shape[1] == 1 else each.mean(axis=1)


def loss_of_rows(loss: str, combined: bool, y: Array, values: Array, delta: float) -> Array:
    """Loss of each row, without its weight."""
    if not combined:
        return _mean_of_outputs(_OF_OUTPUTS[loss](y, values, delta))
    if loss == "binary_crossentropy":
        return _mean_of_outputs(np.maximum(values, 0) - values * y + np.log1p(np.exp(-np.abs(values))))
    shifted = values - values.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))
    if loss == "sparse_categorical_crossentropy":
        return log_total - shifted[np.arange(len(y)), y[:, 0].astype(np.intp)]
    # Targets need not sum to one; TensorFlow's own operation takes them so.
    return (y * (log_total[:, None] - shifted)).sum(axis=1)


def accuracy_of_rows(kind: str, combined: bool, y: Array, values: Array) -> Array:
    """Share of right outputs of each row, as Keras' ``accuracy`` counts them."""
    if kind == "binary":
        return _mean_of_outputs((values > (0 if combined else 0.5)) == y)
    return values.argmax(axis=1) == (y[:, 0] if kind == "index" else y.argmax(axis=1))
