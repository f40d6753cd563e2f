"""Penalties on kernels and activations, and a bound on the gradient, for NumPy."""

from __future__ import annotations

import numpy as np

from ._fused_structure import Numbers
from ._numpy_weights import VectorLayout

Array = np.ndarray


class KernelPenalty:
    """``l1 * sum(|w|) + l2 * sum(w ** 2)`` over the kernels in a vector of all weights."""

    def __init__(self, layout: VectorLayout, numbers: Numbers, dtype: str):
        mask = layout.kernel_mask(dtype)
        self._l1 = mask * mask.dtype.type(numbers.l1) if numbers.l1 else None
        self._l2 = mask * mask.dtype.type(2 * numbers.l2) if numbers.l2 else None

    def add(self, weights: Array, gradient: Array, scratch: Array) -> float:
        """The penalty; its gradient is added to ``gradient``."""
        total = 0.0
        if self._l2 is not None:
            np.multiply(weights, self._l2, out=scratch)
            total += 0.5 * float(np.dot(scratch, weights))
            np.add(gradient, scratch, out=gradient)
        if self._l1 is not None:
            np.sign(weights, out=scratch)
            np.multiply(scratch, self._l1, out=scratch)
            total += float(np.dot(scratch, weights))
            np.add(gradient, scratch, out=gradient)
        return total

    def of(self, weights: Array) -> float:
        """The penalty alone."""
        return self.add(weights, np.zeros_like(weights), np.empty_like(weights))


def activity_penalty(active: Array, numbers: Numbers) -> float:
    """Of all activations of a layer, summed over the rows."""
    return float(numbers.activity_l1 * np.abs(active).sum() + numbers.activity_l2 * np.vdot(active, active))


def clip(kind: str | None, gradient: Array, limit: float) -> None:
    """Bound the norm of the gradient, or each of its values, in place."""
    if kind == "norm":
        norm = float(np.sqrt(np.dot(gradient, gradient)))
        if not norm <= limit:  # also if it is no number, which the gradient shall tell
            np.multiply(gradient, limit / norm, out=gradient)
    elif kind == "value":
        np.clip(gradient, -limit, limit, out=gradient)
