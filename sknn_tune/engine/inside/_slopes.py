"""The slope of an activation at the values that a layer gave it, if there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._tensorflow import tf

#: What they make of a unit depends on its neighbours, or on a slope that is learnt: no slope to be asked for.
_NOT_BY_UNIT = {"softmax", "log_softmax", "sparsemax", "prelu"}


def slopes_of(
    activation: str | None, function: Callable[..., Any], before: np.ndarray, after: np.ndarray
) -> Callable[[np.ndarray], np.ndarray] | None:
    """A function from values before an activation to its slopes there.

    Parameters
    ----------
    activation : str or None
        Its name.
    function : callable
        The activation itself.
    before, after : ndarray of shape (..., n_units)
        What it took and what it gave for some rows.

    Returns
    -------
    slopes_at : callable or None
        None if the activation does not work on each unit by itself.
    """
    if activation in _NOT_BY_UNIT or not _is_by_unit(function, before, after):
        return None

    def slopes_at(values: np.ndarray) -> np.ndarray:
        given = tf.constant(values)
        with tf.GradientTape() as tape:
            tape.watch(given)
            outputs = function(given)
        slopes = tape.gradient(outputs, given)
        return np.zeros_like(values) if slopes is None else np.asarray(slopes)

    return slopes_at


def _is_by_unit(function: Callable[..., Any], before: np.ndarray, after: np.ndarray) -> bool:
    """Whether a unit after the activation depends on the same unit before it only: change one, look at the others."""
    if before.shape != after.shape:
        return False
    changed = before.copy()
    changed[..., -1] += 1
    return np.array_equal(np.asarray(function(tf.constant(changed)))[..., :-1], after[..., :-1], equal_nan=True)
