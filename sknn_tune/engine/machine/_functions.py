"""Functions of one number that activations and losses share, as parts of machine code.

Those of single precision are polynomials, so that a loop over them handles sixteen numbers at once; in double
precision, which few fits want, the library's own functions are used.
"""

from __future__ import annotations

import math

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from ..code import INNER
from ._exponentials import exp, expm1

#: Functions that are compiled as a part of the loop that calls them.
inlined = register_jitable(inline="always", **INNER)


@inlined
def _log1p_of_float32(x):
    """For x from 0 to 1, by ``2 * (s + s**3 / 3 + s**5 / 5 + ...)`` where s is at most 1/3."""
    s = x / (np.float32(2) + x)
    q = s * s
    total = np.float32(1 / 15) * q + np.float32(1 / 13)
    total = ((total * q + np.float32(1 / 11)) * q + np.float32(1 / 9)) * q + np.float32(1 / 7)
    total = ((total * q + np.float32(1 / 5)) * q + np.float32(1 / 3)) * q + np.float32(1)
    return np.float32(2) * s * total


@inlined
def _bell_of_float32(x):
    size = abs(x) * np.float32(0.7071067811865476)
    return exp(-size * size)


@inlined
def _share_of_float32(x):
    """To 1e-7 (Abramowitz and Stegun, 7.1.26). The bell is computed once where it is asked for as well."""
    size = abs(x) * np.float32(0.7071067811865476)
    t = np.float32(1) / (np.float32(1) + np.float32(0.3275911) * size)
    p = (np.float32(1.061405429) * t - np.float32(1.453152027)) * t + np.float32(1.421413741)
    p = ((p * t - np.float32(0.284496736)) * t + np.float32(0.254829592)) * t
    beyond = np.float32(0.5) * p * exp(-size * size)
    return beyond if x < 0 else np.float32(1) - beyond


def _by_precision(of_float32, of_float64):
    """A function that compiled code finds in the form for its number's type."""

    def function(x):
        return of_float64(x)

    overload(function, jit_options=dict(INNER), inline="always")(
        lambda x: of_float32 if x == types.float32 else of_float64
    )
    return function


#: ``log(1 + x)`` for x from 0 to 1.
log1p_of_share = _by_precision(_log1p_of_float32, lambda x: math.log1p(x))

#: The share of a normal distribution below x, and ``exp(-x * x / 2)``.
normal_share = _by_precision(_share_of_float32, lambda x: 0.5 * math.erfc(-x * math.sqrt(0.5)))
normal_bell = _by_precision(_bell_of_float32, lambda x: math.exp(-0.5 * x * x))


@inlined
def logistic(x):
    """``1 / (1 + exp(-x))``."""
    number = type(x)
    return number(1) / (number(1) + exp(-x))


@inlined
def tanh(x):
    """With all digits near zero."""
    number = type(x)
    falling = expm1(number(-2) * abs(x))
    size = -falling / (falling + number(2))
    return -size if x < 0 else size


@inlined
def softplus(x):
    """``log(1 + exp(x))``."""
    number = type(x)
    above = x if x > 0 else number(0)
    return above + log1p_of_share(exp(-abs(x)))
