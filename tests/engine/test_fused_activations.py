"""Activations: forward as Keras computes them, backward as TensorFlow differentiates them."""

import numpy as np
import pytest

from sknn_tune.engine._fused_activations import ACTIVATIONS
from sknn_tune.engine._numpy_activations import ACTIVATIONS as NUMPY_ACTIVATIONS
from sknn_tune.engine._tensorflow import keras, tf
from sknn_tune.specs._vocabulary import ACTIVATIONS as VOCABULARY

SLOPE = 0.03


def _keras_activation(name):
    if name == "leaky_relu":
        return lambda z: keras.activations.leaky_relu(z, negative_slope=SLOPE)
    return keras.activations.get(name)


def _sums(dtype="float64"):
    """Both sides of every kink, some of them far out."""
    return np.random.default_rng(0).normal(scale=4, size=(30, 7)).astype(dtype)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_outputs_are_those_of_keras(name):
    z = _sums()
    ours = ACTIVATIONS[name].forward(tf.constant(z), tf.constant(SLOPE, tf.float64))
    np.testing.assert_allclose(ours, _keras_activation(name)(z), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradient_passes_back_as_a_tape_would_pass_it(name):
    z = tf.constant(_sums())
    upstream = tf.constant(np.random.default_rng(1).normal(size=z.shape))
    with tf.GradientTape() as tape:
        tape.watch(z)
        outputs = _keras_activation(name)(z)
    expected = tape.gradient(outputs, z, output_gradients=upstream)
    slope = tf.constant(SLOPE, tf.float64)
    activation = ACTIVATIONS[name]
    found = activation.backward(z, activation.forward(z, slope), upstream, slope)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"exponential"}))
def test_large_sums_neither_overflow_nor_give_nan(name):
    z = tf.constant([[-200.0, -50.0, 50.0, 200.0]])
    slope = tf.constant(SLOPE)
    outputs = ACTIVATIONS[name].forward(z, slope)
    assert np.isfinite(outputs).all()
    assert np.isfinite(ACTIVATIONS[name].backward(z, outputs, tf.ones_like(z), slope)).all()


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("name", NUMPY_ACTIVATIONS)
def test_those_of_numpy_are_the_same(name, in_place):
    z, upstream = _sums(), np.random.default_rng(1).normal(size=(30, 7))
    slope = tf.constant(SLOPE, tf.float64)
    expected = ACTIVATIONS[name].forward(tf.constant(z), slope)
    expected_gradient = ACTIVATIONS[name].backward(tf.constant(z), expected, upstream, slope)
    activation = NUMPY_ACTIVATIONS[name]
    sums = z.copy()
    outputs = sums if in_place and not activation.needs_sums else np.empty_like(z)
    activation.forward(sums, outputs, np.empty_like(z), SLOPE)
    np.testing.assert_allclose(outputs, expected, rtol=1e-12, atol=1e-12)
    gradient = upstream.copy()
    activation.backward(gradient, sums, outputs, np.empty_like(z), SLOPE)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("slope", [-0.5, 0.0, 1.5])
def test_any_slope_may_be_below_zero(slope):
    z = _sums()
    outputs, gradient = np.empty_like(z), np.ones_like(z)
    NUMPY_ACTIVATIONS["leaky_relu"].forward(z, outputs, np.empty_like(z), slope)
    NUMPY_ACTIVATIONS["leaky_relu"].backward(gradient, z, outputs, np.empty_like(z), slope)
    np.testing.assert_allclose(outputs, np.where(z > 0, z, slope * z))
    np.testing.assert_allclose(gradient, np.where(z > 0, 1, slope))


def test_all_names_of_the_vocabulary_but_three_are_compiled():
    assert set(VOCABULARY) - set(ACTIVATIONS) == {"sparse_plus", "sparse_sigmoid", "sparsemax"}
