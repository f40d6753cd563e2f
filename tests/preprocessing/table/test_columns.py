"""The same column is read as the same, whatever holds it."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sknn_tune.preprocessing.table._columns import as_categories, as_dates, as_durations, as_numbers, read_column

NUMBERS = [1.0, np.nan, 3.0]
NAMES = ["red", None, "1"]
DATES = [np.datetime64("2026-01-31T12:00", "us"), np.datetime64("NaT"), np.datetime64("2026-02-01", "us")]


@pytest.mark.parametrize(
    "column",
    [
        np.array(NUMBERS),
        np.array([1, None, 3], dtype=object),
        np.array([Decimal(1), None, 3.0], dtype=object),
        pd.Series(NUMBERS),
        pd.Series([1, pd.NA, 3], dtype="Int64"),
        pd.Series([1, None, 3], dtype="float32"),
        pd.Series([1, None, 3], dtype=object),
        pl.Series([1, None, 3]),
        pl.Series([1.0, None, 3.0]),
    ],
    ids=range(9),
)
def test_numbers(column):
    kind, values = read_column(column)
    assert (kind, values.dtype) == ("number", np.dtype("float64"))
    np.testing.assert_array_equal(values, NUMBERS)
    np.testing.assert_array_equal(as_numbers(column), NUMBERS)


@pytest.mark.parametrize(
    "column",
    [
        np.array([True, False]),
        pd.Series([True, False]),
        pd.Series([True, False], dtype="boolean"),
        pd.Series([True, False], dtype=object),
        pl.Series([True, False]),
    ],
    ids=range(5),
)
def test_yes_and_no_are_numbers(column):
    kind, values = read_column(column)
    assert kind == "number"
    np.testing.assert_array_equal(values, [1.0, 0.0])


@pytest.mark.parametrize(
    "column",
    [
        np.array(NAMES, dtype=object),
        np.array(["red", np.nan, 1], dtype=object),
        pd.Series(NAMES),
        pd.Series(NAMES, dtype="string"),
        pd.Series(NAMES, dtype="category"),
        pl.Series(NAMES),
        pl.Series(NAMES, dtype=pl.Categorical),
        pl.Series(NAMES, dtype=pl.Enum(["1", "red"])),
    ],
    ids=range(8),
)
def test_categories(column):
    kind, values = read_column(column)
    assert kind == "category"
    assert values.tolist() == NAMES
    assert as_categories(column).tolist() == NAMES


def test_a_category_of_numbers_has_the_same_names_with_gaps_and_without():
    whole = pd.Series([1, 2], dtype="category")
    with_a_gap = pd.Series([1, None], dtype="category")
    assert as_categories(whole).tolist() == ["1", "2"]
    assert as_categories(with_a_gap).tolist() == ["1", None]
    assert read_column(whole)[0] == read_column(with_a_gap)[0] == "category"


@pytest.mark.parametrize(
    "column",
    [
        np.array(DATES),
        pd.Series(DATES),
        pd.Series(DATES).dt.tz_localize("Europe/Vienna"),
        pd.Series(["2026-01-31 12:00:00", None, "2026-02-01 00:00:00"]),
        np.array(["2026-01-31T12:00:00", None, "2026-02-01"], dtype=object),
        np.array([datetime.datetime(2026, 1, 31, 12), None, datetime.date(2026, 2, 1)], dtype=object),
        pl.Series([datetime.datetime(2026, 1, 31, 12), None, datetime.datetime(2026, 2, 1)]),
    ],
    ids=range(7),
)
def test_dates(column):
    kind, values = read_column(column)
    assert (kind, values.dtype) == ("date", np.dtype("datetime64[us]"))
    np.testing.assert_array_equal(values, np.array(DATES))
    np.testing.assert_array_equal(as_dates(column), np.array(DATES))


@pytest.mark.parametrize("text", ["2026-13-31", "31.01.2026", "1234567890", "2026-01-31 or so"])
def test_text_that_is_no_date_stays_text(text):
    assert read_column(np.array(["2026-01-31", text], dtype=object))[0] == "category"


def test_an_empty_column_is_one_of_missing_numbers():
    kind, values = read_column(np.array([None, None], dtype=object))
    assert kind == "number"
    assert np.isnan(values).all()
    assert np.isnan(as_numbers(np.array([None, "x"], dtype=object)[:1])).all()
    assert np.isnat(as_dates(np.array([None], dtype=object))).all()


def test_other_kinds_are_refused():
    with pytest.raises(ValueError, match="such as 'red'"):
        as_numbers(pd.Series(NAMES))
    with pytest.raises(ValueError, match="such as"):
        as_dates(pd.Series(NUMBERS))


def test_periods_are_the_dates_of_their_begin():
    kind, values = read_column(pd.Series([pd.Period("2026-01", "M"), pd.Period("2026-02", "M")]))
    assert (kind, values.tolist()) == ("date", [datetime.datetime(2026, 1, 1), datetime.datetime(2026, 2, 1)])


@pytest.mark.parametrize(
    "value", [datetime.timedelta(hours=1), np.timedelta64(1, "h"), pd.Timedelta("1h")], ids=range(3)
)
def test_durations_among_objects_are_seconds(value):
    kind, values = read_column(np.array([value, None], dtype=object))
    assert kind == "duration"
    np.testing.assert_array_equal(values, [3600.0, np.nan])


def test_dates_of_numpy_among_objects_are_dates():
    kind, values = read_column(np.array([np.datetime64("2026-01-31"), None], dtype=object))
    assert kind == "date"
    np.testing.assert_array_equal(values, np.array(["2026-01-31", "NaT"], dtype="datetime64[us]"))


def test_an_int_too_large_for_a_float_is_infinite():
    assert as_numbers(np.array([10**400, 1], dtype=object)).tolist() == [np.inf, 1.0]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([[1, 2]]),
        pd.Series([{"a": 1}]),
        pd.Series([{1}]),
        np.array([1 + 2j]),
        np.array([len], dtype=object),
        pl.Series([[1, 2]]),
        pl.Series([[1, 2]], dtype=pl.Array(pl.Int64, 2)),
        pl.Series([{"u": 1, "v": 2}]),
    ],
    ids=range(8),
)
def test_what_has_no_name_is_no_category(column):
    with pytest.raises(ValueError, match=r"^such as "):
        read_column(column)


@pytest.mark.parametrize(
    "column",
    [
        pd.to_timedelta([1, None, 3], unit="s").to_series(),
        pl.Series([datetime.timedelta(seconds=1), None, datetime.timedelta(seconds=3)]),
    ],
    ids=["pandas", "polars"],
)
def test_durations_are_seconds_and_no_numbers(column):
    kind, values = read_column(column)
    assert kind == "duration"
    np.testing.assert_array_equal(values, NUMBERS)
    np.testing.assert_array_equal(as_durations(column), NUMBERS)
    with pytest.raises(ValueError, match="such as"):
        as_numbers(column)
    with pytest.raises(ValueError, match=r"such as 1\.0"):
        as_durations(pd.Series(NUMBERS))
    np.testing.assert_array_equal(as_durations(pd.Series([None, None])), [np.nan] * 2)


@pytest.mark.parametrize("months", [np.arange(3).astype("m8[M]"), np.array([np.timedelta64(1, "Y")], dtype=object)])
def test_months_are_no_durations(months):
    with pytest.raises(ValueError, match="no fixed number of days"):
        read_column(months)


@pytest.mark.parametrize("moment", [np.datetime64("2020-01-01"), np.timedelta64(1, "D")], ids=["date", "duration"])
def test_numpys_own_missing_moments(moment):
    missing = type(moment)("NaT")
    kind, values = read_column(np.array([moment, missing], dtype=object))
    assert kind in ("date", "duration")
    assert pd.isna(values).tolist() == [False, True]


def test_periods_among_objects_are_dates_by_their_start():
    periods = pd.Series([pd.Period("2026-02", "M"), None], dtype=object)
    kind, values = read_column(periods)
    assert (kind, values[0]) == ("date", np.datetime64("2026-02-01"))


@pytest.mark.parametrize("text", ["20200101123", "2020-01-01x12:00", "20200101 123x"])
def test_text_that_only_begins_like_a_date_is_a_name(text):
    assert read_column(pd.Series([text, text]))[0] == "category"


@pytest.mark.parametrize("text", ["2020-01-01", "2020-01-01T12:00", "2020-01-01 12:00:30.5+01:00"])
def test_text_of_dates(text):
    assert read_column(pd.Series([text, None]))[0] == "date"
