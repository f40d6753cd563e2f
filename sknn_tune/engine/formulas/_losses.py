"""Losses: for each its value and its slope, once for all that computes with them.

A formula is a function of the arithmetic (see `_arithmetic`) that gives two functions of a target ``y`` and an output,
``value(y, output, delta)`` and ``slope(y, output, delta)``, the derivative by the output; ``delta`` is that of the
Huber loss. The loss of a row is the mean over its outputs.

A crossentropy behind its own activation is worked out from the weighted sums, as Keras does: then nothing overflows,
and the derivative is simply the difference. Behind a sigmoid the functions are as above, with a sum for the output.
Behind a softmax they are ``value(y, shifted, log_total)``, with a sum less the largest in its row and the logarithm of
the sum of the exponentials of these, and ``slope(y, share)``, with softmax itself; the loss of a row is the sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from ._arithmetic import Arithmetic, Function

Formula = Callable[[Arithmetic], tuple[Function, Function]]

#: ``keras.config.epsilon()``, unless a user changes it: crossentropies clip probabilities by it.
EPSILON = 1e-7


class Loss(NamedTuple):
    """A loss.

    Attributes
    ----------
    of_outputs : callable or None
        Its formula; None if it stands behind its own activation only.
    own_activation : {"sigmoid", "softmax"} or None
        The activation behind which it takes the weighted sums.
    of_sums : callable or None
        The formula that it has there.
    takes_indices : bool
        Whether a target is the number of a class: that of an output which is 1, all others being 0.
    """

    of_outputs: Formula | None
    own_activation: str | None = None
    of_sums: Formula | None = None
    takes_indices: bool = False


def _squared_error(m: Arithmetic) -> tuple[Function, Function]:
    two = m.number(2)
    return lambda y, output, delta: (output - y) * (output - y), lambda y, output, delta: two * (output - y)


def _absolute_error(m: Arithmetic) -> tuple[Function, Function]:
    where, zero, one = m.where, m.number(0), m.number(1)

    def slope(y: Any, output: Any, delta: Any) -> Any:
        error = output - y
        return where(error > zero, one, where(error < zero, -one, error))  # NaN stays

    return lambda y, output, delta: abs(output - y), slope


def _huber(m: Arithmetic) -> tuple[Function, Function]:
    where, clipped, half = m.where, m.clipped, m.number(0.5)

    def value(y: Any, output: Any, delta: Any) -> Any:
        size = abs(output - y)
        return where(size <= delta, half * size * size, delta * size - half * delta * delta)

    return value, lambda y, output, delta: clipped(output - y, -delta, delta)


def _log_cosh(m: Arithmetic) -> tuple[Function, Function]:
    tanh, softplus, two, log_of_two = m.tanh, m.softplus, m.number(2), m.number(math.log(2))

    def value(y: Any, output: Any, delta: Any) -> Any:
        error = output - y
        return error + softplus(-two * error) - log_of_two

    return value, lambda y, output, delta: tanh(output - y)


def _poisson(m: Arithmetic) -> tuple[Function, Function]:
    log, one, epsilon = m.log, m.number(1), m.number(EPSILON)

    def value(y: Any, output: Any, delta: Any) -> Any:
        return output - y * log(output + epsilon)

    return value, lambda y, output, delta: one - y / (output + epsilon)


def _binary_crossentropy(m: Arithmetic) -> tuple[Function, Function]:
    where, clipped, log, one = m.where, m.clipped, m.log, m.number(1)
    low, high = m.number(EPSILON), m.number(1 - EPSILON)

    def value(y: Any, output: Any, delta: Any) -> Any:
        share = clipped(output, low, high)
        return -(y * log(share) + (one - y) * log(one - share))

    def slope(y: Any, output: Any, delta: Any) -> Any:
        inside = (output >= low) & (output <= high)
        return where(inside, (output - y) / (output * (one - output)), output - output)  # NaN stays

    return value, slope


def _binary_crossentropy_of_sums(m: Arithmetic) -> tuple[Function, Function]:
    larger, exp, log1p, logistic, zero = m.larger, m.exp, m.log1p_of_share, m.logistic, m.number(0)

    def value(y: Any, z: Any, delta: Any) -> Any:
        return larger(z, zero) - z * y + log1p(exp(-abs(z)))

    return value, lambda y, z, delta: logistic(z) - y


def _crossentropy_of_sums(m: Arithmetic) -> tuple[Function, Function]:
    """Targets need not sum to one; TensorFlow's own operation takes them so."""
    return lambda y, shifted, log_total: y * (log_total - shifted), lambda y, share: share - y


LOSSES: dict[str, Loss] = {
    "mean_squared_error": Loss(_squared_error),
    "mean_absolute_error": Loss(_absolute_error),
    "huber": Loss(_huber),
    "log_cosh": Loss(_log_cosh),
    "poisson": Loss(_poisson),
    "binary_crossentropy": Loss(_binary_crossentropy, "sigmoid", _binary_crossentropy_of_sums),
    "categorical_crossentropy": Loss(None, "softmax", _crossentropy_of_sums),
    "sparse_categorical_crossentropy": Loss(None, "softmax", _crossentropy_of_sums, takes_indices=True),
}


def is_combined(loss: str, output_activation: str) -> bool:
    """Whether the loss stands behind its own activation, and takes the weighted sums."""
    return LOSSES[loss].own_activation == output_activation
