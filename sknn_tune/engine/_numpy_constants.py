"""Numbers as NumPy wants its operands: of the array's type and without axes.

A Python number as an operand costs as much again as the operation of a small array does (0.5 µs), since NumPy
makes an array of it in every call.
"""

from __future__ import annotations

import numpy as np


class Constant(dict):
    """One number for each type of array: ``HALF[z.dtype]``."""

    def __init__(self, value: float):
        super().__init__()
        self._value = value

    def __missing__(self, dtype: np.dtype) -> np.ndarray:
        array = self[dtype] = np.array(self._value, dtype)
        array.setflags(write=False)
        return array


ZERO, HALF, ONE = Constant(0.0), Constant(0.5), Constant(1.0)
