"""Tables of columns that are read some rows at a time: Arrow tables, Parquet files and datasets, polars' lazy frames.

Neither package is imported here: who gives such a table has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from .._nearest import did_you_mean
from ..tables import why_no_table, without_mask

#: Rows that are read at once.
_ROWS_AT_ONCE = 32_768

#: Gives, for names of columns, the columns of some rows after the others.
_Read = Callable[[list[str]], Iterator[Callable[[str], np.ndarray]]]


def is_column_stream(X: Any) -> bool:
    """Whether ``X`` is such a table; answered without loading anything."""
    package, name = type(X).__module__.partition(".")[0], type(X).__name__
    if package == "polars":
        return name == "LazyFrame"
    return package == "pyarrow" and hasattr(X, "schema") and (hasattr(X, "to_batches") or hasattr(X, "iter_batches"))


class ColumnStream:
    """A `Source`.

    Parameters
    ----------
    X : pyarrow.Table, pyarrow.dataset.Dataset, pyarrow.parquet.ParquetFile or polars.LazyFrame
    y, sample_weight : str, array-like or None
        The names of their columns, or arrays.
    columns : sequence of str or None
        Those that are inputs; None: all others.
    """

    def __init__(self, X: Any, y: Any = None, sample_weight: Any = None, columns: Sequence[str] | None = None) -> None:
        self.name = f"{type(X).__module__.partition('.')[0]} {type(X).__name__}"
        self._names, self._read = _polars(X) if hasattr(X, "collect_schema") else _arrow(X)
        self._y, self._sample_weight = (
            self._column_or_array(*each) for each in (("y", y), ("sample_weight", sample_weight))
        )
        taken = [name for name in (y, sample_weight) if isinstance(name, str)]
        others = [name for name in self._names if name not in taken]
        self._inputs = others if columns is None else list(columns)
        self.columns: list[str] | None = self._inputs
        missing = [name for name in self._inputs if name not in self._names]
        if missing:
            raise ValueError(
                f"X, a {self.name}, has no column {missing[0]!r}{did_you_mean(missing[0], self._names)}, which the "
                f"network was fitted on. It has: {', '.join(map(repr, self._names))}."
            )

    def _column_or_array(self, what: str, given: Any) -> Any:
        if isinstance(given, str) and given not in self._names:
            raise ValueError(
                f"{what}={given!r} must name a column of X, a {self.name}, or be an array"
                f"{did_you_mean(given, self._names)}. The columns are: {', '.join(map(repr, self._names))}."
            )
        if given is None or isinstance(given, str):
            return given
        if why := why_no_table(given, what, "fit"):
            raise TypeError(why)
        return np.asarray(without_mask(given))

    def inputs(self) -> Iterator[np.ndarray]:
        """Rows of the inputs, some after the others."""
        for column in self._read(self._inputs):
            yield self._table(column)

    def parts(self) -> Iterator[tuple[Any, Any, Any]]:
        """Inputs, targets and the weights of rows or None."""
        if self._y is None:
            raise ValueError(
                f"X is a {self.name}, so y must be the name of one of its columns, such as y={self._names[-1]!r}, "
                "or an array."
            )
        start, given = 0, (self._y, self._sample_weight)
        for column in self._read(self._inputs + [each for each in given if isinstance(each, str)]):
            x = self._table(column)
            rows = slice(start, start + len(x))
            start += len(x)
            y, weight = (
                column(each) if isinstance(each, str) else None if each is None else each[rows] for each in given
            )
            yield x, y, weight
        for what, each in zip(("y", "sample_weight"), given, strict=True):
            if isinstance(each, np.ndarray) and len(each) != start:
                raise ValueError(
                    f"{what} has {len(each)} entries, but X, a {self.name}, has {start} rows. Give one each."
                )

    def _table(self, column: Callable[[str], np.ndarray]) -> np.ndarray:
        columns = [column(name) for name in self._inputs]
        for name, values in zip(self._inputs, columns, strict=True):
            if values.dtype.kind not in "fiub":
                raise ValueError(
                    f"Column {name!r} of X, a {self.name}, has {values.dtype} values such as "
                    f"{values[:1].tolist()[0]!r:.60}, but a network takes numbers. Select columns of numbers, encode "
                    "it before, or encode batch by batch and train by partial_fit."
                )
        return np.column_stack(columns)


def _arrow(X: Any) -> tuple[list[str], _Read]:
    def batches(names: list[str]) -> Iterator[Any]:
        if hasattr(X, "iter_batches"):
            return X.iter_batches(batch_size=_ROWS_AT_ONCE, columns=names)
        if hasattr(X, "num_rows"):
            return iter(X.select(names).to_batches(max_chunksize=_ROWS_AT_ONCE))
        # As many rows as Arrow reads ahead by itself would be some hundred megabytes.
        ahead = {"batch_readahead": 2, "fragment_readahead": 1}
        return X.to_batches(columns=names, batch_size=_ROWS_AT_ONCE, **ahead)

    def read(names: list[str]) -> Iterator[Callable[[str], np.ndarray]]:
        for batch in batches(names):
            if batch.num_rows:
                yield partial(_of_arrow, batch)

    schema = X.schema_arrow if hasattr(X, "schema_arrow") else X.schema
    return list(schema.names), read


def _of_arrow(batch: Any, name: str) -> np.ndarray:
    column = batch.column(name)
    column = column.dictionary_decode() if hasattr(column, "dictionary_decode") else column
    return _plain(column.to_numpy(zero_copy_only=False))


def _polars(X: Any) -> tuple[list[str], _Read]:
    if not hasattr(X, "collect_batches"):
        raise TypeError("X is a LazyFrame of a polars that cannot read it in batches. Install polars 1.34 or later.")

    def read(names: list[str]) -> Iterator[Callable[[str], np.ndarray]]:
        for batch in X.select(names).collect_batches(chunk_size=_ROWS_AT_ONCE, maintain_order=True):
            if batch.height:
                yield partial(_of_polars, batch)

    return list(X.collect_schema().names()), read


def _of_polars(batch: Any, name: str) -> np.ndarray:
    return _plain(batch.get_column(name).to_numpy())


def _plain(values: np.ndarray) -> np.ndarray:
    """Text as NumPy's own, of which labels are told apart quickly."""
    is_text = values.dtype == object and all(isinstance(value, str) for value in values)
    return values.astype(str) if is_text else values
