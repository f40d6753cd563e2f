"""The arithmetic in which formulas become NumPy of whole arrays (see `formulas`): each function in its fast form.

Constants are Python's numbers, which leave an array its precision.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from ..formulas import Arithmetic

Array = np.ndarray


def _logistic(x: Array) -> Array:
    """As a tangent, which NumPy works out in half the time of an exponential, and nothing overflows."""
    out = x * 0.5
    np.tanh(out, out=out)
    out *= 0.5
    out += 0.5
    return out


def _softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


ARITHMETIC = Arithmetic(
    number=float,
    where=np.where,
    larger=np.maximum,
    smaller=np.minimum,
    clipped=np.clip,
    exp=np.exp,
    expm1=np.expm1,
    exp_to_infinity=np.exp,
    log=np.log,
    sqrt=np.sqrt,
    log1p_of_share=np.log1p,
    tanh=np.tanh,
    logistic=_logistic,
    softplus=_softplus,
    normal_share=special.ndtr,
    normal_bell=lambda x: np.exp(-0.5 * x * x),
)
