"""Activations by NumPy: of any shape, in either precision, and nothing given is changed."""

import numpy as np
import pytest

from sknn_tune.engine.arrays import activate, values_and_slopes
from sknn_tune.engine.formulas import ACTIVATIONS, ROW_ACTIVATIONS

NAMES = sorted({*ACTIVATIONS, *ROW_ACTIVATIONS})


def _sums():
    return np.random.default_rng(0).normal(scale=4, size=(30, 7))


@pytest.mark.parametrize("name", NAMES)
def test_the_sums_stay_and_precision_too(name):
    z = _sums()
    given = z.copy()
    double, single = activate(name, given, 0.03), activate(name, given.astype("float32"), 0.03)
    np.testing.assert_array_equal(given, z)
    assert (double.dtype, single.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose(single, double, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_leading_axes_do_not_matter(name):
    z = _sums()
    np.testing.assert_array_equal(activate(name, z.reshape(2, 15, 7), 0.03).reshape(30, 7), activate(name, z, 0.03))


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_and_spreads_no_further_than_the_activation_looks(name):
    z = _sums()
    z[3, 2] = z[5, 0] = z[7, -1] = np.nan
    expected = np.isnan(z)
    if name in ROW_ACTIVATIONS:
        expected |= expected.any(axis=1, keepdims=True)
    np.testing.assert_array_equal(np.isnan(activate(name, z, 0.03)), expected)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"exponential"}))
def test_large_sums_neither_overflow_nor_give_nan(name):
    with np.errstate(all="ignore"):  # as in prediction
        assert np.isfinite(activate(name, np.array([[-1e4, -200.0, -50.0, 50.0, 200.0, 1e4]]), 0.03)).all()


@pytest.mark.parametrize("slope", [-0.5, 0.0, 1.5])
def test_any_slope_may_be_below_zero(slope):
    z = _sums()
    values, slopes = values_and_slopes("leaky_relu", z, slope)
    np.testing.assert_array_equal(values, np.where(z > 0, z, slope * z))
    np.testing.assert_array_equal(slopes, np.where(z > 0, 1, slope))
