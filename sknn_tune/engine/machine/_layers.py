"""Batch normalisation and dropout as machine code, each compiled when a network first uses it.

Arrays come as pointers and are ``(n_rows, n_units)`` in Keras' order, so that loops run along the units, sixteen at
once.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..formulas import FLOOR
from ._functions import inlined

_LOW_BITS = np.uint64(0xFFFFFFFF)


def normalise(z, gamma, moving, normalised, inverse_deviation, out, n_rows, n_units, momentum, epsilon):
    """``out = gamma * normalised``, beta to be added; ``moving`` holds mean and variance. ``out`` may be ``z``."""
    number = type(momentum)
    share, rest = number(1) / number(n_rows), number(1) - momentum
    mean = inverse_deviation  # its place until the deviation is known
    for unit in range(n_units):
        mean[unit] = number(0)
    for row in range(n_rows):
        for unit in range(n_units):
            mean[unit] += z[row * n_units + unit]
    for unit in range(n_units):
        mean[unit] *= share
        moving[unit] = momentum * moving[unit] + rest * mean[unit]
    for row in range(n_rows):
        for unit in range(n_units):
            normalised[row * n_units + unit] = z[row * n_units + unit] - mean[unit]
    variance = mean
    for unit in range(n_units):
        variance[unit] = number(0)
    for row in range(n_rows):
        for unit in range(n_units):
            variance[unit] += normalised[row * n_units + unit] * normalised[row * n_units + unit]
    for unit in range(n_units):
        value = variance[unit] * share
        moving[n_units + unit] = momentum * moving[n_units + unit] + rest * value
        inverse_deviation[unit] = number(1) / number(math.sqrt(value + epsilon))
    for row in range(n_rows):
        for unit in range(n_units):
            value = normalised[row * n_units + unit] * inverse_deviation[unit]
            normalised[row * n_units + unit] = value
            out[row * n_units + unit] = value * gamma[unit]


def normalise_backward(gradient, gamma, normalised, inverse_deviation, to_gamma, to_beta, n_rows, n_units, share):
    """In place, and the gradients of gamma and beta; ``share`` is one by the number of rows."""
    for unit in range(n_units):
        to_gamma[unit] = share * 0
        to_beta[unit] = share * 0
    for row in range(n_rows):
        for unit in range(n_units):
            to_beta[unit] += gradient[row * n_units + unit]
            to_gamma[unit] += gradient[row * n_units + unit] * normalised[row * n_units + unit]
    for row in range(n_rows):
        for unit in range(n_units):
            from_all = (to_beta[unit] + normalised[row * n_units + unit] * to_gamma[unit]) * share
            inner = gradient[row * n_units + unit] - from_all
            gradient[row * n_units + unit] = inner * (gamma[unit] * inverse_deviation[unit])


@inlined
def _mixed_64(x):
    """The mixer of SplitMix64 (https://doi.org/10.1145/2660193.2660195)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@inlined
def _mixed_32(bits):
    """A mixer with full avalanche (https://nullprogram.com/blog/2018/07/31/)."""
    bits = np.uint32(np.uint32(bits ^ np.uint32(bits >> np.uint32(16))) * np.uint32(0x7FEB352D))
    bits = np.uint32(np.uint32(bits ^ np.uint32(bits >> np.uint32(15))) * np.uint32(0x846CA68B))
    return np.uint32(bits ^ np.uint32(bits >> np.uint32(16)))


@inlined
def _draw_mask(kept, size, key, layer, first, threshold, scale):
    """Fill ``kept`` with ``scale`` or, for a share of ``threshold / 2 ** 24``, with zero.

    Two rounds of a mixer: a function of the key of the update, the number of the layer, and the position in the batch,
    of which the first is ``first``.
    """
    own = _mixed_64(key + np.uint64(layer))
    low, high = np.uint32(own & _LOW_BITS), np.uint32(own >> np.uint64(32))
    for i in range(size):
        bits = _mixed_32(np.uint32(np.uint32(first + i) + low))
        bits = _mixed_32(np.uint32(bits + high))
        kept[i] = scale if np.uint32(bits >> np.uint32(8)) >= np.uint32(threshold) else scale * 0


def drop(values, kept, out, size, key, layer, first, threshold, scale, shift):
    """``out = values * kept``, by a new mask; ``out`` may be ``values``."""
    _draw_mask(kept, size, key, layer, first, threshold, scale)
    for i in range(size):
        out[i] = values[i] * kept[i]


def drop_to_floor(values, kept, out, size, key, layer, first, threshold, scale, shift):
    """Alpha dropout: what is dropped becomes the lower end of selu, and all is shifted."""
    _draw_mask(kept, size, key, layer, first, threshold, scale)
    floor = type(scale)(FLOOR)
    for i in range(size):
        out[i] = (values[i] if kept[i] != 0 else floor) * scale + shift


#: Name -> the function to compile.
LAYERS: dict[str, Callable[..., None]] = {
    "normalise": normalise,
    "normalise_backward": normalise_backward,
    "drop": drop,
    "drop_to_floor": drop_to_floor,
}
