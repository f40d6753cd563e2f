"""Rows times a kernel: right, and with the same bits however the rows are kept and whatever stands beside them."""

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_info, threadpool_limits

from sknn_tune.engine._why_no_numba import why_no_numba
from sknn_tune.engine.products import product_of
from sknn_tune.engine.products._numpy import NumPyProduct

DTYPES = ["float32", "float64"]

#: Rows, inputs, outputs: whole tiles, and what is left over beside them.
SHAPES = [(1, 1, 1), (6, 5, 16), (7, 3, 8), (13, 784, 33), (100, 1, 17), (64, 64, 10), (0, 4, 3), (5000, 20, 2)]


def problem(shape, dtype, seed=0):
    """Rows, half of which are zeros, a kernel and a bias."""
    n_rows, n_inputs, n_outputs = shape
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n_rows, n_inputs)).astype(dtype)
    x[generator.random(x.shape) < 0.5] = 0
    return x, generator.normal(size=(n_inputs, n_outputs)).astype(dtype), generator.normal(size=n_outputs).astype(dtype)


@pytest.mark.parametrize("product_of", [product_of, NumPyProduct], ids=["machine", "numpy"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_it_is_the_product(shape, dtype, product_of):
    x, kernel, bias = problem(shape, dtype)
    expected = x.astype("float64") @ kernel.astype("float64")
    tolerance = {"rtol": 1e-5, "atol": 1e-4} if dtype == "float32" else {"rtol": 1e-12, "atol": 1e-12}
    for rows in (x, sparse.csr_array(x)):
        found = product_of(kernel, bias, dtype)(rows)
        assert found.dtype == dtype and found.flags.c_contiguous and found.shape == expected.shape
        np.testing.assert_allclose(found, expected + bias, **tolerance)
        np.testing.assert_allclose(product_of(kernel, None, dtype)(rows), expected, **tolerance)


def _unaligned(x):
    buffer = np.zeros(x.nbytes + 1, np.uint8)
    shifted = buffer[1:].view(x.dtype).reshape(x.shape)
    shifted[:] = x
    return shifted


def _read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


FORMS = {
    "by columns": np.asfortranarray,
    "every second of twice as many": lambda x: np.repeat(x, 2, axis=0)[::2],
    "unaligned": _unaligned,
    "read only": _read_only,
    "other byte order": lambda x: x.astype(x.dtype.newbyteorder()),
    "csr_matrix": sparse.csr_matrix,
    "csr_array": sparse.csr_array,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_of_any_form_have_the_same_bits(dtype, form):
    x, kernel, bias = problem((50, 70, 21), dtype)
    product = product_of(kernel, bias, dtype)
    np.testing.assert_array_equal(product(FORMS[form](x)), product(x))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_has_the_same_bits_whatever_stands_beside_it(dtype):
    x, kernel, bias = problem((700, 784, 33), dtype)
    product = product_of(kernel, bias, dtype)
    all_rows = product(x)
    for rows in (slice(0, 1), slice(699, 700), slice(3, 9), slice(100, 699), slice(None, None, -1)):
        np.testing.assert_array_equal(product(x[rows]), all_rows[rows])


@pytest.mark.parametrize("integer", ["int32", "int64"])
def test_sparse_rows_in_disorder_have_the_bits_of_dense_ones_and_stay_as_they_are(integer):
    """Columns in falling order, an entry in two parts, a zero that is kept, a row without entries."""
    places, starts = np.array([4, 1, 1, 0, 2, 0], integer), np.array([0, 3, 3, 6], integer)
    values = np.array([1.5, 2.25, 0.1, 0.3, 0.0, 0.7], "float32")
    rows = sparse.csr_array((values.copy(), places.copy(), starts.copy()), shape=(3, 5))
    product = product_of(*problem((3, 5, 20), "float32")[1:], "float32")
    np.testing.assert_array_equal(product(rows), product(rows.toarray()))
    np.testing.assert_array_equal(rows.indices, places)
    np.testing.assert_array_equal(rows.data, values)


def test_blas_has_no_part_in_it_and_keeps_its_threads():
    x, kernel, bias = problem((500, 784, 128), "float32")
    product, found = product_of(kernel, bias, "float32"), []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            before = threadpool_info()
            found.append(product(x))
            assert threadpool_info() == before
    np.testing.assert_array_equal(*found)


def test_not_a_number_and_infinity_come_through():
    x, kernel, _ = problem((3, 4, 2), "float32")
    x[0, 0], x[1, 1] = np.nan, np.inf
    found = product_of(np.abs(kernel), None, "float32")(x)
    assert np.isnan(found[0]).all() and np.isposinf(found[1]).all() and np.isfinite(found[2]).all()


def test_without_numba_numpy_multiplies(monkeypatch):
    why_no_numba.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "numba", None)
    try:
        assert isinstance(product_of(np.ones((2, 3)), None, "float32"), NumPyProduct)
    finally:
        why_no_numba.cache_clear()


def test_the_kernel_is_copied():
    kernel = np.ones((2, 3), "float32")
    product = product_of(kernel, None, "float32")
    kernel[:] = 7
    np.testing.assert_array_equal(product(np.ones((1, 2), "float32")), np.full((1, 3), 2))
