"""Activations as machine code: forward as Keras computes them, backward as TensorFlow differentiates them."""

import numpy as np
import pytest
from keras_formulas import activation, activations_and_gradient
from machine_code import DTYPES, call

from sknn_tune.engine._tensorflow import tf
from sknn_tune.engine.arrays import activate
from sknn_tune.engine.formulas import ACTIVATIONS, ROW_ACTIVATIONS
from sknn_tune.engine.machine._activations import works_in_place
from sknn_tune.engine.machine._kernels import activation_addresses

NAMES = sorted({*ACTIVATIONS, *ROW_ACTIVATIONS})
SLOPE = 0.03

#: Where an activation bends, or jumps.
KINKS = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0]

#: How far machine code may be off, by the type of its numbers: relative, and absolute where digits cancel.
TOLERANCES = {
    "float32": {"rtol": 1e-6, "atol": 1e-6},
    "float64": {"rtol": 1e-12, "atol": 1e-13},
}


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
    if not works_in_place(name):
        return z, out
    assert (out == -7).all()
    return None, z


def _backward(name, z, h, upstream, slope=SLOPE):
    gradient, number = upstream.copy(), h.dtype.type
    _, address = activation_addresses(name, h.dtype.name)
    # What works in place has no weighted sums any more.
    call(address, gradient, h.copy() if z is None else z.copy(), h.copy(), *h.shape, number(slope))
    return gradient


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_outputs_and_gradient_are_those_of_keras(name, dtype):
    z, upstream = _sums(dtype), _upstream(_sums(dtype))
    bias = np.linspace(-2, 2, z.shape[1]).astype(dtype)
    expected, expected_gradient = activations_and_gradient(name, z + bias, upstream, SLOPE)
    kept, h = _forward(name, z, bias)
    np.testing.assert_allclose(h, expected, **TOLERANCES[dtype])
    if kept is not None:
        np.testing.assert_array_equal(kept, z + bias)
    np.testing.assert_allclose(_backward(name, kept, h, upstream), expected_gradient, **TOLERANCES[dtype])


@pytest.mark.few(16)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_predictions_by_numpy_follow_what_was_trained(name, dtype):
    z = _sums(dtype)
    _, h = _forward(name, z)
    np.testing.assert_allclose(activate(name, z, SLOPE), h, **TOLERANCES[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_derivatives_at_kinks_are_those_of_a_tape(name, dtype):
    # Keras' tape gives celu, which is smooth, the slope 2 at zero.
    z = tf.constant([[kink for kink in KINKS if name != "celu" or kink]], dtype)
    with tf.GradientTape() as tape:
        tape.watch(z)
        outputs = activation(name, SLOPE)(z)
    upstream = np.linspace(1, 2, z.shape[1]).astype(dtype)[None]
    expected = tape.gradient(outputs, z, output_gradients=tf.constant(upstream))
    kept, h = _forward(name, z.numpy())
    np.testing.assert_allclose(_backward(name, kept, h, upstream), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.few(16)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_far_out_it_stays_finite_and_right(name, dtype):
    """Row by row, since softmax looks at all units of one."""
    for size in (30.0, 87.0, 89.0, 200.0, 1e4):
        if name == "exponential" and size > 80:
            continue
        z = np.array([[-size, -50.0, 0.3, 50.0, size]], dtype)
        upstream = np.ones_like(z)
        expected, expected_gradient = activations_and_gradient(name, z, upstream, SLOPE)
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


@pytest.mark.few(16)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_and_spreads_no_further_than_the_activation_looks(name, dtype):
    z = _sums(dtype)
    z[3, 2] = z[5, 0] = z[7, -1] = np.nan
    _, h = _forward(name, z)
    expected = np.isnan(z)
    if name in ROW_ACTIVATIONS:
        expected |= expected.any(axis=1, keepdims=True)
    np.testing.assert_array_equal(np.isnan(h), expected)


@pytest.mark.few(16)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
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
    kept, h = _forward("leaky_relu", z, slope=slope)
    np.testing.assert_array_equal(h, np.where(z > 0, z, z.dtype.type(slope) * z))
    gradient = _backward("leaky_relu", kept, h, np.ones_like(z), slope=slope)
    np.testing.assert_array_equal(gradient, np.where(z > 0, 1, z.dtype.type(slope)))


def test_names_with_one_formula_share_their_code():
    assert activation_addresses("celu", "float32") == activation_addresses("elu", "float32")
