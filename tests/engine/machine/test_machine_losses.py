"""Gradients of losses as machine code, against Keras and a tape."""

import numpy as np
import pytest
from keras_formulas import DELTA, LOSS_CASES, loss_and_gradient, outputs_of, sums_and_targets
from machine_code import DTYPES, call

from sknn_tune.engine._tensorflow import tf
from sknn_tune.engine.arrays import values_and_slopes
from sknn_tune.engine.formulas import LOSSES, is_combined
from sknn_tune.engine.machine._kernels import loss_address


def _by_machine_code(loss, output_activation, y, values, dtype):
    """The gradient by what the loss takes: outputs, or the weighted sums behind its own activation."""
    values = values.astype(dtype)
    gradient = np.full_like(values, np.nan)
    address = loss_address(loss, output_activation, dtype)
    call(address, values, y.astype(dtype), gradient, *values.shape, values.dtype.type(DELTA))
    return gradient


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), LOSS_CASES)
def test_the_gradient_is_that_of_keras(loss, output_activation, n_outputs, dtype):
    z, y = sums_and_targets(loss, n_outputs, dtype)
    _, expected = loss_and_gradient(loss, output_activation, y, z)
    if is_combined(loss, output_activation):
        found = _by_machine_code(loss, output_activation, y, z, dtype)
    else:  # and the last step back to the sums
        _, slopes = values_and_slopes(output_activation, z, 0.0)
        found = slopes * _by_machine_code(loss, output_activation, y, outputs_of(output_activation, z), dtype)
    if loss == "binary_crossentropy" and output_activation == "hard_sigmoid" and dtype == "float32":
        # Near zero and one the gradient is as steep as the clipping allows, so every digit of an output counts.
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    else:
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-9 if dtype == "float64" else 2e-7)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), LOSS_CASES)
def test_nan_in_an_output_is_nan_in_the_gradient_of_its_row(loss, output_activation, n_outputs, dtype):
    z, y = sums_and_targets(loss, n_outputs, dtype)
    values = np.abs(z).clip(0.1, 0.9)
    values[7, n_outputs - 1] = np.nan
    gradient = _by_machine_code(loss, output_activation, y, values, dtype)
    assert np.isnan(gradient[7, n_outputs - 1]) and np.isfinite(np.delete(gradient, 7, axis=0)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_output_that_is_right_has_no_gradient_of_its_absolute_error(dtype):
    values, y, gradient = np.array([[1.0, 2.0]], dtype), np.array([[1.0, 3.0]], dtype), np.empty((1, 2), dtype)
    call(loss_address("mean_absolute_error", "linear", dtype), values, y, gradient, 1, 2, values.dtype.type(DELTA))
    np.testing.assert_array_equal(gradient, [[0, -0.5]])


def test_targets_of_a_categorical_crossentropy_need_not_sum_to_one():
    z, y = np.array([[1.0, -2.0, 0.5]]), np.array([[0.2, 0.3, 0.1]])
    found = _by_machine_code("categorical_crossentropy", "softmax", y, z, "float64")
    np.testing.assert_allclose(found, tf.nn.softmax(z) - y, rtol=1e-12)


def test_every_loss_with_a_formula_is_tested():
    assert {loss for loss, _, _ in LOSS_CASES} == set(LOSSES)
