"""Values and slopes of an activation, from Keras itself: so they are right for every name and for functions too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._tensorflow import keras, tf


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
    function = keras.activations.get(activation)
    arguments = {"negative_slope": negative_slope} if activation == "leaky_relu" else {}
    sums = tf.constant(inputs, "float64")
    with tf.GradientTape() as tape:
        tape.watch(sums)
        # Each row is a layer of two units, of which the second gets nothing.
        outputs = function(tf.stack([sums, tf.zeros_like(sums)], axis=1), **arguments)
        values = outputs[:, 0]
    slopes = tape.gradient(values, sums, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    of_one_layer = function(sums[tf.newaxis], **arguments)[0]
    if not np.allclose(of_one_layer, values, equal_nan=True):
        raise ValueError("it looks at all units of a layer at once")
    return np.asarray(values), np.asarray(slopes)
