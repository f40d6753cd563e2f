"""Laws of the piecewise linear encoding, on columns that are drawn, and what it does with unusual ones."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import SplineTransformer

from sknn_tune.preprocessing import PiecewiseLinearEncoder

DRAWS = range(25)


def draw_column(seed):
    """A column of some shape, and an encoder with some parameters."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 200))
    column = [
        rng.standard_normal(n),
        np.exp(3 * rng.standard_normal(n)),
        np.round(rng.standard_normal(n) * 4),
        np.where(rng.random(n) < 0.6, 0.0, rng.exponential(size=n)),
        rng.standard_cauchy(n) * 1e6,
    ][seed % 5]
    strategy = ["quantile", "uniform"][int(rng.integers(2))]
    return rng, column[:, None], PiecewiseLinearEncoder(int(rng.integers(1, 20)), strategy, keep=bool(seed % 2))


def pieces_of(encoder, X):
    """Without the column itself."""
    return encoder.transform(X)[:, : len(encoder.bin_edges_[0]) - 1]


def wide_grid(X):
    width = np.ptp(X)
    return np.linspace(X.min() - 2 * width, X.max() + 2 * width, 1001)[:, None]


@pytest.mark.parametrize("seed", DRAWS)
def test_all_outputs_rise_with_the_number_and_are_bounded(seed):
    _, X, encoder = draw_column(seed)
    encoded = encoder.fit(X).transform(wide_grid(X))
    assert np.all(np.diff(encoded, axis=0) >= 0)
    assert np.abs(encoded).max() <= 3
    pieces = pieces_of(encoder, wide_grid(X))
    assert pieces.min() == -1 and pieces.max() == 2


@pytest.mark.parametrize("seed", DRAWS)
def test_pieces_begin_one_after_another_and_only_one_is_under_way(seed):
    _, X, encoder = draw_column(seed)
    pieces = pieces_of(encoder.fit(X), X)
    assert np.all(np.diff(pieces, axis=1) <= 0)
    assert np.all(((pieces > 0) & (pieces < 1)).sum(axis=1) <= 1)
    assert pieces.min() == 0 and pieces.max() == 1


@pytest.mark.parametrize("seed", DRAWS)
def test_hat_functions_made_of_pieces_add_up_to_one_within_the_data(seed):
    """They telescope: 1 - piece_1, piece_1 - piece_2, …, piece_T."""
    _, X, encoder = draw_column(seed)
    pieces = pieces_of(encoder.fit(X), X)
    padded = np.column_stack([np.ones(len(X)), pieces, np.zeros(len(X))])
    hats = -np.diff(padded, axis=1)
    assert np.all(hats >= 0)
    np.testing.assert_allclose(hats.sum(axis=1), 1)


@pytest.mark.parametrize("seed", DRAWS)
def test_pieces_times_their_widths_give_the_number_back(seed):
    """The inverse: so the sum is linear between edges, and nothing is lost within one width of the data."""
    rng, X, encoder = draw_column(seed)
    edges = encoder.fit(X).bin_edges_[0]
    first, last = np.diff(edges)[[0, -1]]
    within = rng.uniform(edges[0] - first, edges[-1] + last, size=(100, 1))
    again = edges[0] + pieces_of(encoder, within) @ np.diff(edges)
    np.testing.assert_allclose(again, within[:, 0], rtol=1e-9, atol=1e-9 * np.ptp(edges))


@pytest.mark.parametrize("seed", DRAWS)
def test_scale_and_origin_of_a_column_do_not_matter(seed):
    rng, X, encoder = draw_column(seed)
    factor = 2.0 ** rng.integers(-5, 6)  # exact in floating point, or ties could break
    before = clone(encoder).fit_transform(X)
    np.testing.assert_allclose(encoder.fit_transform(X * factor), before, atol=1e-12)
    if seed % 5 == 2:  # whole numbers can be shifted exactly too
        np.testing.assert_allclose(encoder.fit_transform(X * 8 + 1024), before, atol=1e-9)


@pytest.mark.parametrize("seed", DRAWS)
def test_order_of_rows_and_columns_does_not_matter(seed):
    rng, X, encoder = draw_column(seed)
    X = np.column_stack([X, rng.standard_normal(len(X)), rng.integers(0, 2, len(X))])
    rows, columns = rng.permutation(len(X)), [2, 0, 1]
    encoded = pd.DataFrame(encoder.fit_transform(X), columns=encoder.get_feature_names_out(["a", "b", "c"]))
    permuted = clone(encoder).fit(X[rows][:, columns])
    names = permuted.get_feature_names_out(["c", "a", "b"])
    np.testing.assert_allclose(permuted.transform(X[:, columns]), encoded[names], atol=1e-12)


@pytest.mark.parametrize("seed", DRAWS)
def test_distinct_values_are_the_edges_if_there_are_few(seed):
    rng = np.random.default_rng(seed)
    values = np.unique(rng.standard_normal(int(rng.integers(2, 17))))
    encoder = PiecewiseLinearEncoder().fit(rng.choice(values, (500, 1)))
    assert set(encoder.bin_edges_[0]) <= set(values)
    X = values[:, None]
    assert PiecewiseLinearEncoder().fit(X).bin_edges_[0].tolist() == values.tolist()
    assert set(pieces_of(PiecewiseLinearEncoder().fit(X), X).ravel()) <= {0.0, 1.0}


def test_pieces_hold_as_many_rows_each():
    X = np.random.default_rng(0).standard_normal((1600, 1))
    counts, _ = np.histogram(X, PiecewiseLinearEncoder(n_bins=16).fit(X).bin_edges_[0])
    assert counts.tolist() == [100] * 16


def test_spans_the_functions_of_scikit_learns_splines_of_degree_one():
    X = np.random.default_rng(0).standard_normal((300, 1))
    hats = SplineTransformer(n_knots=17, degree=1, knots="quantile").fit_transform(X)
    pieces = PiecewiseLinearEncoder(n_bins=16, keep=False).fit_transform(X)
    added_up = np.cumsum(hats[:, ::-1], axis=1)[:, ::-1][:, 1:]
    np.testing.assert_allclose(pieces, added_up, atol=1e-12)


def test_a_linear_model_learns_a_bend():
    X = np.linspace(-1, 1, 200)[:, None]
    encoded = PiecewiseLinearEncoder(n_bins=2, keep=False).fit_transform(X)
    assert LinearRegression().fit(encoded, np.abs(X[:, 0])).score(encoded, np.abs(X[:, 0])) == pytest.approx(1)


# Unusual columns


def test_column_of_two_values_is_one_output_and_zeros_and_ones_pass():
    X = np.array([[0, 10], [1, 30], [0, 30]])
    encoder = PiecewiseLinearEncoder().fit(X)
    assert encoder.transform(X).tolist() == [[0, 0], [1, 1], [0, 1]]
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1"]
    assert encoder.transform([[0.5, 1e300]]).tolist() == [[0.5, 2]]


def test_constant_column_is_zero_whatever_comes():
    encoder = PiecewiseLinearEncoder().fit(np.full((5, 1), 7.0))
    assert encoder.transform([[7.0], [-1e9], [np.nan]]).tolist() == [[0], [0], [0]]


def test_missing_value_is_the_median_and_has_an_indicator():
    X = np.array([[1.0], [2.0], [np.nan], [3.0], [9.0]])
    encoder = PiecewiseLinearEncoder().fit(X)
    encoded = encoder.transform([[np.nan], [2.5]])
    assert encoder.missing_.tolist() == [True]
    assert encoded[0, :-1].tolist() == encoded[1, :-1].tolist()
    assert encoded[:, -1].tolist() == [1, 0]
    assert encoder.get_feature_names_out(["age"]).tolist() == [
        "age_piece0",
        "age_piece1",
        "age_piece2",
        "age",
        "age_missing",
    ]


def test_value_that_is_missing_for_the_first_time_is_the_median():
    X = np.arange(50.0)[:, None]
    encoder = PiecewiseLinearEncoder().fit(X)
    assert encoder.transform([[np.nan]]).tolist() == encoder.transform([[24.5]]).tolist()


def test_column_without_any_value_is_zero_and_missing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder = PiecewiseLinearEncoder().fit(np.full((3, 1), np.nan))
    assert encoder.transform([[np.nan], [4.0]]).tolist() == [[0, 1], [0, 0]]


def test_column_that_is_mostly_zero_keeps_distinct_edges_and_itself():
    X = np.r_[np.zeros(190), np.random.default_rng(0).exponential(size=20)][:, None]
    encoder = PiecewiseLinearEncoder(n_bins=4).fit(X)
    assert np.all(np.diff(encoder.bin_edges_[0]) > 0)
    assert encoder.get_feature_names_out()[-1] == "x0"
    assert encoder.transform(X).shape[1] == len(encoder.bin_edges_[0])


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_numbers_of_any_size_are_encoded_without_a_warning(scale):
    X = np.linspace(-1, 1, 100)[:, None] * scale
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoded = PiecewiseLinearEncoder(keep=False).fit(X).transform(np.array([[1.7e308], [-1.7e308]]))
    assert encoded[0].tolist() == [1] * 15 + [2]
    assert encoded[1].tolist() == [-1] + [0] * 15


# Types


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(np.float32, np.float32), (np.float64, np.float64), (np.int32, np.float64), (bool, np.float64)],
)
def test_float32_stays_and_all_else_becomes_float64(dtype, expected):
    X = np.random.default_rng(0).integers(0, 60, (100, 2)).astype(dtype)
    assert PiecewiseLinearEncoder().fit_transform(X).dtype == expected


def test_edges_of_float32_are_float32_so_that_numbers_lie_on_them():
    X = np.random.default_rng(0).standard_normal((1601, 1)).astype(np.float32)
    encoder = PiecewiseLinearEncoder(keep=False).fit(X)
    edges = encoder.bin_edges_[0]
    assert np.array_equal(edges, edges.astype(np.float32))
    assert encoder.transform(edges[[3]].astype(np.float32)[:, None])[0, 2] == 1


@pytest.mark.parametrize(("library", "frame"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_set_output_gives_named_columns(library, frame):
    X = pd.DataFrame({"age": [1.0, 2.0, 3.0], "sex": [0, 1, 0]}, index=[5, 6, 7])
    encoded = PiecewiseLinearEncoder().set_output(transform=library).fit_transform(X)
    assert isinstance(encoded, frame)
    assert list(encoded.columns) == ["age_piece0", "age_piece1", "age", "sex"]


def test_sparse_is_refused_in_a_sentence():
    with pytest.raises(TypeError, match="Sparse data was passed for X, but dense data is required"):
        PiecewiseLinearEncoder().fit(sparse.eye(5, format="csr"))


def test_infinity_is_refused():
    for other in (1.0, -np.inf):  # whose sum is NaN: NumPy's warning of it would be an error here
        with pytest.raises(ValueError, match="Input X contains infinity"):
            PiecewiseLinearEncoder().fit([[np.inf], [other]])


@pytest.mark.parametrize(
    ("parameter", "sentence"),
    [
        ({"n_bins": 0}, "The 'n_bins' parameter of PiecewiseLinearEncoder must be an int in the range"),
        ({"strategy": "kmeans"}, "The 'strategy' parameter of PiecewiseLinearEncoder must be a str among"),
    ],
)
def test_parameters_are_checked(parameter, sentence):
    with pytest.raises(ValueError, match=sentence):
        PiecewiseLinearEncoder(**parameter).fit([[1.0], [2.0]])


def test_a_column_of_huge_numbers_is_the_same_as_one_of_plain_ones():
    """By a power of two; squares of such numbers are infinite."""
    plain = np.random.default_rng(0).normal(size=(50, 1))
    for exponent in (-1000, 0, 1000):
        column = np.ldexp(plain, exponent)
        found = PiecewiseLinearEncoder(n_bins=4).fit_transform(column)
        np.testing.assert_array_equal(found, PiecewiseLinearEncoder(n_bins=4).fit_transform(plain))
