"""Numbers, strings and tables, bit by bit: what of them goes into a key."""

from __future__ import annotations

import datetime
import pickle
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import numpy as np
from scipy import sparse

from ._key import KeyBuilder, NotCacheableError

#: Types of single values whose pickles say all about them; and NumPy's and pandas' own.
_VALUES = {type(None), type(...), bool, int, float, complex, str, bytes, range} | {
    datetime.date,
    datetime.datetime,
    datetime.time,
    datetime.timedelta,
    Decimal,
    Fraction,
    UUID,
}


def add_array(key: KeyBuilder, array: np.ndarray) -> None:
    """An array of numbers, strings, dates or Python's objects."""
    key.add_mark(f"{type(array).__name__} {array.dtype!r} {array.dtype.str} {array.shape} {array.strides}")
    if array.dtype.kind == "V":
        raise NotCacheableError("an array has a structured dtype")
    if array.dtype.kind in "OT":  # pointers
        add_values(key, array.ravel().tolist())
    elif array.flags.c_contiguous:
        key.add_bytes(_as_bytes(array))
    else:  # the transposed array of columns is contiguous if they are; anything else is copied
        key.add_bytes(_as_bytes(np.ascontiguousarray(array.T)))


def _as_bytes(array: np.ndarray) -> np.ndarray:
    """A view, since dates have no buffer."""
    return array.reshape(-1).view(np.uint8)


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


def is_plain(kind: type) -> bool:
    """Whether a value of this type is no more than what its pickle says."""
    return kind in _VALUES or issubclass(kind, np.generic | np.dtype) or kind.__module__.startswith("pandas._libs.")


def add_sparse(key: KeyBuilder, matrix: Any) -> None:
    key.add_object(type(matrix))
    key.add_mark(f"{matrix.format} {matrix.shape}")
    if matrix.format in ("csr", "csc", "bsr"):
        parts = (matrix.data, matrix.indices, matrix.indptr)
    elif matrix.format == "coo":
        parts = (matrix.data, *matrix.coords) if hasattr(matrix, "coords") else (matrix.data, matrix.row, matrix.col)
    else:
        raise NotCacheableError(f"sparse matrices of format {matrix.format!r} are not looked up")
    for part in parts:
        add_array(key, part)


def add_pandas(key: KeyBuilder, table: Any) -> None:
    """A DataFrame, Series, Index or array of pandas."""
    import pandas as pd

    key.add_object(type(table))
    if getattr(table, "attrs", None):
        raise NotCacheableError("a table has attrs")
    if type(table) is pd.DataFrame:
        key.add_mark(f"{table.shape}")
        add_pandas(key, table.index)
        add_pandas(key, table.columns)
        for place in range(table.shape[1]):  # by place, since names may occur twice
            _add_pandas_values(key, table.iloc[:, place].array)
    elif type(table) is pd.Series:
        add_values(key, [table.name])
        add_pandas(key, table.index)
        _add_pandas_values(key, table.array)
    elif isinstance(table, pd.RangeIndex):
        add_values(key, [*table.names, table.start, table.stop, table.step])
    elif isinstance(table, pd.MultiIndex):
        add_values(key, list(table.names))
        for level in range(table.nlevels):
            add_pandas(key, table.get_level_values(level))
    elif isinstance(table, pd.Index):
        add_values(key, [*table.names, getattr(table, "freqstr", None)])
        _add_pandas_values(key, table.array)
    elif isinstance(table, pd.api.extensions.ExtensionArray):
        _add_pandas_values(key, table)
    else:
        raise NotCacheableError(f"tables of type {type(table).__name__} are not looked up")


def _add_pandas_values(key: KeyBuilder, values: Any) -> None:
    import pandas as pd

    key.add_object(type(values))
    key.add_mark(repr(values.dtype))
    if isinstance(values, pd.Categorical):
        key.add_mark(f"{values.ordered}")
        add_pandas(key, values.categories)
        add_array(key, np.asarray(values.codes))
    elif isinstance(values.dtype, np.dtype):
        add_array(key, values.to_numpy())
    else:
        add_values(key, values.to_numpy(dtype=object).tolist())


def add_polars(key: KeyBuilder, table: Any) -> None:
    """A DataFrame or Series of polars."""
    import polars as pl

    key.add_object(type(table))
    if type(table) is pl.DataFrame:
        key.add_mark(f"{table.shape}")
        for column in table.get_columns():
            add_polars(key, column)
    elif type(table) is pl.Series:
        key.add_mark(f"{table.name!r} {table.dtype!r}")
        if isinstance(table.dtype, pl.Enum):
            add_values(key, table.dtype.categories.to_list())
        if table.dtype.is_numeric() and not table.dtype.is_decimal() and not table.null_count():
            add_array(key, table.to_numpy())
        else:
            add_values(key, table.to_list())
    else:
        raise NotCacheableError(f"tables of type {type(table).__name__} are not looked up")


def adder_of_contents(value: Any) -> Callable[[KeyBuilder, Any], None] | None:
    """What takes in ``value``, if it is an array, a sparse matrix or a table; None if it is something else.

    Libraries that are not loaded made no table.
    """
    if type(value) in (np.ndarray, np.memmap):
        return add_array
    if sparse.issparse(value):
        return add_sparse
    library = type(value).__module__.split(".")[0]
    if library == "pandas" and _is_pandas_table(value):
        return add_pandas
    if library == "polars" and hasattr(value, "null_count"):
        return add_polars
    return None


def _is_pandas_table(value: Any) -> bool:
    pd = sys.modules["pandas"]
    return isinstance(value, pd.DataFrame | pd.Series | pd.Index | pd.api.extensions.ExtensionArray)
