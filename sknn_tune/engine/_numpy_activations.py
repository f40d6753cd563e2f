"""Activations for NumPy, in place: what a search draws from; the others have a compiled form only.

Arrays are ``(units, rows)``, but every function here looks at single numbers. ``forward`` writes to
``out``, which may be ``z`` itself unless the activation ``needs_sums`` for its derivative;
``backward`` multiplies ``gradient`` by the derivative and may use ``scratch`` of the same shape.
A function of one operation less is worth five percent of a small network's update, so the forms
were chosen by time: NumPy's ``tanh`` is faster than its ``exp``, and ``maximum`` with an array is
three times as fast as with a number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from ._numpy_constants import HALF, ONE, ZERO
from ._selu import ALPHA, SCALE

Array = np.ndarray

#: Below this size a second pass over memory costs more than it saves.
_SMALL = 1024


class NumpyActivation(NamedTuple):
    """``forward(z, out, scratch, slope)`` and ``backward(gradient, z, h, scratch, slope)``."""

    forward: Callable[[Array, Array, Array, float], None]
    backward: Callable[[Array, Array, Array, Array, float], None]
    needs_sums: bool = False


def logistic(z: Array, out: Array) -> None:
    """``1 / (1 + exp(-z))`` as a tangent: in half the time, and nothing overflows."""
    half = HALF[z.dtype]
    np.multiply(z, half, out=out)
    np.tanh(out, out=out)
    np.multiply(out, half, out=out)
    np.add(out, half, out=out)


def _linear(z: Array, out: Array, scratch: Array, slope: float) -> None:
    if out is not z:
        np.copyto(out, z)


def _unchanged(gradient: Array, z: Array, h: Array, scratch: Array, slope: float) -> None:
    pass


def _relu(z: Array, out: Array, scratch: Array, slope: float) -> None:
    np.maximum(z, ZERO[z.dtype] if z.size < _SMALL else _zeros(scratch), out=out)


def _zeros(scratch: Array) -> Array:
    scratch.fill(0)
    return scratch


def _relu_backward(gradient: Array, z: Array, h: Array, scratch: Array, slope: float) -> None:
    np.multiply(gradient, np.greater(h, ZERO[h.dtype]), out=gradient)


def _leaky_relu(z: Array, out: Array, scratch: Array, slope: float) -> None:
    np.multiply(z, slope, out=scratch)
    if slope <= 1:
        np.maximum(z, scratch, out=out)
    else:
        np.minimum(z, scratch, out=out)


def _leaky_relu_backward(gradient: Array, z: Array, h: Array, scratch: Array, slope: float) -> None:
    # Not from h, whose sign a slope of zero would hide.
    np.multiply(z > 0, 1 - slope, out=scratch)
    np.add(scratch, slope, out=scratch)
    np.multiply(gradient, scratch, out=gradient)


def _exponential_unit(
    z: Array, out: Array, scratch: Array, slope: float, *, scale: float = 1.0, alpha: float = 1.0
) -> None:
    """``scale * (max(z, 0) + alpha * expm1(min(z, 0)))``, one of the two terms being zero."""
    np.minimum(z, _zeros(scratch), out=scratch)
    np.subtract(z, scratch, out=out)
    np.expm1(scratch, out=scratch)
    if scale != 1:
        np.multiply(scratch, scale * alpha, out=scratch)
        np.multiply(out, scale, out=out)
    np.add(out, scratch, out=out)


def _exponential_unit_backward(
    gradient: Array, z: Array, h: Array, scratch: Array, slope: float, *, scale: float = 1.0, alpha: float = 1.0
) -> None:
    # Up to zero the derivative is h + scale * alpha, above it is scale.
    np.minimum(h, _zeros(scratch), out=scratch)
    np.add(scratch, scale * alpha, out=scratch)
    if alpha != 1:
        np.subtract(scratch, (h > 0) * h.dtype.type(scale * (alpha - 1)), out=scratch)
    np.multiply(gradient, scratch, out=gradient)


def _sigmoid(z: Array, out: Array, scratch: Array, slope: float) -> None:
    logistic(z, out)


def _sigmoid_backward(gradient: Array, z: Array, h: Array, scratch: Array, slope: float) -> None:
    np.subtract(ONE[h.dtype], h, out=scratch)
    np.multiply(scratch, h, out=scratch)
    np.multiply(gradient, scratch, out=gradient)


def _tanh(z: Array, out: Array, scratch: Array, slope: float) -> None:
    np.tanh(z, out=out)


def _tanh_backward(gradient: Array, z: Array, h: Array, scratch: Array, slope: float) -> None:
    np.multiply(h, h, out=scratch)
    np.subtract(ONE[h.dtype], scratch, out=scratch)
    np.multiply(gradient, scratch, out=gradient)


def softplus(z: Array) -> Array:
    """``log(1 + exp(z))`` without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _softplus(z: Array, out: Array, scratch: Array, slope: float) -> None:
    np.copyto(out, softplus(z))


def _softplus_backward(gradient: Array, z: Array, h: Array, scratch: Array, slope: float) -> None:
    logistic(z, scratch)
    np.multiply(gradient, scratch, out=gradient)


def _silu(z: Array, out: Array, scratch: Array, slope: float) -> None:
    logistic(z, scratch)
    np.multiply(z, scratch, out=out)


def _silu_backward(gradient: Array, z: Array, h: Array, scratch: Array, slope: float) -> None:
    # s + h * (1 - s), s being the logistic function of z.
    logistic(z, scratch)
    passes = h - h * scratch
    np.add(passes, scratch, out=scratch)
    np.multiply(gradient, scratch, out=gradient)


ACTIVATIONS: dict[str, NumpyActivation] = {
    "linear": NumpyActivation(_linear, _unchanged),
    "relu": NumpyActivation(_relu, _relu_backward),
    "leaky_relu": NumpyActivation(_leaky_relu, _leaky_relu_backward, needs_sums=True),
    "elu": NumpyActivation(_exponential_unit, _exponential_unit_backward),
    "celu": NumpyActivation(_exponential_unit, _exponential_unit_backward),
    "selu": NumpyActivation(
        partial(_exponential_unit, scale=SCALE, alpha=ALPHA),
        partial(_exponential_unit_backward, scale=SCALE, alpha=ALPHA),
    ),
    "sigmoid": NumpyActivation(_sigmoid, _sigmoid_backward),
    "tanh": NumpyActivation(_tanh, _tanh_backward),
    "softplus": NumpyActivation(_softplus, _softplus_backward, needs_sums=True),
    "silu": NumpyActivation(_silu, _silu_backward, needs_sums=True),
}
ACTIVATIONS["swish"] = ACTIVATIONS["silu"]
