"""Values and slopes of an activation: by our formula, or from Keras for functions and the few names without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...specs import ACTIVATION_ALIASES, canonical_name
from ..arrays import values_and_slopes as values_and_slopes_by_formula
from ..formulas import ACTIVATIONS, ROW_ACTIVATIONS

_OF_LAYER = "it looks at all units of a layer at once"


def values_and_slopes(
    activation: str | Callable[..., Any], inputs: np.ndarray, negative_slope: float
) -> tuple[np.ndarray, np.ndarray]:
    """What one unit passes on for each of these sums, and the derivative that the training would use.

    Parameters
    ----------
    activation : str or callable
    inputs : ndarray of shape (n_points,)
    negative_slope : float
        Of "leaky_relu".

    Returns
    -------
    values, slopes : ndarray of shape (n_points,)

    Raises
    ------
    ValueError
        If the activation looks at all units of a layer, so that it is no function of one number.
    """
    if isinstance(activation, str):
        name = canonical_name(activation, ACTIVATION_ALIASES)
        if name in ROW_ACTIVATIONS:
            raise ValueError(_OF_LAYER)
        if name in ACTIVATIONS:
            return values_and_slopes_by_formula(name, inputs.astype("float64"), negative_slope)
    return _by_keras(activation, inputs)


def _by_keras(activation: str | Callable, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from .._tensorflow import keras, tf

    function = keras.activations.get(activation)
    sums = tf.constant(inputs, "float64")
    with tf.GradientTape() as tape:
        tape.watch(sums)
        # Each row is a layer of two units, of which the second gets nothing.
        outputs = function(tf.stack([sums, tf.zeros_like(sums)], axis=1))
        values = outputs[:, 0]
    slopes = tape.gradient(values, sums, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    if not np.allclose(function(sums[tf.newaxis])[0], values, equal_nan=True):
        raise ValueError(_OF_LAYER)
    return np.asarray(values), np.asarray(slopes)
