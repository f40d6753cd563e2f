"""Laws of smooth robust scaling, and the numbers of skrub's SquashingScaler."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone

from sknn_tune.preprocessing import SmoothRobustScaler

DRAWS = range(20)


def draw(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 200))
    X = np.column_stack([rng.standard_normal(n), rng.standard_cauchy(n), rng.integers(0, 5, n), np.zeros(n)])
    return rng, X, SmoothRobustScaler(limit=float(rng.uniform(0.5, 10)))


@pytest.mark.parametrize("seed", DRAWS)
def test_outputs_rise_with_the_number_within_the_limit(seed):
    _, X, scaler = draw(seed)
    scaled = scaler.fit(X).transform(np.sort(X, axis=0))
    assert np.all(np.diff(scaled, axis=0) >= 0)
    assert np.abs(scaled).max() <= scaler.limit
    assert np.abs(scaler.transform([[1e300] * 4, [-1e300] * 4])).max() <= scaler.limit
    assert np.abs(clone(scaler).set_params(limit=1e-300).fit(X).transform(1e9 * X)).max() <= 1e-300


@pytest.mark.parametrize("seed", DRAWS)
def test_inverse_gives_the_numbers_back(seed):
    _, X, scaler = draw(seed)
    scaled = scaler.fit_transform(X)
    is_inside = np.abs(scaled) < 0.999999 * scaler.limit
    again = scaler.inverse_transform(scaled)
    assert is_inside.mean() > 0.8
    np.testing.assert_allclose(again[is_inside], X[is_inside], rtol=1e-6, atol=1e-8)
    assert np.isfinite(scaler.inverse_transform(np.full((1, 4), 1e9))).all()


@pytest.mark.parametrize("seed", DRAWS)
def test_scale_origin_and_order_do_not_matter(seed):
    rng, X, scaler = draw(seed)
    scaled = scaler.fit_transform(X)
    rows = rng.permutation(len(X))
    np.testing.assert_allclose(scaler.fit(X[rows]).transform(X), scaled, atol=1e-12)
    np.testing.assert_allclose(scaler.fit(X[:, ::-1]).transform(X[:, ::-1]), scaled[:, ::-1], atol=1e-12)
    np.testing.assert_allclose(scaler.fit_transform(X * 1000), scaled, atol=1e-9)
    np.testing.assert_allclose(scaler.fit_transform(X + 1), scaled, atol=1e-6)


def test_middle_half_is_one_wide():
    X = np.random.default_rng(0).standard_normal((401, 1))
    scaler = SmoothRobustScaler(limit=1e6).fit(X)
    first, third = scaler.transform(np.quantile(X, [0.25, 0.75])[:, None])[:, 0]
    assert third - first == pytest.approx(1)


def test_numbers_are_those_of_skrub():
    """From the docstring of skrub 0.11, without its infinite values, and with the median in the same place."""
    column = np.array([[0.0], [1], [1], [1], [2], [np.nan]])
    expected = [-0.9486833, 0.0, 0.0, 0.0, 0.9486833, np.nan]
    np.testing.assert_allclose(SmoothRobustScaler().fit_transform(column)[:, 0], expected, atol=1e-7)
    scaler = SmoothRobustScaler().fit([[3.0], [-1.0], [np.nan], [2.0]])
    np.testing.assert_allclose(scaler.transform([[3], [-1], [2]])[:, 0], [0.49319696, -1.34164079, 0.0], atol=1e-8)


def test_constant_columns_become_zero_and_missing_values_stay():
    scaler = SmoothRobustScaler().fit([[4.0, np.nan], [4.0, np.nan]])
    np.testing.assert_array_equal(scaler.transform([[4.0, 1.0], [9.0, np.nan], [np.nan, 2.0]])[:, 0], [0, 0, np.nan])
    assert scaler.inverse_transform([[0.0, 0.0]]).tolist() == [[4.0, 0.0]]


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_numbers_of_any_size_are_scaled_without_a_warning(scale):
    X = np.linspace(-1, 1, 9)[:, None] * scale
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scaled = SmoothRobustScaler().fit_transform(X)
    np.testing.assert_allclose(scaled, SmoothRobustScaler().fit_transform(X / scale))


@pytest.mark.parametrize(("dtype", "expected"), [(np.float32, np.float32), (np.int64, np.float64)])
def test_float32_stays_and_all_else_becomes_float64(dtype, expected):
    X = np.arange(20).reshape(10, 2).astype(dtype)
    scaled = SmoothRobustScaler().fit_transform(X)
    assert scaled.dtype == expected
    again = SmoothRobustScaler().fit(X).inverse_transform(scaled)
    assert again.dtype == expected
    np.testing.assert_allclose(again, X, atol=1e-4)


def test_what_is_not_dense_and_finite_is_refused():
    with pytest.raises(TypeError, match="Sparse data was passed for X"):
        SmoothRobustScaler().fit(sparse.eye(3, format="csr"))
    for other in (1.0, -np.inf):  # whose sum is NaN: NumPy's warning of it would be an error here
        with pytest.raises(ValueError, match="Input X contains infinity"):
            SmoothRobustScaler().fit([[np.inf], [other]])
    with pytest.raises(ValueError, match="X has 2 columns, but 1 were scaled"):
        SmoothRobustScaler().fit([[0.0], [1.0]]).inverse_transform([[0.0, 1.0]])
    with pytest.raises(ValueError, match="The 'limit' parameter of SmoothRobustScaler must be a float in the range"):
        SmoothRobustScaler(limit=0.0).fit([[1.0]])
