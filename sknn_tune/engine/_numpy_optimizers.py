"""One update of all weights for NumPy, in place: the formula of `_fused_optimizers`."""

from __future__ import annotations

import math

import numpy as np

from ._fused_optimizers import MOMENTS, Coefficients

Array = np.ndarray


def update(form: str, weights: Array, moments: list[Array], gradient: Array, scratch: Array, c: Coefficients) -> None:
    """Change ``weights`` and ``moments``; ``gradient`` is used up."""
    kept = dict(zip(MOMENTS[form], moments, strict=True))
    m, v = kept.get("m"), kept.get("v")
    if v is not None:
        _decay(v, c.v_decay)
        np.multiply(gradient, gradient, out=scratch)
        _add(v, scratch, c.v_gain, scratch)
    if form == "scaled_momentum":
        step = _momentum_of_scaled(kept["m"], kept["v"], gradient, scratch, c)
    else:
        if m is not None:
            _decay(m, c.m_decay)
            _add(m, gradient, c.m_gain, scratch)
        step = _numerator(m, gradient, scratch, c)
        if v is not None:
            np.divide(step, _deviation(v, scratch, c), out=step)
    _decay(weights, c.keep)
    np.subtract(weights, step, out=weights)


def _momentum_of_scaled(m: Array, v: Array, gradient: Array, scratch: Array, c: Coefficients) -> Array:
    """RMSProp applies momentum to the step."""
    np.multiply(gradient, c.from_g, out=gradient)
    np.divide(gradient, _deviation(v, scratch, c), out=gradient)
    _decay(m, c.m_decay)
    return np.add(m, gradient, out=m)


def _numerator(m: Array | None, gradient: Array, scratch: Array, c: Coefficients) -> Array:
    """``from_m * m + from_g * g``, in place of the gradient."""
    if m is None:
        return np.multiply(gradient, c.from_g, out=gradient)
    if not c.from_g:
        return np.multiply(m, c.from_m, out=gradient)
    np.multiply(gradient, c.from_g, out=gradient)
    _add(gradient, m, c.from_m, scratch)
    return gradient


def _deviation(v: Array, scratch: Array, c: Coefficients) -> Array:
    """``sqrt(v_scale * v + v_shift) + epsilon``, in ``scratch``."""
    if c.v_shift:
        np.multiply(v, c.v_scale, out=scratch)
        np.add(scratch, c.v_shift, out=scratch)
        np.sqrt(scratch, out=scratch)
    else:
        np.sqrt(v, out=scratch)
        _decay(scratch, math.sqrt(c.v_scale))
    return np.add(scratch, c.epsilon, out=scratch) if c.epsilon else scratch


def _decay(array: Array, factor: float) -> None:
    if factor != 1:
        np.multiply(array, factor, out=array)


def _add(array: Array, other: Array, factor: float, scratch: Array) -> None:
    """``array += factor * other``."""
    if factor != 1:
        other = np.multiply(other, factor, out=scratch)
    np.add(array, other, out=array)
