"""Gradients of losses as machine code, each compiled when a fit first uses it.

A function is ``gradient_of(outputs, y, gradient, n_rows, n_outputs, delta)``, with pointers to arrays of shape
(n_rows, n_outputs); class numbers come as one column of ``y``. The crossentropies that stand behind their own
activation take its weighted sums as ``outputs``: their gradient is simply the difference, and nothing overflows.
Values of losses are in `arrays/_losses`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..formulas import EPSILON, is_combined
from ._exponentials import exp
from ._functions import inlined, logistic, tanh


@inlined
def _binary_crossentropy_of_sums(z, y, delta):
    return logistic(z) - y


@inlined
def _squared_error(output, y, delta):
    return type(output)(2) * (output - y)


@inlined
def _absolute_error(output, y, delta):
    number = type(output)
    error = output - y
    return number(1) if error > 0 else (number(-1) if error < 0 else error)  # NaN stays


@inlined
def _huber(output, y, delta):
    error = output - y
    error = delta if error > delta else error
    return -delta if error < -delta else error


@inlined
def _log_cosh(output, y, delta):
    return tanh(output - y)


@inlined
def _poisson(output, y, delta):
    number = type(output)
    return number(1) - y / (output + number(EPSILON))


@inlined
def _binary_crossentropy(output, y, delta):
    number = type(output)
    inside = output >= number(EPSILON) and output <= number(1 - EPSILON)
    return (output - y) / (output * (number(1) - output)) if inside else (output - output)


def _of_each_output(derivative: Any) -> Callable[..., None]:
    """From ``derivative(output, y, delta)``; a row's loss is the mean over its outputs."""

    def gradient_of(outputs, y, gradient, n_rows, n_outputs, delta):
        share = type(delta)(1) / type(delta)(n_outputs)
        for i in range(n_rows * n_outputs):
            gradient[i] = derivative(outputs[i], y[i], delta) * share

    return gradient_of


@inlined
def _probabilities(z, out, start, n_outputs):
    number = type(z[0])
    largest = z[start]
    for unit in range(1, n_outputs):
        largest = largest if z[start + unit] <= largest else z[start + unit]
    total = number(0)
    for unit in range(n_outputs):
        share = exp(z[start + unit] - largest)
        out[start + unit] = share
        total += share
    for unit in range(n_outputs):
        out[start + unit] /= total


def _categorical_crossentropy(z, y, gradient, n_rows, n_outputs, delta):
    for row in range(n_rows):
        start = row * n_outputs
        _probabilities(z, gradient, start, n_outputs)
        for unit in range(n_outputs):
            gradient[start + unit] -= y[start + unit]


def _sparse_categorical_crossentropy(z, y, gradient, n_rows, n_outputs, delta):
    for row in range(n_rows):
        start = row * n_outputs
        _probabilities(z, gradient, start, n_outputs)
        gradient[start + int(y[row])] -= type(delta)(1)


_OF_SUMS: dict[str, Callable[..., None]] = {
    "binary_crossentropy": _of_each_output(_binary_crossentropy_of_sums),
    "categorical_crossentropy": _categorical_crossentropy,
    "sparse_categorical_crossentropy": _sparse_categorical_crossentropy,
}

_OF_OUTPUTS: dict[str, Callable[..., None]] = {
    "binary_crossentropy": _of_each_output(_binary_crossentropy),
    "mean_squared_error": _of_each_output(_squared_error),
    "mean_absolute_error": _of_each_output(_absolute_error),
    "huber": _of_each_output(_huber),
    "log_cosh": _of_each_output(_log_cosh),
    "poisson": _of_each_output(_poisson),
}


def loss_gradient(loss: str, output_activation: str) -> Callable[..., None]:
    """The function to compile for a loss behind an activation."""
    return (_OF_SUMS if is_combined(loss, output_activation) else _OF_OUTPUTS)[loss]
