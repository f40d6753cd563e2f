"""Single values of Python, many at once: what of them goes into a key."""

from __future__ import annotations

import datetime
import pickle
import sys
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import numpy as np

from ._key import KeyBuilder, NotCacheableError

#: Types of single values whose pickles say all about them, besides NumPy's.
_VALUES = {type(None), type(...), bool, int, float, complex, str, bytes, range} | {
    datetime.date,
    datetime.datetime,
    datetime.time,
    datetime.timedelta,
    Decimal,
    Fraction,
    UUID,
}
#: pandas may not be installed.
_VALUES_OF_PANDAS = {("pandas", name) for name in ("NAType", "NaTType", "Timestamp", "Timedelta", "Period", "Interval")}


def add_values(key: KeyBuilder, values: Sequence[Any]) -> None:
    """Single values of any types: strings joined, which is fastest, and others pickled type by type.

    1, 1.0, True and "1" differ here, as do None, NaN and pandas' NA.
    """
    kinds = list(map(type, values))
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    key.add_mark(f"{len(values)} values")
    if len(numbers) > 1:
        key.add_bytes(np.fromiter(map(numbers.__getitem__, kinds), np.int32, len(kinds)))
    for kind in numbers:
        of_kind: Sequence[Any] = values if len(numbers) == 1 else [value for value in values if type(value) is kind]
        key.add_object(kind)
        if kind is str:
            key.add_bytes(np.fromiter(map(len, of_kind), np.int64, len(of_kind)))
            key.add_bytes("".join(of_kind).encode("utf-8", "surrogatepass"))
        elif is_plain(kind):
            key.add_bytes(pickle.dumps(of_kind, protocol=5))
        else:
            raise NotCacheableError(f"a column or list has values of type {kind.__name__}")


def add_objects(key: KeyBuilder, values: np.ndarray) -> None:
    """A flat array of Python objects.

    Columns of strings have few different ones, most often. pandas numbers them by the hash that a string knows of
    itself, which with the comparison afterwards takes half the time of reading them all. Compared, because pandas 2
    takes two strings for one that are the same up to a zero byte. What is missing among them is looked at one by one.
    """
    pd = sys.modules.get("pandas")
    if pd is None or pd.api.types.infer_dtype(values, skipna=True) != "string":
        return add_values(key, values.tolist())
    numbers, distinct = pd.factorize(values)
    missing = numbers < 0
    if not np.array_equal(distinct[numbers[~missing]], values[~missing]):
        return add_values(key, values.tolist())
    key.add_mark("numbered")
    key.add_bytes(numbers)
    add_values(key, distinct.tolist())
    add_values(key, values[missing].tolist())


def is_plain(kind: type) -> bool:
    """Whether a value of this type is no more than what its pickle says."""
    package = kind.__module__.split(".")[0]
    return kind in _VALUES or issubclass(kind, np.generic | np.dtype) or (package, kind.__name__) in _VALUES_OF_PANDAS
