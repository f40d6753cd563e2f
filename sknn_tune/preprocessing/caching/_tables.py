"""Tables of pandas and polars: what of them goes into a key.

Where there is one, its library is loaded; neither is needed otherwise.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ._arrays import add_array
from ._key import KeyBuilder, NotCacheableError
from ._values import add_objects, add_values


def add_pandas(key: KeyBuilder, table: Any) -> None:
    """A DataFrame, Series, Index or array of pandas."""
    pd = sys.modules["pandas"]
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
    pd = sys.modules["pandas"]
    key.add_object(type(values))
    if isinstance(values, pd.Categorical):
        key.add_mark(f"{values.ordered}")
        add_pandas(key, values.categories)
        add_array(key, np.asarray(values.codes))
        return
    key.add_mark(repr(values.dtype))
    if isinstance(values, pd.arrays.NumpyExtensionArray) or isinstance(values.dtype, np.dtype):
        add_array(key, values.to_numpy())
    else:
        add_objects(key, values.to_numpy(dtype=object))


def add_polars(key: KeyBuilder, table: Any) -> None:
    """A DataFrame or Series of polars."""
    pl = sys.modules["polars"]
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
