"""Dates as numbers: how far along the calendar, and where in the year, the week and the day."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Output -> what it is of a date (datetime64[us]), in the unit of its name.
PARTS = {
    "day": lambda dates: (dates - np.datetime64("1970-01-01")) / np.timedelta64(1, "D"),
    "month": lambda dates: _whole(dates, "M") % 12 + 1,
    "day_of_month": lambda dates: _whole(dates, "D") - _days_at_begin_of_month(dates) + 1,
    "weekday": lambda dates: (_whole(dates, "D") + 3) % 7,  # 1970-01-01 was a Thursday, and Monday is 0
    "hour": lambda dates: (dates - dates.astype("datetime64[D]")) / np.timedelta64(1, "h"),
}


def date_parts(dates: np.ndarray) -> dict[str, np.ndarray]:
    """Each part of the dates as float64; NaN where the date is missing."""
    missing = np.isnat(dates)
    safe = np.where(missing, np.datetime64("1970-01-01", "us"), dates)
    return {name: np.where(missing, np.nan, part(safe)) for name, part in PARTS.items()}


def parts_that_vary(dates: np.ndarray) -> list[str]:
    """The parts that tell rows apart: the hour does not where there are only days.

    Of one date, with gaps, the day: where it is missing tells rows apart.
    """
    varying = [name for name, values in date_parts(dates).items() if _n_distinct(values) > 1]
    has_gaps = np.isnat(dates).any() and not np.isnat(dates).all()
    return varying or (["day"] if has_gaps else [])


def days_of_year(dates: np.ndarray) -> np.ndarray:
    """Month and day of each date as one whole number, 1224 for Christmas Eve; 0 where the date is missing."""
    day = 100 * PARTS["month"](dates) + PARTS["day_of_month"](dates)
    return np.where(np.isnat(dates), 0, day)


def name_of_day(day: int) -> str:
    """Of such a number, as ISO 8601 writes it: ``"12-24"``."""
    return f"{day // 100:02}-{day % 100:02}"


def come_again(dates: np.ndarray) -> bool:
    """Whether days of the year are those of several years: at most half as many of them as of dates."""
    days = np.unique(dates[~np.isnat(dates)].astype("datetime64[D]"))
    return len(days) > 1 and len(np.unique(days_of_year(days))) <= len(days) / 2


def _n_distinct(values: np.ndarray) -> int:
    return len(np.unique(values[~np.isnan(values)]))


def _whole(dates: np.ndarray, unit: Any) -> np.ndarray:
    """Whole units since 1970."""
    return dates.astype(f"datetime64[{unit}]").astype(np.int64)


def _days_at_begin_of_month(dates: np.ndarray) -> np.ndarray:
    return _whole(dates.astype("datetime64[M]"), "D")
