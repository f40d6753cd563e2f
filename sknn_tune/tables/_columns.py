"""The columns of whatever holds them: by position, since names may occur twice, and each with its values.

pandas, polars, pyarrow, SciPy and NumPy need not be installed, or loaded, for the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse


def columns_of(X: Any) -> Iterator[Any]:
    """The columns of a table, or of an array of two axes, as it holds them."""
    if hasattr(X, "iloc"):
        return (X.iloc[:, position] for position in range(X.shape[1]))
    if hasattr(X, "column_names"):  # pyarrow
        return (X.column(position) for position in range(X.num_columns))
    if hasattr(X, "columns"):
        return (X[:, position] for position in range(X.shape[1]))
    return iter(X.T)


def names_of(X: Any) -> list[Any]:
    """The names of the columns; their positions where they have none."""
    for attribute in ("column_names", "columns"):
        if hasattr(X, attribute):
            return [name.item() if isinstance(name, np.generic) else name for name in getattr(X, attribute)]
    return list(range(X.shape[1]))


def dtype_of(column: Any) -> Any:
    """What a column says that its values are: of a ``dtype``, or of pyarrow's ``type``."""
    return getattr(column, "dtype", None) or getattr(column, "type", None)


def values_of(column: Any) -> list[Any]:
    """The values of a column as objects, each as its library shows it."""
    if isinstance(column, np.ndarray):
        # As Python's own, but for dates, which would become numbers.
        return list(column) if column.dtype.kind in "mMV" else column.tolist()
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    return list(column)


def as_table(given: Any) -> Any:
    """Something of two axes whose columns can be looked at; None if ``given`` has none."""
    if isinstance(given, type):
        return None
    if sparse.issparse(given):
        return given if given.ndim == 2 else None
    n_axes = len(getattr(given, "shape", ()))
    if n_axes == 2 and (hasattr(given, "columns") or hasattr(given, "column_names")):
        return given
    if n_axes == 1 and (hasattr(given, "iloc") or hasattr(given, "to_list")):
        return _OneColumn(given)
    try:
        array = np.asarray(_as_array(given) if isinstance(given, list | tuple) else given)
    except Exception:  # whatever it is, it is no table
        return None
    if array.ndim == 1:
        return _OneColumn(array)
    return array if array.ndim == 2 else None


class _OneColumn:
    """A column without a name, as a table."""

    def __init__(self, column: Any) -> None:
        self.columns = [None]
        self.shape = (len(column), 1)
        self._column = column

    def __getitem__(self, place: Any) -> Any:
        return self._column


def as_frame(given: Any) -> Any:
    """A table of pyarrow as one of pandas, rows in a list as an array, and anything else `without_mask`."""
    if hasattr(given, "column_names") and hasattr(given, "to_pandas"):
        return given.to_pandas()
    return _as_array(given) if isinstance(given, list | tuple) else without_mask(given)


def _as_array(rows: list[Any] | tuple[Any, ...]) -> Any:
    """Rows of text and numbers as objects, of which NumPy would make text; what is no table as it is."""
    try:
        array = np.asarray(rows)
    except ValueError:  # rows of different lengths
        return rows
    if array.ndim < 2 or len({len(getattr(row, "shape", ())) for row in rows} - {0, 1}):
        return rows
    return np.asarray(rows, dtype=object) if array.dtype.kind in "US" else array


def without_mask(given: Any) -> Any:
    """An array with NaN (None among objects) in the place of what is masked; anything else as it is.

    NumPy would drop the mask and take what lies under it.
    """
    if not isinstance(given, np.ma.MaskedArray):
        return given
    masked: Any = given  # NumPy's annotations do not say what it has
    if not np.ma.getmaskarray(masked).any():
        return masked.filled()
    if masked.dtype.kind in "biuf":
        return masked.astype(np.result_type(masked.dtype, np.float32)).filled(np.nan)
    objects = np.array(masked.data, dtype=object)
    objects[np.ma.getmaskarray(masked)] = None  # filled(None) would fill in "?", NumPy's own choice
    return objects
