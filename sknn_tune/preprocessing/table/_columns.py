"""The columns of any table, each as an array of one of three kinds: numbers, dates, or names.

pandas, polars and NumPy hold the same column in many types (bool, Int64 with NA, objects with None, categories of
strings); whoever encodes it needs three, with one sign each for a missing value.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from numbers import Real
from typing import Any, Literal

import numpy as np

#: "number": float64 with NaN; "date": datetime64[us] with NaT; "category": str with None.
Kind = Literal["number", "date", "category"]

#: What pandas calls a missing value; compared by name, since pandas need not be installed.
_MISSING_TYPES = {"NAType", "NaTType", "NoneType"}


def columns_of(X: Any) -> Iterator[Any]:
    """The columns of a table or array, as it holds them."""
    if hasattr(X, "iloc"):
        return (X.iloc[:, number] for number in range(X.shape[1]))
    if hasattr(X, "columns"):
        return iter(X[:, number] for number in range(X.shape[1]))
    return iter(X.T)


def read_column(column: Any) -> tuple[Kind, np.ndarray]:
    """The kind of a column, and its values in the form of this kind."""
    # Categories of numbers are names, too: whoever made them said so.
    dtype = str(getattr(column, "dtype", "")).lower()
    if dtype.startswith(("category", "categorical", "enum")):
        return "category", as_categories(column)
    values = _plain_array(column)
    if values.dtype.kind in "biuf":
        return "number", values.astype(np.float64)
    if values.dtype.kind == "M":
        return "date", values.astype("datetime64[us]")
    if values.dtype.kind == "m":
        return "number", _seconds(values)
    return _read_objects(values.astype(object))


def as_numbers(column: Any) -> np.ndarray:
    """A column as float64 with NaN, whatever holds the numbers; ValueError if they are no numbers."""
    kind, values = read_column(column)
    if kind == "number":
        return values
    if kind == "category" and all(value is None for value in values):
        return np.full(len(values), np.nan)
    raise ValueError(f"such as {next(value for value in values.tolist() if value is not None)!r}")


def as_dates(column: Any) -> np.ndarray:
    """A column as dates with NaT; ValueError if they are no dates."""
    kind, values = read_column(column)
    if kind == "date":
        return values
    present = [value for value in values.tolist() if not _is_missing(value)]
    if not present:
        return np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    raise ValueError(f"such as {present[0]!r}")


def as_categories(column: Any) -> np.ndarray:
    """A column as strings with None."""
    values = _plain_array(column)
    return _objects([None if _is_missing(value) else _name(value) for value in values.tolist()])


def _plain_array(column: Any) -> np.ndarray:
    """As NumPy holds it; dates without their time zone, as a clock on the wall shows them."""
    if getattr(getattr(column, "dtype", None), "tz", None) is not None:
        column = column.dt.tz_localize(None)
    return np.asarray(column)


def _read_objects(values: np.ndarray) -> tuple[Kind, np.ndarray]:
    items = values.tolist()
    present = [value for value in items if not _is_missing(value)]
    if all(isinstance(value, Real | Decimal | np.bool_) for value in present):
        return "number", np.array([np.nan if _is_missing(value) else float(value) for value in items], dtype=float)
    parse = _date_parser(present)
    if parse is None:
        return "category", as_categories(values)
    known = {value: parse(value) for value in set(present)}
    dates = [np.datetime64("NaT") if _is_missing(value) else known[value] for value in items]
    return "date", np.array(dates, dtype="datetime64[us]")


def _date_parser(present: list[Any]) -> Callable[[Any], datetime.datetime] | None:
    """How to read dates, or text that is all dates as ISO 8601 writes them; None if something else is there."""
    if all(isinstance(value, datetime.date) for value in present):
        return _without_zone
    if not all(isinstance(value, str) and len(value) >= len("2026-01-31") for value in present):
        return None
    try:
        for value in set(present):
            datetime.datetime.fromisoformat(value)
    except ValueError:
        return None
    return lambda text: _without_zone(datetime.datetime.fromisoformat(text))


def _without_zone(date: Any) -> datetime.datetime:
    if not isinstance(date, datetime.datetime):
        return datetime.datetime(date.year, date.month, date.day)
    return date.replace(tzinfo=None)


def _seconds(durations: np.ndarray) -> np.ndarray:
    seconds = durations / np.timedelta64(1, "s")
    return np.where(np.isnat(durations), np.nan, seconds)


def _name(value: Any) -> str:
    """Of a category. A column of integers with gaps is one of floats, and its names are the same."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _is_missing(value: Any) -> bool:
    return type(value).__name__ in _MISSING_TYPES or (isinstance(value, float) and value != value)


def _objects(items: list[Any]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array
