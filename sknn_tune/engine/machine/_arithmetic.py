"""The arithmetic in which formulas become machine code: Numba's functions of single numbers (see `formulas`).

The intrinsics of `_exponentials` are wrapped, too: they have another key in each process, and what a formula uses is
part of the key under which Numba finds code on disk.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from ..formulas import Arithmetic
from ._exponentials import exp, expm1
from ._functions import inlined, log1p_of_share, logistic, normal_bell, normal_share, softplus, tanh


@inlined
def _exp(x):
    return exp(x)


@inlined
def _expm1(x):
    return expm1(x)


@inlined
def _where(condition, one, other):
    return one if condition else other


@inlined
def _larger(x, bound):
    return bound if x <= bound else x


@inlined
def _smaller(x, bound):
    return bound if x > bound else x


@inlined
def _clipped(x, low, high):
    x = low if x < low else x
    return high if x > high else x


@inlined
def _exp_to_infinity(x):
    return type(x)(math.exp(x))


@inlined
def _log(x):
    return type(x)(math.log(x))


@inlined
def _sqrt(x):
    return type(x)(math.sqrt(x))


@cache
def arithmetic(dtype: str) -> Arithmetic:
    """For numbers of one type, of which constants are, too: others would make wider numbers of all."""
    return Arithmetic(
        number=np.dtype(dtype).type,
        where=_where,
        larger=_larger,
        smaller=_smaller,
        clipped=_clipped,
        exp=_exp,
        expm1=_expm1,
        exp_to_infinity=_exp_to_infinity,
        log=_log,
        sqrt=_sqrt,
        log1p_of_share=log1p_of_share,
        tanh=tanh,
        logistic=logistic,
        softplus=softplus,
        normal_share=normal_share,
        normal_bell=normal_bell,
    )
