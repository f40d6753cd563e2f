"""Softmax and its logarithm as machine code: activations that look at all units of a row.

Their functions are called like those of `CompiledActivation`, and work in place.
"""

from __future__ import annotations

import math

from ._exponentials import exp
from ._functions import inlined


@inlined
def _shift(z, bias, start, n_units):
    """Add the bias and take off the largest; the sum of the exponentials, which are not kept."""
    number = type(z[0])
    largest = z[start] + bias[0]
    for unit in range(n_units):
        value = z[start + unit] + bias[unit]
        z[start + unit] = value
        largest = largest if value <= largest else value  # NaN becomes the largest
    total = number(0)
    for unit in range(n_units):
        z[start + unit] -= largest
        total += exp(z[start + unit])
    return total


def softmax(z, bias, out, n_rows, n_units, slope):
    for row in range(n_rows):
        start = row * n_units
        total = _shift(z, bias, start, n_units)
        for unit in range(n_units):
            z[start + unit] = exp(z[start + unit]) / total


def softmax_backward(gradient, z, h, n_rows, n_units, slope):
    for row in range(n_rows):
        start = row * n_units
        total = type(z[0])(0)
        for unit in range(n_units):
            total += gradient[start + unit] * h[start + unit]
        for unit in range(n_units):
            gradient[start + unit] = h[start + unit] * (gradient[start + unit] - total)


def log_softmax(z, bias, out, n_rows, n_units, slope):
    for row in range(n_rows):
        start = row * n_units
        total = type(z[0])(math.log(_shift(z, bias, start, n_units)))
        for unit in range(n_units):
            z[start + unit] -= total


def log_softmax_backward(gradient, z, h, n_rows, n_units, slope):
    for row in range(n_rows):
        start = row * n_units
        total = type(z[0])(0)
        for unit in range(n_units):
            total += gradient[start + unit]
        for unit in range(n_units):
            gradient[start + unit] -= exp(h[start + unit]) * total
