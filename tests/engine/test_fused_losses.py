"""Losses and accuracies of each row, and their gradients, against Keras and a tape."""

import numpy as np
import pytest

from sknn_tune.engine._fused_losses import accuracy, loss_and_gradient
from sknn_tune.engine._fused_structure import Numbers
from sknn_tune.engine._tensorflow import keras, tf

PAIRS = [
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
DELTA = 0.7


def _numbers(dtype="float64"):
    values = dict.fromkeys(Numbers._fields, 0.0) | {"huber_delta": DELTA}
    return Numbers(**{name: tf.constant(value, dtype) for name, value in values.items()})


def _keras_loss(name):
    arguments = {"delta": DELTA} if name == "huber" else {}
    classes = {
        "binary_crossentropy": keras.losses.BinaryCrossentropy,
        "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
        "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
        "mean_squared_error": keras.losses.MeanSquaredError,
        "mean_absolute_error": keras.losses.MeanAbsoluteError,
        "huber": keras.losses.Huber,
        "log_cosh": keras.losses.LogCosh,
        "poisson": keras.losses.Poisson,
    }
    return classes[name](reduction=None, dtype="float64", **arguments)


def _targets(loss, n_rows, n_outputs):
    generator = np.random.default_rng(2)
    if loss == "sparse_categorical_crossentropy":
        return generator.integers(n_outputs, size=(n_rows, 1)).astype(float)
    if loss == "categorical_crossentropy":
        return np.eye(n_outputs)[generator.integers(n_outputs, size=n_rows)]
    if loss == "binary_crossentropy":
        return generator.integers(2, size=(n_rows, n_outputs)).astype(float)
    return generator.uniform(0.1, 3, (n_rows, n_outputs))


@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize(("loss", "output_activation"), PAIRS)
def test_loss_and_gradient_are_those_of_keras(loss, output_activation, n_outputs):
    if loss.endswith("categorical_crossentropy") and n_outputs == 1:
        pytest.skip("a single class")
    # A wide spread: probabilities saturate, where Keras goes by the sums and not by the outputs.
    z = tf.constant(np.random.default_rng(1).normal(scale=2 if "poisson" in loss else 25, size=(40, n_outputs)))
    y = tf.constant(_targets(loss, 40, n_outputs))
    with tf.GradientTape() as tape:
        tape.watch(z)
        each = _keras_loss(loss)(y, keras.activations.get(output_activation)(z))
    expected = tape.gradient(each, z)
    found, gradient = loss_and_gradient(loss, output_activation, y, z, _numbers())
    np.testing.assert_allclose(found, each, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("kind", "output_activation", "metric"),
    [
        ("binary", "sigmoid", keras.metrics.BinaryAccuracy),
        ("binary", "hard_sigmoid", keras.metrics.BinaryAccuracy),
        ("index", "softmax", keras.metrics.SparseCategoricalAccuracy),
        ("one_hot", "softmax", keras.metrics.CategoricalAccuracy),
    ],
)
def test_accuracy_is_that_of_keras(kind, output_activation, metric):
    losses = {
        "binary": "binary_crossentropy",
        "index": "sparse_categorical_crossentropy",
        "one_hot": "categorical_crossentropy",
    }
    z = tf.constant(np.random.default_rng(1).normal(size=(40, 3)))
    y = tf.constant(_targets(losses[kind], 40, 3))
    expected = metric()(y, keras.activations.get(output_activation)(z))
    found = accuracy(kind, output_activation, y, z, _numbers())
    np.testing.assert_allclose(np.mean(found), expected, rtol=1e-6)
