"""Functions of one number in machine code: to the last digits, over their whole range, and NaN comes through."""

import math

import numpy as np
import pytest
from machine_code import DTYPES
from numba import njit
from scipy import special

from sknn_tune.engine.code import SETTINGS
from sknn_tune.engine.machine import _functions

#: Function -> the same in double precision, its range, and how many units in the last place single precision is off.
FUNCTIONS = {
    "exp": (np.exp, (-87, 88), 2),
    "expm1": (np.expm1, (-87, 88), 3),
    "logistic": (special.expit, (-87, 87), 3),
    "tanh": (np.tanh, (-100, 100), 4),
    "softplus": (lambda x: np.logaddexp(0, x), (-87, 1000), 4),
    "log1p_of_share": (np.log1p, (0, 1), 3),
}

#: Where the forms change, and numbers so small that a plain difference would lose all digits.
SPECIAL = [0.0, 1e-30, 1e-10, 1e-7, 1e-4, 0.3465, 0.3466, 0.6931, 0.6932, 1.0, 19.9, 20.1]


def _compiled(name):
    function = getattr(_functions, name)

    @njit(**SETTINGS)
    def of_each(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    return of_each


def _values(name, x):
    out = np.empty_like(x)
    _compiled(name)(x, out)
    return out


def _numbers(low, high, dtype):
    either_side = np.array([*SPECIAL, *np.negative(SPECIAL)])
    near_zero = np.geomspace(1e-6, 1, 2000)
    x = np.concatenate([either_side, near_zero, -near_zero, np.linspace(low, high, 20_001)])
    return x[(x >= low) & (x <= high)].astype(dtype)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_single_precision_is_right_to_the_last_digits(name):
    expected_of, (low, high), units = FUNCTIONS[name]
    x = _numbers(low, high, "float32")
    expected = expected_of(x.astype("float64"))
    assert _values(name, x).dtype == np.float32
    spacing = np.maximum(np.spacing(np.abs(expected).astype("float32")), np.finfo("float32").smallest_normal * 2**-23)
    off = np.abs(_values(name, x).astype("float64") - expected) / spacing
    assert off.max() <= units, f"{off.max()} at {x[off.argmax()]}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_double_precision_is_right_to_the_last_digits(name):
    expected_of, (low, high), _ = FUNCTIONS[name]
    x = _numbers(low, high, "float64")
    np.testing.assert_allclose(_values(name, x), expected_of(x), rtol=4e-15)


@pytest.mark.parametrize(("dtype", "error"), [("float32", 3e-7), ("float64", 1e-15)])
def test_the_normal_distribution_is_right_in_absolute_terms(dtype, error):
    x = _numbers(-40, 40, dtype)
    wide = x.astype("float64")
    found = _values("normal_share", x)
    np.testing.assert_allclose(found, special.ndtr(wide), rtol=0, atol=error)
    assert found.min() >= 0 and found.max() <= 1
    np.testing.assert_allclose(_values("normal_bell", x), np.exp(-0.5 * wide * wide), rtol=0, atol=error)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_lower_tail_of_the_normal_distribution_falls_to_zero_with_all_digits_in_double_precision(dtype):
    x = np.linspace(-35, -1, 200).astype(dtype)
    found, expected = _values("normal_share", x), special.ndtr(x.astype("float64"))
    if dtype == "float64":
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    else:
        assert (found[x < -13.5] < 1e-37).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*FUNCTIONS, "normal_share", "normal_bell"])
def test_nan_comes_through_wherever_it_stands(name, dtype):
    for place in (0, 5, 16, 36):  # in a group of numbers that are handled at once, and in the rest
        x = np.linspace(0, 1, 37).astype(dtype)
        x[place] = np.nan
        np.testing.assert_array_equal(np.isnan(_values(name, x)), np.arange(37) == place)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "below", "above"),
    [
        ("expm1", -1, None),
        ("logistic", 0, 1),
        ("tanh", -1, 1),
        ("softplus", 0, math.inf),
        ("normal_share", 0, 1),
        ("exp", 0, None),
        ("normal_bell", 0, 0),
    ],
    ids=lambda value: None if isinstance(value, str) else f"{value}",
)
def test_infinity_gives_the_limit(name, below, above, dtype):
    x = np.array([-np.inf, np.inf], dtype)
    found = _values(name, x)
    assert found[0] == pytest.approx(below, abs=1e-37)  # as good as zero
    if above is None:  # as good as infinite
        assert found[1] > 1e38
    else:
        assert found[1] == pytest.approx(above, abs=1e-37)


@pytest.mark.parametrize("name", ["exp", "expm1", "logistic", "tanh", "softplus", "normal_share"])
def test_beyond_the_range_of_single_precision_functions_go_on_rising_or_stay(name):
    x = np.concatenate([-np.geomspace(1e38, 1, 400), np.geomspace(1, 1e38, 400)]).astype("float32")
    found = _values(name, x)
    assert not np.isnan(found).any()
    # As far as single precision tells them apart, where the normal distribution is right to 1e-7 only.
    assert (np.diff(found) >= -3e-7).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["expm1", "tanh"])
def test_small_numbers_keep_all_their_digits(name, dtype):
    x = np.geomspace(1e-30, 1e-5, 100).astype(dtype)
    x = np.concatenate([x, -x])
    wide = x.astype("float64")
    expected = {"expm1": np.expm1, "tanh": np.tanh}[name](wide)
    np.testing.assert_allclose(_values(name, x), expected, rtol=4e-7 if dtype == "float32" else 1e-15)
