"""The columns of any table, each as an array of one kind: numbers, durations, dates, or names.

pandas, polars and NumPy hold the same column in many types (bool, Int64 with NA, objects with None, categories of
strings); whoever encodes it needs a few, with one sign each for a missing value.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from numbers import Real
from typing import Any, Literal

import numpy as np

from ...tables import NOT_IN_A_CELL, dtype_of, kind_of, values_of
from ._zones import Zone, by_the_clock, date_by_the_clock, zone_of_dates, zone_of_type

#: "number": float64 with NaN; "duration": likewise, in seconds; "date": datetime64[us] with NaT; "category": str with
#: None.
Kind = Literal["number", "duration", "date", "category"]

#: Text of dates by ISO 8601, or of dates and times. Python takes any character between the two.
_ISO_DATE = re.compile(r"\d{4}-(\d\d-\d\d|W\d\d-\d)([T ]|$)|(\d{8}|\d{4}W\d{3})[T ]")

#: What pandas calls a missing value; compared by name, since pandas need not be installed.
_MISSING_TYPES = {"NAType", "NaTType", "NoneType"}


def read_column(column: Any, clock: datetime.tzinfo | None = None) -> tuple[Kind, np.ndarray]:
    """The kind of a column, and its values in the form of this kind; dates as ``clock`` shows them, or their own."""
    if is_categorical(column):
        return "category", as_categories(column)
    values = _plain_array(column, clock)
    if values.dtype.kind in "biuf":
        return "number", values.astype(np.float64)
    if values.dtype.kind == "M":
        return "date", values.astype("datetime64[us]")
    if values.dtype.kind == "m":
        return "duration", _seconds(values)
    return _read_objects(values.astype(object), clock)


def zone_of(column: Any) -> Zone:
    """The time zone of a column of dates."""
    found = zone_of_type(column)
    if found is not None:
        return found
    values = _plain_array(column)
    if values.dtype.kind == "M":
        return Zone()
    present = [value for value in values.tolist() if not is_missing(value)]
    present = list(set(present)) if all(isinstance(value, str) for value in present) else present
    parse = _date_parser(present)
    return Zone() if parse is None else zone_of_dates([parse(value) for value in present])


def is_categorical(column: Any) -> bool:
    """Whether its owner says that it holds categories: of numbers, too, which are then names."""
    return str(dtype_of(column)).lower().startswith(("category", "categorical", "enum"))


def as_numbers(column: Any) -> np.ndarray:
    """A column as float64 with NaN, whatever holds the numbers; ValueError if they are no numbers."""
    return _as_floats(column, "number")


def as_durations(column: Any) -> np.ndarray:
    """A column of durations as seconds with NaN, whatever holds them; ValueError if they are none."""
    return _as_floats(column, "duration")


def _as_floats(column: Any, wanted: Kind) -> np.ndarray:
    kind, values = read_column(column)
    if kind == wanted:
        return values
    plain = _plain_array(column).tolist()
    present = next((value for value in plain if not is_missing(value)), None)
    if present is None:
        return np.full(len(values), np.nan)
    raise ValueError(f"such as {present!r}")


def as_dates(column: Any, clock: datetime.tzinfo | None = None) -> np.ndarray:
    """A column as dates with NaT, as ``clock`` shows them, or their own; ValueError if they are no dates."""
    kind, values = read_column(column, clock)
    if kind == "date":
        return values
    present = [value for value in values.tolist() if not is_missing(value)]
    if not present:
        return np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    raise ValueError(f"such as {present[0]!r}")


def as_categories(column: Any) -> np.ndarray:
    """A column as strings with None."""
    values = _plain_array(column).tolist()
    _refuse_what_has_no_name(values)
    return _objects([None if is_missing(value) else _name(value) for value in values])


def _plain_array(column: Any, clock: datetime.tzinfo | None = None) -> np.ndarray:
    """As NumPy holds it; dates without their time zone, as the clock shows them, and periods by their start."""
    dtype = dtype_of(column)
    if zone_of_type(column) is not None:
        column = by_the_clock(column, clock)
    elif str(dtype).startswith("period"):
        column = column.dt.to_timestamp()
    array = np.asarray(column) if not str(dtype).lower().startswith(("list", "array", "struct")) else None
    return _objects(values_of(column)) if array is None or array.ndim != 1 else array


def _read_objects(values: np.ndarray, clock: datetime.tzinfo | None) -> tuple[Kind, np.ndarray]:
    items = values.tolist()
    present = [value for value in items if not is_missing(value)]
    # Before the numbers: NumPy counts its durations among the ints.
    if present and all(isinstance(value, datetime.timedelta | np.timedelta64) for value in present):
        return "duration", _seconds(_as_microseconds(None if is_missing(value) else value for value in items))
    if all(isinstance(value, Real | Decimal | np.bool_) for value in present):
        return "number", np.array([np.nan if is_missing(value) else _as_float(value) for value in items], dtype=float)
    parse = _date_parser(present)
    if parse is None:
        return "category", as_categories(values)
    # Of text each once; of dates each, since the same moment by two clocks is equal.
    known = {text: parse(text) for text in set(present)} if isinstance(present[0], str) else None
    read = parse if known is None else known.__getitem__
    dates = [np.datetime64("NaT") if is_missing(value) else date_by_the_clock(read(value), clock) for value in items]
    return "date", np.array(dates, dtype="datetime64[us]")


def _date_parser(present: list[Any]) -> Callable[[Any], datetime.datetime] | None:
    """How to read dates, or text that is all dates as ISO 8601 writes them; None if something else is there."""
    if all(isinstance(value, datetime.date | np.datetime64) or _is_period(value) for value in present):
        return _with_time
    if not all(isinstance(value, str) and _ISO_DATE.match(value) for value in present):
        return None
    try:
        for value in set(present):
            datetime.datetime.fromisoformat(value)
    except ValueError:
        return None
    return datetime.datetime.fromisoformat


def _with_time(date: Any) -> datetime.datetime:
    if _is_period(date):
        date = date.to_timestamp()
    if isinstance(date, np.datetime64):
        date = date.astype("datetime64[us]").item()
    if not isinstance(date, datetime.datetime):
        return datetime.datetime(date.year, date.month, date.day)
    return date


_NO_FIXED_LENGTH = "such as months or years, which have no fixed number of days"


def _as_microseconds(durations: Iterable[Any]) -> np.ndarray:
    try:
        return np.array(list(durations), dtype="m8[us]")
    except TypeError as error:
        raise ValueError(_NO_FIXED_LENGTH) from error


def _is_period(value: Any) -> bool:
    """Of pandas, by name, since it need not be installed."""
    return type(value).__name__ == "Period"


def _seconds(durations: np.ndarray) -> np.ndarray:
    if np.datetime_data(durations.dtype)[0] in ("M", "Y"):
        raise ValueError(_NO_FIXED_LENGTH)
    seconds = durations / np.timedelta64(1, "s")
    return np.where(np.isnat(durations), np.nan, seconds)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an int of hundreds of digits
        return float("inf")


def _refuse_what_has_no_name(values: list[Any]) -> None:
    """Lists, dicts, arrays, ...: whether two of them are one category, nobody has said."""
    odd_types = {each for each in set(map(type, values)) if not issubclass(each, str | int | float | type(None))}
    for value in values if odd_types else ():
        kind = kind_of(value) if type(value) in odd_types and not isinstance(value, tuple) else ""
        if kind in NOT_IN_A_CELL:
            raise ValueError(f"such as {value!r}, a {kind}")


def _name(value: Any) -> str:
    """Of a category. A column of integers with gaps is one of floats, and its names are the same."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def first_present(column: Any) -> Any:
    """The first value of a column that is not missing; None if all are."""
    return next((value for value in values_of(column) if not is_missing(value)), None)


def is_missing(value: Any) -> bool:
    """Whether a value is a sign that there is none."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return type(value).__name__ in _MISSING_TYPES or (isinstance(value, float) and value != value)


def _objects(items: list[Any]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array
