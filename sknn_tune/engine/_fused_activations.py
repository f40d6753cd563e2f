"""Activations and how a gradient passes back through them, written out.

Problem: ``tf.GradientTape`` doubles the size of the graph, and the size of the graph is what a
compile costs. Choice: every activation is a pair of functions, ``forward(z, slope)`` and
``backward(z, h, gradient, slope)``, where ``h = forward(z)`` is at hand again so that sigmoid, tanh
and their kin need nothing recomputed. Not taken: ``tf.custom_gradient`` around Keras' functions,
which keeps the tape.

At a kink the derivative is the one TensorFlow uses (zero at zero for relu, say), so that both
engines agree there too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ._selu import ALPHA, SCALE
from ._tensorflow import tf

Tensor = Any


class Activation(NamedTuple):
    """``forward(z, slope)`` and ``backward(z, h, gradient, slope)``."""

    forward: Callable[[Tensor, Tensor], Tensor]
    backward: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def _elementwise(forward: Callable[[Tensor], Tensor], derivative: Callable[[Tensor, Tensor], Tensor]) -> Activation:
    """An activation of one number, from ``forward(z)`` and ``derivative(z, h)``."""
    return Activation(
        lambda z, slope: forward(z),
        lambda z, h, gradient, slope: gradient * derivative(z, h),
    )


def _gated(forward: Callable[[Tensor], Tensor], passes: Callable[[Tensor, Tensor], Tensor]) -> Activation:
    """An activation whose derivative is one where ``passes(z, h)`` and zero elsewhere."""
    return Activation(
        lambda z, slope: forward(z),
        lambda z, h, gradient, slope: tf.where(passes(z, h), gradient, tf.zeros_like(gradient)),
    )


def _where_positive(z: Tensor, above: Tensor, below: Tensor) -> Tensor:
    return tf.where(z > 0, above, below)


def _normal_distribution(z: Tensor) -> Tensor:
    return 0.5 * (1 + tf.math.erf(z * math.sqrt(0.5)))


def _gelu_derivative(z: Tensor, h: Tensor) -> Tensor:
    return _normal_distribution(z) + z * tf.exp(-0.5 * z * z) * (1 / math.sqrt(2 * math.pi))


def _silu_derivative(z: Tensor, h: Tensor) -> Tensor:
    sigmoid = tf.sigmoid(z)
    return sigmoid + h * (1 - sigmoid)


def _mish_derivative(z: Tensor, h: Tensor) -> Tensor:
    tanh = tf.tanh(tf.math.softplus(z))
    return tanh + z * (1 - tanh * tanh) * tf.sigmoid(z)


def _hard_sigmoid(z: Tensor) -> Tensor:
    return tf.clip_by_value(z + 3, 0, 6) / 6


def _inside(z: Tensor, low: float, high: float) -> Tensor:
    return tf.logical_and(z > low, z < high)


def _ones_where(condition: Tensor, like: Tensor) -> Tensor:
    return tf.cast(condition, like.dtype)


def _hard_silu_derivative(z: Tensor, h: Tensor) -> Tensor:
    return _hard_sigmoid(z) + z * _ones_where(_inside(z, -3, 3), z) / 6


def _squareplus_derivative(z: Tensor, h: Tensor) -> Tensor:
    return (1 + z * tf.math.rsqrt(z * z + 4)) / 2


def _softsign_derivative(z: Tensor, h: Tensor) -> Tensor:
    denominator = 1 + tf.abs(z)
    return 1 / (denominator * denominator)


def _softmax_backward(z: Tensor, h: Tensor, gradient: Tensor, slope: Tensor) -> Tensor:
    return h * (gradient - tf.reduce_sum(gradient * h, axis=-1, keepdims=True))


def _log_softmax_backward(z: Tensor, h: Tensor, gradient: Tensor, slope: Tensor) -> Tensor:
    return gradient - tf.exp(h) * tf.reduce_sum(gradient, axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(lambda z, slope: z, lambda z, h, gradient, slope: gradient),
    "relu": _gated(tf.nn.relu, lambda z, h: h > 0),
    "relu6": _gated(lambda z: tf.clip_by_value(z, 0, 6), lambda z, h: _inside(z, 0, 6)),
    "leaky_relu": Activation(
        lambda z, slope: _where_positive(z, z, slope * z),
        lambda z, h, gradient, slope: _where_positive(z, gradient, slope * gradient),
    ),
    "elu": _elementwise(
        lambda z: _where_positive(z, z, tf.math.expm1(z)), lambda z, h: _where_positive(z, tf.ones_like(z), h + 1)
    ),
    "celu": _elementwise(
        lambda z: _where_positive(z, z, tf.math.expm1(z)), lambda z, h: _where_positive(z, tf.ones_like(z), h + 1)
    ),
    "selu": _elementwise(
        lambda z: SCALE * _where_positive(z, z, ALPHA * tf.math.expm1(z)),
        lambda z, h: tf.where(z >= 0, tf.constant(SCALE, z.dtype), h + SCALE * ALPHA),
    ),
    "sigmoid": _elementwise(tf.sigmoid, lambda z, h: h * (1 - h)),
    "tanh": _elementwise(tf.tanh, lambda z, h: 1 - h * h),
    "softplus": _elementwise(tf.math.softplus, lambda z, h: tf.sigmoid(z)),
    "softsign": _elementwise(lambda z: z / (1 + tf.abs(z)), _softsign_derivative),
    "exponential": _elementwise(tf.exp, lambda z, h: h),
    "gelu": _elementwise(lambda z: z * _normal_distribution(z), _gelu_derivative),
    "silu": _elementwise(lambda z: z * tf.sigmoid(z), _silu_derivative),
    "mish": _elementwise(lambda z: z * tf.tanh(tf.math.softplus(z)), _mish_derivative),
    "hard_sigmoid": _elementwise(_hard_sigmoid, lambda z, h: _ones_where(_inside(z, -3, 3), z) / 6),
    "hard_silu": _elementwise(lambda z: z * _hard_sigmoid(z), _hard_silu_derivative),
    "hard_tanh": _gated(lambda z: tf.clip_by_value(z, -1, 1), lambda z, h: tf.abs(z) <= 1),
    "hard_shrink": _gated(lambda z: tf.where(tf.abs(z) <= 0.5, tf.zeros_like(z), z), lambda z, h: tf.abs(z) > 0.5),
    "soft_shrink": _gated(lambda z: z - tf.clip_by_value(z, -0.5, 0.5), lambda z, h: tf.abs(z) > 0.5),
    "tanh_shrink": _elementwise(lambda z: z - tf.tanh(z), lambda z, h: (z - h) * (z - h)),
    "log_sigmoid": _elementwise(lambda z: -tf.math.softplus(-z), lambda z, h: tf.sigmoid(-z)),
    "squareplus": _elementwise(lambda z: (z + tf.sqrt(z * z + 4)) / 2, _squareplus_derivative),
    "softmax": Activation(lambda z, slope: tf.nn.softmax(z), _softmax_backward),
    "log_softmax": Activation(lambda z, slope: tf.nn.log_softmax(z), _log_softmax_backward),
}
ACTIVATIONS["swish"] = ACTIVATIONS["silu"]
ACTIVATIONS["hard_swish"] = ACTIVATIONS["hard_silu"]
