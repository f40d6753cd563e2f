"""Numbers as Python's own: Keras, Numba and their caches each take other kinds, and some are refused without need."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """A scalar of NumPy, an array of one number or a fraction as Python's own; anything else as it is."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer) and not isinstance(value, np.timedelta64):
        return int(value)
    if isinstance(value, np.str_):
        return str(value)
    if isinstance(value, int | float):
        return float(value) if isinstance(value, np.floating) else value
    if isinstance(value, Real | Decimal):  # a Fraction, say
        return float(value)
    return value
