"""What a value is, seen by someone who needs numbers."""

from __future__ import annotations

import datetime
from decimal import Decimal
from numbers import Complex, Real
from typing import Any

import numpy as np

from ._text import kind_of_text

#: pandas' signs for a missing value, by the name of their type: pandas need not be installed.
_MISSING_TYPES = {"NAType", "NaTType", "NoneType"}

#: How the names of types of columns begin, in small letters, and what such a column holds.
_BEGINNINGS = {
    "datetime": "date",
    "timestamp": "date",
    "date": "date",
    "timedelta": "duration",
    "duration": "duration",
    "time": "time of day",
    "period": "period",
    "interval": "interval",
    "complex": "complex number",
}

#: Types of values, and what they are. pandas' are known by name.
_TYPES: dict[str, str] = {"Period": "period", "Interval": "interval", "MaskedConstant": "missing value"}

#: What no cell of any table may hold: there is no sensible way to encode it, be it as a category.
NOT_IN_A_CELL = frozenset({"list", "dict", "set", "array", "table", "complex number", "function"})


def kind_of_dtype(dtype: Any) -> str | None:
    """What all values of a column are by its type; None if the values have to be looked at, or are numbers."""
    name = str(dtype).lower()
    return next((kind for beginning, kind in _BEGINNINGS.items() if name.startswith(beginning)), None)


def kind_of(value: Any) -> str:
    """``"number"``, ``"missing value"``, one of `TextKind`, ``"date"``, ``"list"``, … or the name of its type."""
    name = type(value).__name__
    if name in _MISSING_TYPES or (isinstance(value, float) and value != value):
        return "missing value"
    if isinstance(value, Real | Decimal | np.bool_) and not isinstance(value, np.timedelta64):  # which counts as an int
        return "number" if _fits(value) else "infinite"
    if isinstance(value, bytes):
        return kind_of_text(value.decode(errors="replace"))
    if isinstance(value, str):
        return kind_of_text(value)
    return _kind_of_object(value, name)


def _kind_of_object(value: Any, name: str) -> str:
    if isinstance(value, np.datetime64 | np.timedelta64) and np.isnat(value):
        return "missing value"
    for types, kind in (
        (datetime.date | np.datetime64, "date"),
        (datetime.timedelta | np.timedelta64, "duration"),
        (datetime.time, "time of day"),
        (Complex, "complex number"),
        (list | tuple | range, "list"),
        (dict, "dict"),
        (set | frozenset, "set"),
        (np.ndarray, "array"),
    ):
        if isinstance(value, types):
            return kind
    if name in _TYPES:
        return _TYPES[name]
    if hasattr(value, "columns") or hasattr(value, "iloc") or hasattr(value, "to_list"):
        return "table"
    return "function" if callable(value) else name


def _fits(value: Any) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except OverflowError:  # an int of hundreds of digits
        return False
