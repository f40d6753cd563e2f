"""Activations and losses as Keras computes them and TensorFlow differentiates them, in double precision."""

from __future__ import annotations

import math

import numpy as np

from sknn_tune.engine._tensorflow import keras, tf

#: Losses with the output activations they are tested behind.
LOSSES_AND_OUTPUTS = [
    ("binary_crossentropy", "sigmoid"),
    ("binary_crossentropy", "hard_sigmoid"),
    ("categorical_crossentropy", "softmax"),
    ("sparse_categorical_crossentropy", "softmax"),
    ("mean_squared_error", "linear"),
    ("mean_squared_error", "tanh"),
    ("mean_absolute_error", "linear"),
    ("huber", "linear"),
    ("log_cosh", "linear"),
    ("poisson", "exponential"),
    ("poisson", "softplus"),
]

#: The same with numbers of outputs; a single class is none.
LOSS_CASES = [
    (loss, output_activation, n_outputs)
    for loss, output_activation in LOSSES_AND_OUTPUTS
    for n_outputs in (1, 3)
    if n_outputs > 1 or not loss.endswith("categorical_crossentropy")
]

DELTA = 0.7

_LOSS_CLASSES = {
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
    "mean_squared_error": keras.losses.MeanSquaredError,
    "mean_absolute_error": keras.losses.MeanAbsoluteError,
    "huber": keras.losses.Huber,
    "log_cosh": keras.losses.LogCosh,
    "poisson": keras.losses.Poisson,
}


def activation(name, slope=0.0):
    """The function; ``slope`` is that of leaky_relu below zero."""
    if name == "leaky_relu":
        return lambda z: tf.where(z > 0, z, z * tf.constant(slope, z.dtype))  # Keras rounds its slope to float32
    if name == "gelu":  # Keras rounds the root of two to float32
        return lambda z: z * tf.math.erfc(-z * tf.constant(math.sqrt(0.5), z.dtype)) / 2
    return keras.activations.get(name)


def activations_and_gradient(name, z, upstream, slope=0.0):
    """From the weighted sums, and from the gradient by the activations that by the sums."""
    z = tf.constant(z, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(z)
        h = activation(name, slope)(z)
    return h.numpy(), tape.gradient(h, z, output_gradients=tf.constant(upstream, tf.float64)).numpy()


def loss_and_gradient(loss, output_activation, y, z):
    """Loss of each row, and its gradient by the weighted sums."""
    arguments = {"delta": DELTA} if loss == "huber" else {}
    function = _LOSS_CLASSES[loss](reduction=None, dtype="float64", **arguments)
    z = tf.constant(z, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(z)
        each = function(y, keras.activations.get(output_activation)(z))
    return each.numpy(), tape.gradient(each, z).numpy()


def outputs_of(output_activation, z):
    """What a loss gets that does not stand behind its own activation."""
    return np.asarray(activation(output_activation)(tf.constant(z, tf.float64)))


def targets(loss, n_rows, n_outputs):
    generator = np.random.default_rng(2)
    if loss == "sparse_categorical_crossentropy":
        return generator.integers(n_outputs, size=(n_rows, 1)).astype(float)
    if loss == "categorical_crossentropy":
        return np.eye(n_outputs)[generator.integers(n_outputs, size=n_rows)]
    if loss == "binary_crossentropy":
        return generator.integers(2, size=(n_rows, n_outputs)).astype(float)
    return generator.uniform(0.1, 3, (n_rows, n_outputs))


def sums_and_targets(loss, n_outputs, dtype="float64"):
    """With a wide spread: probabilities saturate, where Keras goes by the sums and not by the outputs."""
    z = np.random.default_rng(1).normal(scale=2 if "poisson" in loss else 25, size=(40, n_outputs))
    return z.astype(dtype).astype("float64"), targets(loss, 40, n_outputs).astype(dtype).astype("float64")
