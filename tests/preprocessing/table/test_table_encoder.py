"""Any table becomes bounded numbers, and what becomes of each column is said."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.preprocessing import TargetEncoder

from sknn_tune import TabularClassifier
from sknn_tune.preprocessing import PiecewiseLinearEncoder, SmoothRobustScaler, TableEncoder

N_ROWS = 120


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    size = rng.normal(size=N_ROWS)
    size[::10] = np.nan
    return pd.DataFrame(
        {
            "size": size,
            "count": rng.integers(0, 4, N_ROWS),
            "sold": rng.random(N_ROWS) < 0.5,
            "colour": rng.choice(["red", "green", None], N_ROWS),
            "town": [f"town {number % 30}" for number in range(N_ROWS)],
            "day": pd.Timestamp("2026-01-31") + pd.to_timedelta(rng.integers(0, 400, N_ROWS), unit="D"),
        }
    )


@pytest.fixture
def y(table):
    return table["count"].to_numpy() + table["sold"].to_numpy() / 2


@pytest.mark.parametrize("encoding", ["piecewise", "smooth"])
def test_a_table_becomes_bounded_float32(table, y, encoding):
    encoder = TableEncoder(encoding, max_categories=10, target_encoding=True)
    encoded = encoder.fit_transform(table, y)
    new = table.sample(frac=1.0, random_state=0).assign(size=1e30, count=-1000)
    for rows in (encoded, encoder.transform(table), encoder.transform(new)):
        assert rows.dtype == np.float32
        assert rows.shape == (N_ROWS, len(encoder.get_feature_names_out()))
        assert np.abs(rows).max() <= 3
    assert encoder.kinds_ == {
        "size": "number",
        "count": "number",
        "sold": "number",
        "colour": "category",
        "town": "category",
        "day": "date",
    }


def test_numbers_are_encoded_as_the_two_transformers_say(table):
    numbers = table[["size", "count"]]
    piecewise = TableEncoder("piecewise", n_bins=5).fit(numbers)
    expected = PiecewiseLinearEncoder(n_bins=5).fit_transform(numbers)
    np.testing.assert_allclose(piecewise.transform(numbers), expected, rtol=1e-6)
    smooth = TableEncoder("smooth").fit_transform(numbers[["count"]])
    np.testing.assert_allclose(smooth, SmoothRobustScaler().fit_transform(numbers[["count"]]), rtol=1e-6)


@pytest.mark.parametrize("encoding", ["piecewise", "smooth"])
def test_a_missing_number_has_an_indicator(table, encoding):
    encoder = TableEncoder(encoding).fit(table[["size"]])
    indicator = encoder.transform(table[["size"]])[:, -1]
    np.testing.assert_array_equal(indicator, table["size"].isna())


def test_rows_of_the_training_are_encoded_as_new_ones_but_for_means(table, y):
    without = TableEncoder()
    np.testing.assert_array_equal(without.fit_transform(table, y), without.transform(table))
    with_means = TableEncoder(target_encoding=True)
    trained, new = with_means.fit_transform(table, y), with_means.transform(table)
    names = with_means.get_feature_names_out()
    assert [name for name in names if name.endswith("_mean")] == ["town_mean"]
    np.testing.assert_array_equal(trained[:, :-1], new[:, :-1])
    assert not np.allclose(trained[:, -1], new[:, -1])


def test_means_are_those_of_scikit_learn(table, y):
    encoder = TableEncoder(target_encoding=True).fit(table, y)
    means = TargetEncoder(target_type="continuous").fit(table[["town"]], y).transform(table[["town"]]).ravel()
    assert np.corrcoef(encoder.transform(table)[:, -1], means)[0, 1] > 0.999


def test_a_row_says_nothing_of_its_own_target(table):
    """A target of noise: a mean that held the row's own would go with it."""
    noise = np.random.default_rng(1).normal(size=N_ROWS)
    mean = TableEncoder(target_encoding=True).fit_transform(table, noise)[:, -1]
    assert np.corrcoef(mean, noise)[0, 1] < 0.1


def test_each_class_and_each_output_has_a_mean(table, y):
    three = np.array(["a", "b", "c"])[np.arange(N_ROWS) % 3]
    for targets, target_type, n_means in (
        (three, "auto", 3),
        (three == "a", "auto", 1),
        (np.c_[y, -y], "auto", 2),
        (np.arange(N_ROWS), "continuous", 1),
    ):
        encoder = TableEncoder(target_encoding=True, target_type=target_type).fit(table, targets)
        assert sum("town_mean" in name for name in encoder.get_feature_names_out()) == n_means


def test_rare_categories_share_an_output_with_those_never_seen(table):
    towns = table[["town"]].assign(town=["often"] * 60 + [f"town {number}" for number in range(20)] * 3)
    encoder = TableEncoder(max_categories=3).fit(towns)
    assert encoder.get_feature_names_out().shape == (3,)
    rare, new = encoder.transform(towns)[-1], encoder.transform(towns.assign(town="nowhere"))[0]
    np.testing.assert_array_equal(rare, new)
    assert new[-1] == 1


def test_a_new_category_gives_zeros_where_there_are_no_rare_ones(table):
    encoder = TableEncoder().fit(table[["colour"]])
    assert encoder.transform(table[["colour"]].assign(colour="blue")).max() == 0


def test_names_of_rows_are_left_out_with_a_warning(table):
    named = table.assign(name=[f"customer {number}" for number in range(N_ROWS)])
    with pytest.warns(UserWarning, match="leaves out 'name': most rows have a string of their own"):
        encoder = TableEncoder().fit(named)
    assert encoder.kinds_["name"] == "left out"
    np.testing.assert_array_equal(encoder.transform(named), TableEncoder().fit(table).transform(table))


def test_other_holders_of_the_same_table(table, y):
    encoded = TableEncoder(target_encoding=True).fit_transform(table, y)
    as_polars = pl.DataFrame(
        {name: table[name].astype(object).where(table[name].notna(), None).to_list() for name in table}
    )
    np.testing.assert_array_equal(TableEncoder(target_encoding=True).fit_transform(as_polars, y), encoded)
    np.testing.assert_array_equal(
        TableEncoder(target_encoding=True).fit_transform(table.to_numpy(dtype=object), y), encoded
    )
    assert TableEncoder().fit(as_polars).feature_names_in_.tolist() == list(table)


def test_nothing_given_is_changed(table, y):
    before = table.copy()
    TableEncoder().fit_transform(table, y)
    pd.testing.assert_frame_equal(table, before)


def test_set_output(table):
    encoder = TableEncoder().set_output(transform="pandas")
    encoded = encoder.fit_transform(table)
    assert list(encoded.columns) == list(encoder.get_feature_names_out())
    assert list(encoded.index) == list(table.index)


def test_names_of_a_table_without_names(table):
    encoder = TableEncoder("smooth").fit(table[["count", "colour"]].to_numpy(dtype=object))
    assert encoder.get_feature_names_out().tolist() == ["x0", "x1_green", "x1_red", "x1_None"]
    assert encoder.get_feature_names_out(["n", "c"]).tolist() == ["n", "c_green", "c_red", "c_None"]


def test_another_kind_than_in_fit_is_refused(table):
    encoder = TableEncoder().fit(table)
    with pytest.raises(ValueError, match="Column 'size' held numbers in fit, and now something else, such as 'large'"):
        encoder.transform(table.assign(size="large"))
    with pytest.raises(ValueError, match="Column 'day' held dates in fit"):
        encoder.transform(table.assign(day=1.0))


@pytest.mark.parametrize("now", [1, 2.5, True, pd.Timestamp("2026-01-31"), b"red", pd.Categorical([3] * N_ROWS)])
def test_a_column_of_text_that_holds_none_of_it_is_warned_of(table, now):
    """Its rows would all be unknown without a word."""
    encoder = TableEncoder().fit(table)
    with pytest.warns(
        UserWarning, match="Column 'colour' of TableEncoder held text in fit.* encoded as unknown"
    ) as said:
        encoder.transform(table.assign(colour=now))
    assert said[0].filename == __file__


def test_a_column_of_text_may_hold_what_it_may_hold(table):
    encoder = TableEncoder().fit(table)
    colours = table["colour"]
    for now in ("blue", None, np.nan, pd.Categorical(colours), colours.astype("string"), [1, "red"] * (N_ROWS // 2)):
        encoder.transform(table.assign(colour=now))
    digits = table.assign(colour=table["count"].astype(str).astype(object))
    np.testing.assert_array_equal(
        TableEncoder().fit(digits).transform(digits),
        TableEncoder().fit(digits).transform(digits.assign(colour=table["count"])),
    )
    TableEncoder().fit(table.assign(colour=pd.Categorical(table["count"]))).transform(table.assign(colour=9))


def test_infinity_is_refused(table):
    with pytest.raises(ValueError, match="infinity, in column 'count'"):
        TableEncoder().fit(table.assign(count=np.inf))


@pytest.mark.parametrize("missing", [None, np.nan])
def test_columns_without_values_give_zeros(table, missing):
    encoded = TableEncoder().fit_transform(table[["count"]].assign(empty=missing))
    assert np.isfinite(encoded).all()


def test_clone_and_parameters():
    encoder = TableEncoder("smooth", n_bins=4, max_categories=7, target_encoding=True, target_type="classes")
    assert clone(encoder).get_params() == encoder.get_params()
    with pytest.raises(ValueError, match="'encoding' parameter of TableEncoder must be a str among"):
        TableEncoder("quantile").fit([[1.0], [2.0]])


# --- what is no plain column ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "odd"),
    [
        (["1,234.5", "2,000", "17"], "1,234.5"),
        (["12%", "3%", "4%"], "12%"),
        (["1", "2", "?"], "?"),
        ([1, 2.5, "x"], "x"),
        ([1, 2, ""], ""),
    ],
)
def test_numbers_that_a_text_makes_categories_are_a_warning(values, odd):
    table = pd.DataFrame({"price": pd.Series(values * 4, dtype=object)})
    with pytest.warns(
        UserWarning, match=rf"takes 'price' \(such as {re.escape(repr(odd))}\) for categories, .*to_numeric"
    ):
        assert TableEncoder().fit(table).kinds_ == {"price": "category"}


@pytest.mark.parametrize(
    "values", [["1", "2", "3"], ["3a", "4", "5"], ["red", "blue", "1"], ["a", 1, "b"], ["1", None]]
)
def test_names_are_no_warning(values):
    table = pd.DataFrame({"name": pd.Series(values * 4, dtype=object)})
    assert TableEncoder().fit(table).kinds_ == {"name": "category"}


def test_numbers_that_their_owner_calls_categories_are_no_warning():
    assert TableEncoder().fit(pd.DataFrame({"n": pd.Categorical([1, 2, "?"] * 4)})).kinds_ == {"n": "category"}


def test_what_cannot_be_encoded_is_named_in_fit_and_later():
    table = pd.DataFrame({"size": range(4), "tags": [["a"], ["b"], ["a"], []]})
    message = r"Column 'tags' holds what cannot be encoded, such as \['a'\], a list\. Give each of its values a column"
    with pytest.raises(ValueError, match=message):
        TableEncoder().fit(table)
    encoder = TableEncoder().fit(table.assign(tags=["a", "b", "a", "b"]))
    with pytest.raises(ValueError, match=r"Column 'tags' held categories in fit, .* such as \['a'\], a list"):
        encoder.transform(table)


def test_rows_in_a_list_keep_their_numbers():
    rows = [(1.5, "red"), (2.5, "blue"), (3.5, "red"), (4.5, "blue")]
    assert TableEncoder().fit(rows).kinds_ == {"x0": "number", "x1": "category"}


def test_a_table_of_pyarrow_is_taken_as_one_of_pandas():
    table = pd.DataFrame({"size": [1.0, None, 3.0, 4.0], "colour": ["red", "blue", "red", None]})

    class Table:  # what of pyarrow.Table is needed: the package itself is not among those of these tests
        column_names = list(table.columns)
        columns = [table[name] for name in column_names]

        def to_pandas(self):
            return table

    np.testing.assert_array_equal(TableEncoder().fit_transform(Table()), TableEncoder().fit_transform(table))


def test_columns_of_which_nothing_can_be_encoded_are_a_sentence():
    names = pd.DataFrame({"name": [f"number {row}" for row in range(30)]})
    message = r"No column of X can be encoded for TabularClassifier: \{'name': 'left out'\}"
    with pytest.warns(UserWarning, match="leaves out 'name'"), pytest.raises(ValueError, match=message):
        TabularClassifier(epochs=1, n_members=1, share_weights=False).fit(names, [0, 1] * 15)


# --- other rows than those of fit ----------------------------------------------------------------------


@pytest.fixture
def mixed():
    return pd.DataFrame(
        {
            "colour": ["red", "blue"] * 4,
            "day": pd.date_range("2026-01-31", periods=8),
            "size": np.arange(8.0),
            "lasted": pd.to_timedelta(np.arange(8), unit="h"),
        }
    )


@pytest.mark.parametrize("encoding", ["piecewise", "smooth"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, 10**400], ids=["inf", "-inf", "10**400"])
def test_infinity_in_new_rows_is_in_the_column_that_the_user_knows(mixed, encoding, value):
    encoder = TableEncoder(encoding).fit(mixed)
    new = mixed.assign(size=[value, *mixed["size"][1:]])
    with pytest.raises(ValueError, match="Input X contains infinity, in column 'size'"):
        encoder.transform(new)


def test_numbers_and_durations_are_not_taken_for_each_other(mixed):
    encoder = TableEncoder().fit(mixed)
    assert encoder.kinds_["lasted"] == "duration"
    with pytest.raises(ValueError, match="Column 'lasted' held durations in fit, and now something else, such as 0"):
        encoder.transform(mixed.assign(lasted=mixed["size"]))
    with pytest.raises(ValueError, match="Column 'size' held numbers in fit, and now something else"):
        encoder.transform(mixed.assign(size=mixed["lasted"]))
    assert np.isfinite(encoder.transform(mixed.assign(lasted=None, size=None))).all()


def test_no_rows_are_refused_in_the_name_of_the_table(mixed):
    encoder = TableEncoder().fit(mixed)
    with pytest.raises(ValueError, match=r"0 sample\(s\) \(shape=\(0, 4\)\) .* by TableEncoder"):
        encoder.transform(mixed[:0])


def test_a_single_date_with_gaps_says_where_it_is_missing():
    table = pd.DataFrame({"paid": [pd.Timestamp("2026-01-31"), pd.NaT] * 4, "once": pd.Timestamp("2026-01-31")})
    for encoding in ("piecewise", "smooth"):
        encoder = TableEncoder(encoding).fit(table)
        assert len(encoder.get_feature_names_out()) == 2
        np.testing.assert_array_equal(encoder.transform(table), [[0, 0], [0, 1]] * 4)


def test_means_of_targets_in_a_column():
    """As (n, 1) it is the same target."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"town": rng.integers(0, 12, 200).astype(str)})
    bought = rng.choice(["yes", "no"], 200)
    flat, column = (TableEncoder(target_encoding=True).fit_transform(table, y) for y in (bought, bought[:, None]))
    np.testing.assert_array_equal(flat, column)
