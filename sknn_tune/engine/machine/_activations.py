"""Activations and their derivatives as machine code, each compiled when a network first uses it.

An activation is two functions of single numbers: its value, and its derivative, by its value ``h`` if that is
enough, else by the weighted sum ``z`` too. Those of the first kind work in place, so that a layer keeps one array
instead of two. At a kink the derivative is the one TensorFlow uses. Softmax and its logarithm, of whole rows, are in
`_row_activations`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ..formulas import ALPHA, SCALE
from ._exponentials import exp, expm1
from ._functions import inlined, logistic, normal_distribution, softplus, tanh
from ._row_activations import log_softmax, log_softmax_backward, softmax, softmax_backward


class CompiledActivation(NamedTuple):
    """``forward(z, bias, out, n_rows, n_units, slope)`` and ``backward(gradient, z, h, n_rows, n_units, slope)``.

    Arrays come as pointers. ``forward`` adds the bias to ``z`` and writes the activations to ``out``, or over ``z``
    if it works in place; ``backward`` multiplies the gradient by the derivative.
    """

    forward: Callable[..., None]
    backward: Callable[..., None]
    in_place: bool


def _by_value(value: Any, derivative: Any) -> CompiledActivation:
    """From ``value(z)`` and ``derivative(h)``."""

    def forward(z, bias, out, n_rows, n_units, slope):
        for row in range(n_rows):
            for unit in range(n_units):
                z[row * n_units + unit] = value(z[row * n_units + unit] + bias[unit])

    def backward(gradient, z, h, n_rows, n_units, slope):
        for i in range(n_rows * n_units):
            gradient[i] *= derivative(h[i])

    return CompiledActivation(forward, backward, in_place=True)


def _by_sum(value: Any, derivative: Any) -> CompiledActivation:
    """From ``value(z, slope)`` and ``derivative(z, h, slope)``."""

    def forward(z, bias, out, n_rows, n_units, slope):
        for row in range(n_rows):
            for unit in range(n_units):
                total = z[row * n_units + unit] + bias[unit]
                z[row * n_units + unit] = total
                out[row * n_units + unit] = value(total, slope)

    def backward(gradient, z, h, n_rows, n_units, slope):
        for i in range(n_rows * n_units):
            gradient[i] *= derivative(z[i], h[i], slope)

    return CompiledActivation(forward, backward, in_place=False)


@inlined
def _clipped(x, low, high):
    """Bounded; NaN stays."""
    number = type(x)
    x = number(low) if x < low else x
    return number(high) if x > high else x


@inlined
def _where(condition, like):
    number = type(like)
    return number(1) if condition else number(0)


@inlined
def _linear(z):
    return z


@inlined
def _one(h):
    return type(h)(1)


@inlined
def _relu(z):
    return type(z)(0) if z <= 0 else z


@inlined
def _relu_slope(h):
    return _where(h > 0, h)


@inlined
def _relu6(z):
    return _clipped(z, 0, 6)


@inlined
def _relu6_slope(h):
    return _where(h > 0 and h < 6, h)


@inlined
def _elu(z):
    return z if z > 0 else expm1(z)


@inlined
def _elu_slope(h):
    return type(h)(1) if h > 0 else h + type(h)(1)


@inlined
def _selu(z):
    number = type(z)
    return number(SCALE) * z if z > 0 else number(SCALE * ALPHA) * expm1(z)


@inlined
def _selu_slope(h):
    number = type(h)
    return number(SCALE) if h >= 0 else h + number(SCALE * ALPHA)


@inlined
def _sigmoid_slope(h):
    return h * (type(h)(1) - h)


@inlined
def _tanh_slope(h):
    return type(h)(1) - h * h


@inlined
def _softsign(z):
    return z / (type(z)(1) + abs(z))


@inlined
def _softsign_slope(h):
    rest = type(h)(1) - abs(h)
    return rest * rest


@inlined
def _exponential_slope(h):
    return h


@inlined
def _hard_sigmoid(z):
    number = type(z)
    return _clipped(z + number(3), 0, 6) / number(6)


@inlined
def _hard_sigmoid_slope(h):
    return _where(h > 0 and h < 1, h) / type(h)(6)


@inlined
def _exponential(z):
    return type(z)(math.exp(z))  # a large one is infinite


@inlined
def _leaky_relu(z, slope):
    return z if z > 0 else z * slope


@inlined
def _leaky_relu_slope(z, h, slope):
    return type(z)(1) if z > 0 else slope


@inlined
def _softplus(z, slope):
    return softplus(z)


@inlined
def _softplus_slope(z, h, slope):
    return logistic(z)


@inlined
def _silu(z, slope):
    return z * logistic(z)


@inlined
def _silu_slope(z, h, slope):
    s = logistic(z)
    return s + h * (type(z)(1) - s)


@inlined
def _gelu(z, slope):
    share, _ = normal_distribution(z)
    return z * share


@inlined
def _gelu_slope(z, h, slope):
    share, bell = normal_distribution(z)
    return share + z * bell * type(z)(1 / math.sqrt(2 * math.pi))


@inlined
def _gates_of_mish(z):
    """``tanh(softplus(z))`` and its derivative, from one exponential; above 20 the first is one."""
    number = type(z)
    e = exp(number(20) if z > 20 else z)
    product = e * (e + number(2))
    gate = product / (product + number(2))
    return gate, (number(1) - gate * gate) * (e / (number(1) + e))


@inlined
def _mish(z, slope):
    gate, _ = _gates_of_mish(z)
    return z * gate


@inlined
def _mish_slope(z, h, slope):
    gate, change = _gates_of_mish(z)
    return gate + z * change


@inlined
def _hard_silu(z, slope):
    return z * _hard_sigmoid(z)


@inlined
def _hard_silu_slope(z, h, slope):
    return _hard_sigmoid(z) + z * _where(z > -3 and z < 3, z) / type(z)(6)


@inlined
def _hard_tanh(z, slope):
    return _clipped(z, -1, 1)


@inlined
def _hard_tanh_slope(z, h, slope):
    return _where(abs(z) <= 1, z)


@inlined
def _hard_shrink(z, slope):
    return type(z)(0) if abs(z) <= 0.5 else z


@inlined
def _shrink_slope(z, h, slope):
    return _where(abs(z) > 0.5, z)


@inlined
def _soft_shrink(z, slope):
    return z - _clipped(z, -0.5, 0.5)


@inlined
def _tanh_shrink(z, slope):
    return z - tanh(z)


@inlined
def _tanh_shrink_slope(z, h, slope):
    return (z - h) * (z - h)


@inlined
def _log_sigmoid(z, slope):
    return -softplus(-z)


@inlined
def _log_sigmoid_slope(z, h, slope):
    return logistic(-z)


@inlined
def _squareplus(z, slope):
    number = type(z)
    return (z + number(math.sqrt(z * z + number(4)))) / number(2)


@inlined
def _squareplus_slope(z, h, slope):
    number = type(z)
    return (number(1) + z / number(math.sqrt(z * z + number(4)))) / number(2)


ACTIVATIONS: dict[str, CompiledActivation] = {
    "linear": _by_value(_linear, _one),
    "relu": _by_value(_relu, _relu_slope),
    "relu6": _by_value(_relu6, _relu6_slope),
    "leaky_relu": _by_sum(_leaky_relu, _leaky_relu_slope),
    "elu": _by_value(_elu, _elu_slope),
    "celu": _by_value(_elu, _elu_slope),
    "selu": _by_value(_selu, _selu_slope),
    "sigmoid": _by_value(logistic, _sigmoid_slope),
    "tanh": _by_value(tanh, _tanh_slope),
    "softplus": _by_sum(_softplus, _softplus_slope),
    "softsign": _by_value(_softsign, _softsign_slope),
    "exponential": _by_value(_exponential, _exponential_slope),
    "gelu": _by_sum(_gelu, _gelu_slope),
    "silu": _by_sum(_silu, _silu_slope),
    "mish": _by_sum(_mish, _mish_slope),
    "hard_sigmoid": _by_value(_hard_sigmoid, _hard_sigmoid_slope),
    "hard_silu": _by_sum(_hard_silu, _hard_silu_slope),
    "hard_tanh": _by_sum(_hard_tanh, _hard_tanh_slope),
    "hard_shrink": _by_sum(_hard_shrink, _shrink_slope),
    "soft_shrink": _by_sum(_soft_shrink, _shrink_slope),
    "tanh_shrink": _by_sum(_tanh_shrink, _tanh_shrink_slope),
    "log_sigmoid": _by_sum(_log_sigmoid, _log_sigmoid_slope),
    "squareplus": _by_sum(_squareplus, _squareplus_slope),
    "softmax": CompiledActivation(softmax, softmax_backward, in_place=True),
    "log_softmax": CompiledActivation(log_softmax, log_softmax_backward, in_place=True),
}
ACTIVATIONS["swish"] = ACTIVATIONS["silu"]
ACTIVATIONS["hard_swish"] = ACTIVATIONS["hard_silu"]
