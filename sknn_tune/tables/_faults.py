"""What is wrong with the columns of a table of which numbers are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from ._columns import as_table, columns_of, dtype_of, names_of, values_of
from ._kinds import kind_of, kind_of_dtype

#: Kinds of text that is no number, in the order in which they are said.
TEXTS = ("text", "date in text", "written number", "sign for a missing value")
#: After these kinds of numbers; all other kinds come before.
_ORDER = {kind: place for place, kind in enumerate((*TEXTS, "NA among objects", "missing value", "infinite"), start=1)}


class Fault(NamedTuple):
    """What cannot be used in one column.

    Attributes
    ----------
    kind : str
        See `kind_of`.
    name : object
        Of the column; None for a column that is alone.
    position : int
    n_rows : int
        How many values are of this kind.
    row : int
        The first of them, from 0.
    example : object
        Its value.
    mostly_numbers : bool
        Whether more than half of the column are numbers.
    """

    kind: str
    name: Any
    position: int
    n_rows: int
    row: int
    example: Any
    mostly_numbers: bool = False


def worst_faults(given: Any, dtype: Any, *, ignored: frozenset[str] = frozenset()) -> list[Fault]:
    """What is worst in each column, of the kind that is worst of all; empty if all columns hold numbers.

    Nothing is said of the ``ignored`` kinds.
    """
    table = as_table(given)
    found = [] if table is None else list(_faults(table, np.dtype(dtype), ignored))
    worst = min((_ORDER.get(fault.kind, 0) for fault in found), default=0)
    first = next((fault.kind for fault in found if _ORDER.get(fault.kind, 0) == worst), None)
    return [fault for fault in found if fault.kind == first]


def unseen_faults(given: Any, dtype: Any) -> list[Fault]:
    """Dates, durations and the like: NumPy makes numbers of them whose unit nobody knows. Quick for numbers."""
    if isinstance(given, np.ndarray) and given.dtype.kind in "fiubUSTc":
        return []
    table = as_table(given)
    if table is None or sparse.issparse(table) or not any(map(_may_be_unseen, columns_of(table))):
        return []
    return [fault for fault in worst_faults(given, dtype) if _ORDER.get(fault.kind, 0) == 0]


def _may_be_unseen(column: Any) -> bool:
    dtype = dtype_of(column)
    if kind_of_dtype(dtype) is not None:
        return True
    if str(dtype) != "object":
        return False
    types = set(map(type, values_of(column)))
    return any(issubclass(each, np.datetime64 | np.timedelta64) for each in types)


def _faults(table: Any, dtype: np.dtype[Any], ignored: frozenset[str]) -> Iterator[Fault]:
    """The worst of each column that is not ignored, if there is any."""
    columns = _dense_columns(table) if sparse.issparse(table) else columns_of(table)
    for position, (name, column) in enumerate(zip(names_of(table), columns, strict=True)):
        of_dtype = dtype_of(column)
        kind = kind_of_dtype(of_dtype)
        if kind is not None:
            values = values_of(column)
            yield Fault(kind, name, position, len(values), 0, next(iter(values), None))
        elif getattr(of_dtype, "kind", "") in "biu" and isinstance(column, np.ndarray):
            continue
        elif getattr(of_dtype, "kind", "") == "f" and isinstance(of_dtype, np.dtype):
            found = _faults_of_numbers(np.asarray(column), name, position, dtype)
            yield from [fault for fault in found if fault.kind not in ignored][:1]
        else:
            yield from _faults_of_objects(column, name, position, dtype, ignored)


def _faults_of_numbers(values: np.ndarray, name: Any, position: int, dtype: np.dtype[Any]) -> Iterator[Fault]:
    with np.errstate(over="ignore"):
        infinite = np.isinf(values.astype(dtype))
    for kind, wrong in (("missing value", np.isnan(values)), ("infinite", infinite)):
        if wrong.any():
            row = int(np.argmax(wrong))
            yield Fault(kind, name, position, int(wrong.sum()), row, values[row].item())


def _faults_of_objects(
    column: Any, name: Any, position: int, dtype: np.dtype[Any], ignored: frozenset[str]
) -> Iterator[Fault]:
    values = values_of(column)
    kinds = [_kind_for(value, dtype) for value in values]
    if _holds_objects(column):
        kinds = ["NA among objects" if _is_na(value) else kind for value, kind in zip(values, kinds, strict=True)]
    counts = Counter(kinds)
    wrong = [kind for kind in counts if kind != "number" and kind not in ignored]
    if wrong:
        kind = min(wrong, key=lambda each: _ORDER.get(each, 0))
        row = kinds.index(kind)
        mostly_numbers = counts["number"] > len(kinds) / 2
        yield Fault(kind, name, position, counts[kind], row, values[row], mostly_numbers)


def _kind_for(value: Any, dtype: np.dtype[Any]) -> str:
    kind = kind_of(value)
    if kind == "sign for a missing value" and str(value).strip().lower() == "nan":
        return "missing value"  # NumPy reads it as one
    if kind == "number" and not isinstance(value, str | bytes):
        with np.errstate(over="ignore"):
            return kind if np.isfinite(np.asarray(float(value)).astype(dtype)) else "infinite"
    return kind


def _holds_objects(column: Any) -> bool:
    """Whether NumPy gets the signs of pandas for missing values, which it cannot read."""
    return str(dtype_of(column)).lower() in ("object", "str", "string")


def _is_na(value: Any) -> bool:
    return type(value).__name__ in ("NAType", "NaTType")


def _dense_columns(matrix: Any) -> Iterator[np.ndarray]:
    """Of a sparse matrix: each column with what is not zero in it, in the place where it stands."""
    matrix = matrix.tocsc()
    for position in range(matrix.shape[1]):
        yield matrix[:, [position]].toarray().ravel()
