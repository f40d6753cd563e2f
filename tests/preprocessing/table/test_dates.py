"""Parts of dates are those of Python's own calendar."""

import datetime

import numpy as np

from sknn_tune.preprocessing.table._dates import date_parts, parts_that_vary


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
