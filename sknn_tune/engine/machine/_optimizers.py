"""One update of all weights as machine code: the formula of `formulas/_optimizers`, in one pass over memory.

A function is ``update(weights, m, v, gradient, size, c)``: pointers to vectors of ``size`` numbers, the moments that
a form does not have being empty, and to the coefficients of this update in the order of `COLUMNS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..formulas import COLUMNS

_M_DECAY, _M_GAIN, _V_DECAY, _V_GAIN = map(COLUMNS.index, ("m_decay", "m_gain", "v_decay", "v_gain"))
_FROM_M, _FROM_G, _V_SCALE, _V_SHIFT = map(COLUMNS.index, ("from_m", "from_g", "v_scale", "v_shift"))
_EPSILON, _KEEP = map(COLUMNS.index, ("epsilon", "keep"))


def _plain(weights, m, v, gradient, size, c):
    from_g, keep = c[_FROM_G], c[_KEEP]
    for i in range(size):
        weights[i] = keep * weights[i] - from_g * gradient[i]


def _momentum(weights, m, v, gradient, size, c):
    decay, gain, from_m, from_g, keep = c[_M_DECAY], c[_M_GAIN], c[_FROM_M], c[_FROM_G], c[_KEEP]
    for i in range(size):
        moment = decay * m[i] + gain * gradient[i]
        m[i] = moment
        weights[i] = keep * weights[i] - (from_m * moment + from_g * gradient[i])


def _scaled(weights, m, v, gradient, size, c):
    decay, gain, from_g, keep = c[_V_DECAY], c[_V_GAIN], c[_FROM_G], c[_KEEP]
    scale, shift, epsilon = c[_V_SCALE], c[_V_SHIFT], c[_EPSILON]
    number = type(decay)
    for i in range(size):
        square = decay * v[i] + gain * (gradient[i] * gradient[i])
        v[i] = square
        deviation = number(math.sqrt(scale * square + shift)) + epsilon
        weights[i] = keep * weights[i] - from_g * gradient[i] / deviation


def _adaptive(weights, m, v, gradient, size, c):
    m_decay, m_gain, v_decay, v_gain, keep = c[_M_DECAY], c[_M_GAIN], c[_V_DECAY], c[_V_GAIN], c[_KEEP]
    from_m, from_g, scale, shift, epsilon = c[_FROM_M], c[_FROM_G], c[_V_SCALE], c[_V_SHIFT], c[_EPSILON]
    number = type(keep)
    for i in range(size):
        moment = m_decay * m[i] + m_gain * gradient[i]
        square = v_decay * v[i] + v_gain * (gradient[i] * gradient[i])
        m[i] = moment
        v[i] = square
        deviation = number(math.sqrt(scale * square + shift)) + epsilon
        weights[i] = keep * weights[i] - (from_m * moment + from_g * gradient[i]) / deviation


def _scaled_momentum(weights, m, v, gradient, size, c):
    """RMSProp applies momentum to the change itself."""
    v_decay, v_gain, from_g, keep, m_decay = c[_V_DECAY], c[_V_GAIN], c[_FROM_G], c[_KEEP], c[_M_DECAY]
    scale, shift, epsilon = c[_V_SCALE], c[_V_SHIFT], c[_EPSILON]
    number = type(keep)
    for i in range(size):
        square = v_decay * v[i] + v_gain * (gradient[i] * gradient[i])
        v[i] = square
        deviation = number(math.sqrt(scale * square + shift)) + epsilon
        change = m_decay * m[i] + from_g * gradient[i] / deviation
        m[i] = change
        weights[i] = keep * weights[i] - change


#: Form of an optimizer -> the function to compile.
UPDATES: dict[str, Callable[..., None]] = {
    "plain": _plain,
    "momentum": _momentum,
    "scaled": _scaled,
    "adaptive": _adaptive,
    "scaled_momentum": _scaled_momentum,
}
