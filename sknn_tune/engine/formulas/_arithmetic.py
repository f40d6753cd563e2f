"""What formulas are written in, so that one formula serves compiled loops and NumPy.

Problem: a formula is needed as machine code of single numbers and as NumPy of whole arrays, and Numba takes neither
NumPy's fast forms nor Python's numbers, which would make double precision of single precision. Choice: a formula is
made by a function that gets the arithmetic and gives functions in it, with its constants made beforehand. Not taken:
translating one form into the other, which nobody could read, or compiling what NumPy does, whose forms are slow there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True)
class Arithmetic:
    """Functions of numbers or of arrays of them. NaN goes through each, for it tells of divergence.

    Besides these a formula has ``+ - * /``, ``abs``, comparisons, and ``&`` and ``|`` between these.

    Attributes
    ----------
    number : callable
        Makes a constant, before anything is computed with it.
    where : callable
        ``where(condition, one, other)``. Both are computed.
    larger, smaller : callable
        ``larger(x, bound)`` of a number and a constant.
    clipped : callable
        ``clipped(x, low, high)``.
    exp, expm1 : callable
        ``expm1(x)`` is ``exp(x) - 1`` with all digits near zero. Far out they may stop at a very large number.
    exp_to_infinity : callable
        The exponential to its end, which may take longer.
    log, sqrt : callable
    log1p_of_share : callable
        ``log(1 + x)`` for x from 0 to 1.
    tanh, logistic, softplus : callable
        ``1 / (1 + exp(-x))`` and ``log(1 + exp(x))``.
    normal_share, normal_bell : callable
        The share of a standard normal distribution below x, and ``exp(-x * x / 2)``.
    """

    number: Function
    where: Function
    larger: Function
    smaller: Function
    clipped: Function
    exp: Function
    expm1: Function
    exp_to_infinity: Function
    log: Function
    sqrt: Function
    log1p_of_share: Function
    tanh: Function
    logistic: Function
    softplus: Function
    normal_share: Function
    normal_bell: Function
