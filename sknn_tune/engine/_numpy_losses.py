"""Losses, their gradients and accuracies for NumPy, over arrays of shape (outputs, rows).

The same definitions as in `_fused_losses`, behind the output activation that belongs to each loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ._fused_scope import CROSSENTROPY_ACTIVATIONS
from ._numpy_activations import logistic, softplus

Array = np.ndarray

#: Loss -> the output activation that it stands behind here.
LOSS_ACTIVATIONS = {
    **CROSSENTROPY_ACTIVATIONS,
    "binary_crossentropy": "sigmoid",
    "mean_squared_error": "linear",
    "mean_absolute_error": "linear",
    "huber": "linear",
    "log_cosh": "linear",
}


def _huber(error: Array, delta: float) -> Array:
    size = np.abs(error)
    return np.where(size <= delta, 0.5 * error * error, delta * size - 0.5 * delta * delta)


#: Loss of each output by its error.
_BY_ERROR: dict[str, Callable[[Array, float], Array]] = {
    "mean_squared_error": lambda error, delta: error * error,
    "mean_absolute_error": lambda error, delta: np.abs(error),
    "huber": _huber,
    "log_cosh": lambda error, delta: error + softplus(-2 * error) - math.log(2.0),
}

#: And its derivative.
_SLOPE_BY_ERROR: dict[str, Callable[[Array, float], Array]] = {
    "mean_squared_error": lambda error, delta: 2 * error,
    "mean_absolute_error": lambda error, delta: np.sign(error),
    "huber": lambda error, delta: np.clip(error, -delta, delta),
    "log_cosh": lambda error, delta: np.tanh(error),
}


def softmax(z: Array) -> Array:
    """Over the outputs, the first axis."""
    exponentials = np.exp(z - z.max(axis=0))
    exponentials /= exponentials.sum(axis=0)
    return exponentials


def loss_gradient(loss: str, y: Array, z: Array, delta: float) -> Array:
    """Gradient of each row's loss by its weighted sums; class numbers come as one row of ``y``."""
    if loss == "binary_crossentropy":
        gradient = np.empty_like(z)
        logistic(z, gradient)
        np.subtract(gradient, y, out=gradient)
        return gradient if len(z) == 1 else gradient / len(z)
    if loss == "sparse_categorical_crossentropy":
        gradient = softmax(z)
        gradient[y[0], np.arange(z.shape[1])] -= 1
        return gradient
    if loss == "categorical_crossentropy":
        return softmax(z) - y
    return _SLOPE_BY_ERROR[loss](z - y, delta) / len(z)


def loss_of_rows(loss: str, y: Array, z: Array, delta: float) -> Array:
    """Loss of each row, without its weight."""
    if loss == "binary_crossentropy":
        return (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean(axis=0)
    if loss.endswith("categorical_crossentropy"):
        shifted = z - z.max(axis=0)
        log_total = np.log(np.exp(shifted).sum(axis=0))
        if loss.startswith("sparse"):
            return log_total - shifted[y[0], np.arange(z.shape[1])]
        return (y * (log_total - shifted)).sum(axis=0)
    return _BY_ERROR[loss](z - y, delta).mean(axis=0)


def accuracy_of_rows(kind: str, y: Array, z: Array) -> Array:
    """Share of right outputs of each row, as Keras' ``accuracy`` counts them."""
    if kind == "binary":
        return ((z > 0) == y).mean(axis=0)
    return z.argmax(axis=0) == (y[0] if kind == "index" else y.argmax(axis=0))
