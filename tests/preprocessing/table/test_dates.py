"""Parts of dates are those of Python's own calendar."""

import datetime

import numpy as np
import pandas as pd

from sknn_tune.preprocessing import TableEncoder
from sknn_tune.preprocessing.table._dates import come_again, date_parts, days_of_year, name_of_day, parts_that_vary


def test_parts_are_those_of_the_calendar():
    rng = np.random.default_rng(0)
    dates = np.datetime64("1900-01-01", "us") + rng.integers(0, 200 * 365 * 24 * 60, 500).astype("timedelta64[m]")
    parts = date_parts(dates)
    for row, date in enumerate(dates.astype(datetime.datetime)):
        assert parts["month"][row] == date.month
        assert parts["day_of_month"][row] == date.day
        assert parts["weekday"][row] == date.weekday()
        assert np.isclose(parts["hour"][row], date.hour + date.minute / 60)
        assert np.isclose(parts["day"][row], (date - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1))


def test_a_missing_date_has_missing_parts():
    parts = date_parts(np.array(["NaT", "2026-01-31"], dtype="datetime64[us]"))
    assert [np.isnan(values).tolist() for values in parts.values()] == [[True, False]] * 5


def test_parts_that_do_not_vary_are_left_out():
    days = np.array(["2026-01-05", "2026-01-12", "NaT"], dtype="datetime64[us]")  # two Mondays
    assert parts_that_vary(days) == ["day", "day_of_month"]
    assert parts_that_vary(days[2:]) == []


def test_days_of_the_year():
    dates = np.array(["2026-12-24T18:00", "NaT", "2024-02-29", "1960-01-05"], dtype="datetime64[us]")
    assert days_of_year(dates).tolist() == [1224, 0, 229, 105]
    assert [name_of_day(day) for day in (1224, 105)] == ["12-24", "01-05"]


def test_days_come_again_in_another_year():
    year = np.datetime64("2025-01-01", "us") + np.arange(365) * np.timedelta64(1, "D")
    following = year + np.timedelta64(365, "D")
    assert not come_again(np.repeat(year, 3))  # the same days of one year
    assert come_again(np.r_[year, following])
    assert not come_again(np.r_[year, following[:200]])  # most days do not
    assert not come_again(np.array(["NaT"], dtype="datetime64[us]"))


def test_each_day_of_the_year_has_an_output_of_its_own():
    """Missing dates and new days are zeros there; columns of one date, or of none, have no such outputs."""
    table = pd.DataFrame(
        {
            "sold": pd.to_datetime(["2024-12-24", "2025-12-24", None, "2025-03-01"]),
            "never": pd.to_datetime([None] * 4),
            "once": pd.to_datetime(["2025-05-05"] * 4),
            "size": [1.0, 2.0, 3.0, 4.0],
        }
    )
    encoder = TableEncoder("smooth", calendar_days=True).fit(table)
    without = TableEncoder("smooth").fit(table)
    names, names_without = (each.get_feature_names_out().tolist() for each in (encoder, without))
    assert names == [*names_without, "sold_03-01", "sold_12-24"]
    new = pd.concat([table, table[:1].assign(sold=pd.Timestamp("2027-06-06"))])
    np.testing.assert_array_equal(encoder.transform(new)[:, -2:].T, [[0, 0, 0, 1, 0], [1, 1, 0, 0, 0]])
    np.testing.assert_array_equal(encoder.transform(new)[:, :-2], without.transform(new))
    assert encoder.has_days_of_several_years_ == without.has_days_of_several_years_
