"""Dropout for NumPy: masks from sixteen random bits for each activation.

A rate is so rounded to the next of 65 536 steps, and a mask costs a quarter of what random numbers
in floating point would. The bits of an epoch follow from the seed and the number of the epoch, so a
fit that goes on draws what one that never stopped would have drawn.
"""

from __future__ import annotations

import math
import zlib

import numpy as np

from ._selu import FLOOR

Array = np.ndarray


def bits_of_epoch(seed: int, epoch: int) -> np.random.BitGenerator:
    """The generator of all masks of an epoch."""
    return np.random.SFC64(np.random.SeedSequence([seed, zlib.crc32(b"dropout"), epoch]))


class DropoutMask:
    """The mask of one layer: which activations stay, and the factor by which they do.

    Parameters
    ----------
    rate : float
    shape : tuple of int
    dtype : dtype
    alpha : bool
        Whether dropped activations become the lower end of selu, with mean and spread restored.
    """

    def __init__(self, rate: float, shape: tuple[int, ...], dtype, *, alpha: bool = False):
        self._shape, self._size = shape, math.prod(shape)
        self._threshold = np.uint16(min(round(rate * 2**16), 2**16 - 1))
        self._keep, self._factor = np.empty(shape, bool), np.empty(shape, dtype)
        self._scale, self._shift = np.dtype(dtype).type(1 / (1 - rate)), None
        if alpha:
            scale = 1 / math.sqrt((1 - rate) * (1 + rate * FLOOR**2))
            self._scale, self._shift = np.dtype(dtype).type(scale), -scale * FLOOR * rate

    def draw(self, bits: np.random.BitGenerator) -> None:
        """A new mask."""
        drawn = bits.random_raw(-(-self._size // 4)).view(np.uint16)[: self._size]
        np.greater_equal(drawn.reshape(self._shape), self._threshold, out=self._keep)
        np.multiply(self._keep, self._scale, out=self._factor)

    def forward(self, inputs: Array, out: Array) -> None:
        """``out`` may be ``inputs``."""
        np.multiply(inputs, self._factor, out=out)
        if self._shift is not None:
            # What is dropped becomes floor * scale; all is shifted.
            floor = (self._scale - self._factor) * FLOOR
            floor += self._shift
            np.add(out, floor, out=out)

    def backward(self, gradient: Array) -> None:
        """In place."""
        np.multiply(gradient, self._factor, out=gradient)
