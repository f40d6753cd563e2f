"""Activations: forward as Keras computes them, backward as TensorFlow differentiates them."""

import numpy as np
import pytest
from machine_code import DTYPES, call
from sknn_tune.engine._fused_activations import ACTIVATIONS

from sknn_tune.engine._tensorflow import keras, tf
from sknn_tune.engine.arrays._activations import ACTIVATIONS as NUMPY_ACTIVATIONS
from sknn_tune.engine.machine._activations import ACTIVATIONS as JIT_ACTIVATIONS
from sknn_tune.engine.machine._kernels import activation_addresses
from sknn_tune.specs._vocabulary import ACTIVATIONS as VOCABULARY

SLOPE = 0.03

#: Where an activation bends, or jumps.
KINKS = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0]

#: How far machine code may be off, by the type of its numbers: relative, and absolute where digits cancel.
TOLERANCES = {
    "float32": {"rtol": 1e-6, "atol": 1e-6},
    "float64": {"rtol": 1e-12, "atol": 1e-13},
}


def _keras_activation(name):
    if name == "leaky_relu":
        return lambda z: keras.activations.leaky_relu(z, negative_slope=SLOPE)
    return keras.activations.get(name)


def _sums(dtype="float64"):
    """Both sides of every kink, some of them far out."""
    return np.random.default_rng(0).normal(scale=4, size=(30, 7)).astype(dtype)


def _upstream(z):
    return np.random.default_rng(1).normal(size=z.shape).astype(z.dtype)


def _forward(name, z, bias=None, slope=SLOPE):
    """Weighted sums, where they are kept, and activations of machine code."""
    z, out, number = z.copy(), np.full_like(z, -7), z.dtype.type
    bias = np.zeros(z.shape[1], z.dtype) if bias is None else bias
    address, _ = activation_addresses(name, z.dtype.name)
    call(address, z, bias, out, *z.shape, number(slope))
    if not JIT_ACTIVATIONS[name].in_place:
        return z, out
    assert (out == -7).all()
    return None, z


def _backward(name, z, h, upstream, slope=SLOPE):
    gradient, number = upstream.copy(), h.dtype.type
    _, address = activation_addresses(name, h.dtype.name)
    # What works in place has no weighted sums any more.
    call(address, gradient, h.copy() if z is None else z.copy(), h.copy(), *h.shape, number(slope))
    return gradient


def _in_double(z, upstream, name, slope=SLOPE):
    """Activations and gradient as TensorFlow works them out from the same sums in double precision."""
    z, upstream = tf.constant(z, tf.float64), tf.constant(upstream, tf.float64)
    h = ACTIVATIONS[name].forward(z, tf.constant(slope, tf.float64))
    return h.numpy(), ACTIVATIONS[name].backward(z, h, upstream, tf.constant(slope, tf.float64)).numpy()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_outputs_are_those_of_keras(name):
    z = _sums()
    ours = ACTIVATIONS[name].forward(tf.constant(z), tf.constant(SLOPE, tf.float64))
    np.testing.assert_allclose(ours, _keras_activation(name)(z), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradient_passes_back_as_a_tape_would_pass_it(name):
    z = tf.constant(_sums())
    upstream = tf.constant(_upstream(_sums()))
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


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_those_of_numpy_are_the_same(name):
    z = _sums()
    given = z.copy()
    expected, _ = _in_double(z, z, name)
    np.testing.assert_allclose(NUMPY_ACTIVATIONS[name](given, SLOPE), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(given, z)
    assert NUMPY_ACTIVATIONS[name](z.astype("float32"), SLOPE).dtype == np.float32


def test_numpy_and_machine_code_have_all_that_programs_have():
    assert set(NUMPY_ACTIVATIONS) == set(JIT_ACTIVATIONS) == set(ACTIVATIONS)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_machine_code_agrees_in_outputs_and_gradient(name, dtype):
    z, upstream = _sums(dtype), _upstream(_sums(dtype))
    bias = np.linspace(-2, 2, z.shape[1]).astype(dtype)
    expected, expected_gradient = _in_double(z + bias, upstream, name)
    kept, h = _forward(name, z, bias)
    np.testing.assert_allclose(h, expected, **TOLERANCES[dtype])
    if kept is not None:
        np.testing.assert_array_equal(kept, z + bias)
    np.testing.assert_allclose(_backward(name, kept, h, upstream), expected_gradient, **TOLERANCES[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_machine_code_has_the_derivatives_of_a_tape_at_kinks(name, dtype):
    # Keras' tape gives celu, which is smooth, the slope 2 at zero.
    z = tf.constant([[kink for kink in KINKS if name != "celu" or kink]], dtype)
    with tf.GradientTape() as tape:
        tape.watch(z)
        outputs = _keras_activation(name)(z)
    upstream = np.linspace(1, 2, z.shape[1]).astype(dtype)[None]
    expected = tape.gradient(outputs, z, output_gradients=tf.constant(upstream))
    kept, h = _forward(name, z.numpy())
    np.testing.assert_allclose(_backward(name, kept, h, upstream), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_machine_code_stays_finite_and_right_far_out(name, dtype):
    """Row by row, since softmax looks at all units of one."""
    for size in (30.0, 87.0, 89.0, 200.0, 1e4):
        if name == "exponential" and size > 80:
            continue
        z = np.array([[-size, -50.0, 0.3, 50.0, size]], dtype)
        upstream = np.ones_like(z)
        expected, expected_gradient = _in_double(z, upstream, name)
        kept, h = _forward(name, z)
        tolerance = dict(TOLERANCES[dtype])
        if name == "squareplus":  # by Keras' formula too, the digits of large numbers cancel
            tolerance["atol"] = np.spacing(z.max())
        np.testing.assert_allclose(h, expected, err_msg=f"{size}", **tolerance)
        gradient = _backward(name, kept, h, upstream)
        np.testing.assert_allclose(gradient, expected_gradient, err_msg=f"{size}", **TOLERANCES[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_exponential_without_a_bound_becomes_infinite(dtype):
    kept, h = _forward("exponential", np.array([[1e4, -1e4]], dtype))
    np.testing.assert_array_equal(h, [[np.inf, 0]])
    np.testing.assert_array_equal(_backward("exponential", kept, h, np.ones_like(h)), [[np.inf, 0]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_stays_and_spreads_no_further_than_the_activation_looks(name, dtype):
    z = _sums(dtype)
    z[3, 2] = z[5, 0] = z[7, -1] = np.nan
    _, h = _forward(name, z)
    expected = np.isnan(z)
    if "softmax" in name:
        expected |= expected.any(axis=1, keepdims=True)
    np.testing.assert_array_equal(np.isnan(h), expected)
    np.testing.assert_array_equal(np.isnan(NUMPY_ACTIVATIONS[name](z, SLOPE)), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_gradient_that_is_nan_stays_nan(name, dtype):
    z = _sums(dtype)
    kept, h = _forward(name, z)
    upstream = _upstream(z)
    upstream[3, 2] = np.nan
    assert np.isnan(_backward(name, kept, h, upstream)[3, 2])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("slope", [-0.5, 0.0, 1.5])
def test_any_slope_may_be_below_zero(slope, dtype):
    z = _sums(dtype)
    below = np.where(z > 0, z, z.dtype.type(slope) * z)
    kept, h = _forward("leaky_relu", z, slope=slope)
    np.testing.assert_array_equal(h, below)
    np.testing.assert_array_equal(NUMPY_ACTIVATIONS["leaky_relu"](z, slope), below)
    gradient = _backward("leaky_relu", kept, h, np.ones_like(z), slope=slope)
    np.testing.assert_array_equal(gradient, np.where(z > 0, 1, z.dtype.type(slope)))


def test_all_names_of_the_vocabulary_but_three_are_compiled():
    assert set(VOCABULARY) - set(ACTIVATIONS) == {"sparse_plus", "sparse_sigmoid", "sparsemax"}
