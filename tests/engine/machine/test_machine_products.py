"""The products of an update: right for every shape, the same bits in threads, and nothing else is written."""

import threading

import numpy as np
import pytest
from machine_code import DTYPES
from numba import njit

from sknn_tune.engine.code import COLUMNS, SETTINGS, at
from sknn_tune.engine.machine import _products
from sknn_tune.engine.machine._products import size_of_spare

#: Product -> the same by NumPy, of rows, kernel and gradient of the sums.
PRODUCTS = {
    "layer_sums": lambda x, kernel, to_sums: x @ kernel,
    "gradient_of_kernel": lambda x, kernel, to_sums: x.T @ to_sums,
    "gradient_of_inputs": lambda x, kernel, to_sums: to_sums @ kernel.T,
}
TOLERANCES = {"float32": 2e-6, "float64": 4e-15}
GUARD = 1234.5

#: Rows, inputs, units: no rows, few of each, whole tiles and what is left over.
SHAPES = [
    *[(0, 1, 1), (0, 40, 3), (0, 5, 40), (0, 40, 40), (1, 1, 1), (1, 40, 64), (3, 2, 2), (3, 70, 7), (7, 33, 140)],
    *[(8, 16, 16), (32, 40, 1), (32, 1, 40), (32, 40, 10), (32, 7, 7), (33, 100, 100), (32, 13, 128), (64, 256, 4)],
]

#: On both sides of each limit, for both types of number.
AT_LIMITS = [
    (31, 256, 256),
    (33, 256, 256),
    (64, 256, 256),
    (65, 256, 256),
    (3, 256, 513),
    (3, 513, 256),
    (2, 300, 600),
]


def _compiled(name):
    """Between numbers that guard what is beyond ``out``; the other arguments are those of the product."""
    product = getattr(_products, name)

    @njit(**SETTINGS)
    def of_arrays(one, other, spare, out, n_rows, n_in, n_out, n_guards):
        product(at(one, 0), at(other, 0), at(spare, n_guards), at(out, n_guards), n_rows, n_in, n_out)

    return of_arrays


COMPILED = {name: _compiled(name) for name in PRODUCTS}


def _guarded(size, dtype):
    """Numbers between guards, each side of them some lines."""
    n_guards = 4 * COLUMNS[dtype]
    out = np.full(size + 2 * n_guards, GUARD, dtype)
    out[n_guards : n_guards + size] = np.nan
    return out, n_guards


def _problem(shape, dtype):
    n_rows, n_in, n_out = shape
    generator = np.random.default_rng(n_rows + 1000 * n_in + n_out)
    return [generator.normal(size=size).astype(dtype) for size in ((n_rows, n_in), (n_in, n_out), (n_rows, n_out))]


def _product(name, x, kernel, to_sums):
    """By machine code, and that it wrote where it may."""
    (n_rows, n_in), n_out, dtype = x.shape, kernel.shape[1], kernel.dtype.name
    shape = PRODUCTS[name](x, kernel, to_sums).shape
    (out, n_guards), (spare, _) = (
        _guarded(shape[0] * shape[1], dtype),
        _guarded(size_of_spare(n_in, n_out, dtype), dtype),
    )
    one, other = {"layer_sums": (x, kernel), "gradient_of_kernel": (x, to_sums)}.get(name, (to_sums, kernel))
    COMPILED[name](one, other, spare, out, n_rows, n_in, n_out, n_guards)
    for array in (out, spare):
        assert (array[:n_guards] == GUARD).all() and (array[len(array) - n_guards :] == GUARD).all()
    return out[n_guards:-n_guards].reshape(shape)


def _assert_right(name, shape, dtype):
    arrays = _problem(shape, dtype)
    found = _product(name, *arrays)
    exact = [array.astype("float64") for array in arrays]
    expected, sizes = PRODUCTS[name](*exact), PRODUCTS[name](*map(np.abs, exact))
    assert (np.abs(found - expected) <= TOLERANCES[dtype] * sizes).all(), (name, shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES + AT_LIMITS, ids=str)
@pytest.mark.parametrize("name", PRODUCTS)
def test_it_is_the_product(name, shape, dtype):
    _assert_right(name, shape, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", PRODUCTS)
def test_it_is_the_product_of_any_shape(name, dtype):
    generator = np.random.default_rng(0)
    for shape in generator.integers(1, 41, size=(300, 3)):
        _assert_right(name, tuple(map(int, shape)), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_out", [1, 3, 10, 37, 128])
def test_a_row_has_the_same_bits_in_any_number_of_rows(n_out, dtype):
    """Whichever tile works it out: the last rows of a batch are not those of a whole block."""
    x, kernel, to_sums = _problem((50, 60, n_out), dtype)
    for name in ("layer_sums", "gradient_of_inputs"):
        of_all = _product(name, x, kernel, to_sums)
        for rows in (slice(0, 1), slice(3, 10), slice(11, 50), slice(49, 50)):
            np.testing.assert_array_equal(_product(name, x[rows], kernel, to_sums[rows]), of_all[rows])


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_column_has_the_same_bits_in_any_number_of_columns(dtype):
    """Of those that fill half a vector."""
    x, kernel, to_sums = _problem((33, 45, 150), dtype)
    for name in ("layer_sums", "gradient_of_kernel"):
        of_all = _product(name, x, kernel, to_sums)
        for columns in (slice(0, 8), slice(2, 15), slice(9, 50), slice(17, 150)):
            some = [np.ascontiguousarray(array[:, columns]) for array in (kernel, to_sums)]
            np.testing.assert_array_equal(_product(name, x, *some), of_all[:, columns])


@pytest.mark.parametrize("name", PRODUCTS)
def test_not_a_number_and_infinity_come_through(name):
    x, kernel, to_sums = (np.abs(array) + 1 for array in _problem((20, 24, 18), "float32"))
    x[3, 4], kernel[5, 6], to_sums[7, 8] = np.nan, np.inf, np.inf
    np.testing.assert_array_equal(
        np.isfinite(_product(name, x, kernel, to_sums)), np.isfinite(PRODUCTS[name](x, kernel, to_sums))
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_threads_at_once_have_the_same_bits(dtype):
    shapes = [(32, 40, 32), (32, 64, 3), (32, 128, 128)]
    arrays = [_problem(shape, dtype) for shape in shapes]
    expected = [[_product(name, *each) for name in PRODUCTS] for each in arrays]
    wrong = []

    def check():
        for _ in range(50):
            for each, of_each in zip(arrays, expected, strict=True):
                found = [_product(name, *each) for name in PRODUCTS]
                wrong.extend(not np.array_equal(*pair) for pair in zip(found, of_each, strict=True))

    threads = [threading.Thread(target=check) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wrong) == 2 * 50 * len(shapes) * len(PRODUCTS) and not any(wrong)
