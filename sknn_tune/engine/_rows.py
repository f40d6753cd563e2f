"""Takes blocks of rows out of a table: dense, in bounded memory, never one alone. And makes columns of targets."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from ..specs import ChosenRows, arrays_in, map_arrays

#: Rows in memory: dense, of shape (n_rows, ...), or sparse, of shape (n_rows, n_features).
RowsInMemory: TypeAlias = np.ndarray | sparse.csr_matrix | sparse.csr_array
#: The same, or those of a table by their numbers.
Rows: TypeAlias = RowsInMemory | ChosenRows

#: Values in one batch of a forward pass without training: 16 MB in float32.
_VALUES_AT_A_TIME = 4_000_000


def dense_rows(X: Rows, rows: slice | np.ndarray) -> np.ndarray:
    """Some rows of ``X``, by a slice or an array of indices, as a dense array."""
    # `take` needs half the time of an index, but sparse matrices do not have it.
    selected = X.take(rows, axis=0) if isinstance(rows, np.ndarray) and isinstance(X, np.ndarray) else X[rows]
    return selected.toarray() if hasattr(selected, "toarray") else selected


def dense_parts(nested: Any, rows: slice | np.ndarray) -> Any:
    """The same of each table where a model has several inputs or outputs."""
    return map_arrays(lambda table: dense_rows(table, rows), nested)


def never_alone(batch: np.ndarray) -> np.ndarray:
    """A batch of one row with that row twice.

    TensorFlow multiplies a single row by another routine than several, which rounds differently: a
    row's prediction would depend, in its last digits, on whether it came alone.
    """
    return np.repeat(batch, 2, axis=0) if len(batch) == 1 else batch


def rows_at_a_time(X: Any, n_members: int = 1) -> int:
    """How many rows to take in one forward pass without training: fewer if they are wide, to bound the memory.

    Of members that share weights, each computes every row.
    """
    n_values = sum(int(np.prod(table.shape[1:])) for table in arrays_in(X))
    n_rows = int(np.clip(_VALUES_AT_A_TIME // max(n_values, 1), 32, 8192))
    return max(n_rows // n_members, 1)


def target_columns(y: np.ndarray, dtype: str) -> np.ndarray:
    """Targets as columns. Class numbers become floating-point numbers, exact up to 2**24 classes."""
    y = np.asarray(y, dtype)
    return y[:, None] if y.ndim == 1 else y
