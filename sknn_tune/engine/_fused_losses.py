"""Losses of one row, their gradient with respect to the last weighted sums, and accuracies.

``loss_and_gradient`` takes the weighted sums ``z`` of the output layer rather than the outputs: as
Keras does, a crossentropy behind its own activation is computed from ``z``, which neither
overflows nor loses digits, and its gradient is simply ``outputs - targets``. Every other pair goes
through the output activation's backward function, with the probabilities clipped as Keras clips
them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ._fused_activations import ACTIVATIONS
from ._fused_scope import CROSSENTROPY_ACTIVATIONS
from ._numpy_losses import EPSILON
from ._tensorflow import tf

Tensor = Any


def _squared_error(y: Tensor, outputs: Tensor, delta: Tensor) -> tuple[Tensor, Tensor]:
    error = outputs - y
    return error * error, 2 * error


def _absolute_error(y: Tensor, outputs: Tensor, delta: Tensor) -> tuple[Tensor, Tensor]:
    error = outputs - y
    return tf.abs(error), tf.sign(error)


def _huber(y: Tensor, outputs: Tensor, delta: Tensor) -> tuple[Tensor, Tensor]:
    error = outputs - y
    size = tf.abs(error)
    bounded = tf.clip_by_value(error, -delta, delta)
    return tf.where(size <= delta, 0.5 * error * error, delta * size - 0.5 * delta * delta), bounded


def _log_cosh(y: Tensor, outputs: Tensor, delta: Tensor) -> tuple[Tensor, Tensor]:
    error = outputs - y
    return error + tf.math.softplus(-2 * error) - math.log(2.0), tf.tanh(error)


def _poisson(y: Tensor, outputs: Tensor, delta: Tensor) -> tuple[Tensor, Tensor]:
    shifted = outputs + EPSILON
    return outputs - y * tf.math.log(shifted), 1 - y / shifted


def _binary_crossentropy(y: Tensor, outputs: Tensor, delta: Tensor) -> tuple[Tensor, Tensor]:
    clipped = tf.clip_by_value(outputs, EPSILON, 1 - EPSILON)
    loss = -(y * tf.math.log(clipped) + (1 - y) * tf.math.log(1 - clipped))
    gradient = (clipped - y) / (clipped * (1 - clipped))
    inside = tf.logical_and(outputs >= EPSILON, outputs <= 1 - EPSILON)
    return loss, tf.where(inside, gradient, tf.zeros_like(gradient))


#: Name -> function of (targets, outputs, delta) giving loss and gradient of each output.
OUTPUT_LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    "mean_squared_error": _squared_error,
    "mean_absolute_error": _absolute_error,
    "huber": _huber,
    "log_cosh": _log_cosh,
    "poisson": _poisson,
    "binary_crossentropy": _binary_crossentropy,
}


def one_hot(y: Tensor, z: Tensor) -> Tensor:
    """The class numbers in the only column of ``y`` as rows with a single one, shaped as ``z``."""
    return tf.cast(tf.equal(y, tf.cast(tf.range(tf.shape(z)[-1]), z.dtype)), z.dtype)


def loss_and_gradient(loss: str, output_activation: str, y: Tensor, z: Tensor, numbers: Any) -> tuple[Tensor, Tensor]:
    """Loss of each row, shape (rows,), and its gradient by ``z``, shape (rows, outputs)."""
    if loss in CROSSENTROPY_ACTIVATIONS:
        if loss == "sparse_categorical_crossentropy":
            y = one_hot(y, z)
        shifted = z - tf.reduce_max(z, axis=-1, keepdims=True)
        exponentials = tf.exp(shifted)
        total = tf.reduce_sum(exponentials, axis=-1, keepdims=True)
        # Targets of categorical crossentropy need not sum to one; TensorFlow's own op takes them so.
        row_loss = tf.reduce_sum(y * (tf.math.log(total) - shifted), axis=-1)
        return row_loss, exponentials / total - y
    n_outputs = tf.cast(tf.shape(z)[-1], z.dtype)
    if loss == "binary_crossentropy" and output_activation == "sigmoid":
        each = tf.nn.relu(z) - z * y + tf.math.log1p(tf.exp(-tf.abs(z)))
        return tf.reduce_mean(each, axis=-1), (tf.sigmoid(z) - y) / n_outputs
    activation = ACTIVATIONS[output_activation]
    outputs = activation.forward(z, numbers.negative_slope)
    each, gradient = OUTPUT_LOSSES[loss](y, outputs, numbers.huber_delta)
    gradient = activation.backward(z, outputs, gradient / n_outputs, numbers.negative_slope)
    return tf.reduce_mean(each, axis=-1), gradient


def accuracy(kind: str, output_activation: str, y: Tensor, z: Tensor, numbers: Any) -> Tensor:
    """Share of right outputs of each row, shape (rows,), as Keras' ``accuracy`` counts them."""
    if kind == "binary":
        if output_activation == "sigmoid":
            predicted = z > 0
        else:
            predicted = ACTIVATIONS[output_activation].forward(z, numbers.negative_slope) > 0.5
        return tf.reduce_mean(tf.cast(tf.equal(tf.cast(predicted, y.dtype), y), z.dtype), axis=-1)
    wanted = one_hot(y, z) if kind == "index" else y
    return tf.cast(tf.equal(tf.argmax(z, axis=-1), tf.argmax(wanted, axis=-1)), z.dtype)
