"""Losses and accuracies of each row, and their gradients, against Keras and a tape."""

import numpy as np
import pytest
from machine_code import DTYPES, call
from sknn_tune.engine._fused_activations import ACTIVATIONS
from sknn_tune.engine._fused_losses import accuracy, loss_and_gradient

from sknn_tune.engine._tensorflow import keras, tf
from sknn_tune.engine.arrays._losses import accuracy_of_rows, is_combined, loss_of_rows
from sknn_tune.engine.formulas._structure import Numbers
from sknn_tune.engine.machine._kernels import loss_address

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


def _cases():
    """Pairs with numbers of outputs; a single class is none."""
    return [(*pair, n) for pair in PAIRS for n in (1, 3) if n > 1 or not pair[0].endswith("categorical_crossentropy")]


def _sums_and_targets(loss, n_outputs, dtype="float64"):
    # A wide spread: probabilities saturate, where Keras goes by the sums and not by the outputs.
    z = np.random.default_rng(1).normal(scale=2 if "poisson" in loss else 25, size=(40, n_outputs))
    return z.astype(dtype).astype("float64"), _targets(loss, 40, n_outputs).astype(dtype).astype("float64")


def _by_keras(loss, output_activation, y, z):
    """Loss of each row and the tape's gradient by the sums."""
    z = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        each = _keras_loss(loss)(y, keras.activations.get(output_activation)(z))
    return each.numpy(), tape.gradient(each, z).numpy()


def _outputs(output_activation, z):
    return ACTIVATIONS[output_activation].forward(tf.constant(z), tf.constant(0.0, tf.float64))


def _by_machine_code(loss, output_activation, y, z, dtype):
    """The gradient by the sums, with the last step back by TensorFlow where it takes the outputs."""
    combined = is_combined(loss, output_activation)
    values = (z if combined else np.asarray(_outputs(output_activation, z))).astype(dtype)
    gradient = np.full_like(values, np.nan)
    address = loss_address(loss, output_activation, dtype)
    call(address, values, y.astype(dtype), gradient, *z.shape, values.dtype.type(DELTA))
    if combined:
        return gradient
    back = ACTIVATIONS[output_activation].backward
    return back(tf.constant(z), _outputs(output_activation, z), tf.constant(gradient, tf.float64), None).numpy()


@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), _cases())
def test_loss_and_gradient_are_those_of_keras(loss, output_activation, n_outputs):
    z, y = _sums_and_targets(loss, n_outputs)
    expected, expected_gradient = _by_keras(loss, output_activation, y, z)
    found, gradient = loss_and_gradient(loss, output_activation, tf.constant(y), tf.constant(z), _numbers())
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), _cases())
def test_the_recorded_loss_is_that_of_keras(loss, output_activation, n_outputs):
    z, y = _sums_and_targets(loss, n_outputs)
    combined = is_combined(loss, output_activation)
    values = z if combined else np.asarray(_outputs(output_activation, z))
    expected, _ = _by_keras(loss, output_activation, y, z)
    np.testing.assert_allclose(loss_of_rows(loss, combined, y, values, DELTA), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), _cases())
def test_the_gradient_of_machine_code_is_that_of_keras(loss, output_activation, n_outputs, dtype):
    z, y = _sums_and_targets(loss, n_outputs, dtype)
    _, expected = _by_keras(loss, output_activation, y, z)
    found = _by_machine_code(loss, output_activation, y, z, dtype)
    if loss == "binary_crossentropy" and output_activation == "hard_sigmoid" and dtype == "float32":
        # Near zero and one the gradient is as steep as the clipping allows, so every digit of an output counts.
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    else:
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-9 if dtype == "float64" else 2e-7)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), _cases())
def test_nan_in_an_output_is_nan_in_gradient_and_loss(loss, output_activation, n_outputs, dtype):
    z, y = _sums_and_targets(loss, n_outputs, dtype)
    values = np.abs(z).clip(0.1, 0.9).astype(dtype)
    values[7, n_outputs - 1] = np.nan
    gradient = np.zeros_like(values)
    address = loss_address(loss, output_activation, dtype)
    call(address, values, y.astype(dtype), gradient, *z.shape, values.dtype.type(DELTA))
    assert np.isnan(gradient[7, n_outputs - 1]) and np.isfinite(np.delete(gradient, 7, axis=0)).all()
    each = loss_of_rows(loss, is_combined(loss, output_activation), y, values, DELTA)
    np.testing.assert_array_equal(np.isnan(each), np.arange(40) == 7)


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_output_that_is_right_has_no_gradient_of_its_absolute_error(dtype):
    values, y, gradient = np.array([[1.0, 2.0]], dtype), np.array([[1.0, 3.0]], dtype), np.empty((1, 2), dtype)
    call(loss_address("mean_absolute_error", "linear", dtype), values, y, gradient, 1, 2, values.dtype.type(DELTA))
    np.testing.assert_array_equal(gradient, [[0, -0.5]])


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
    combined = is_combined(losses[kind], output_activation)
    values = z.numpy() if combined else np.asarray(_outputs(output_activation, z))
    np.testing.assert_array_equal(accuracy_of_rows(kind, combined, y.numpy(), values), found)
