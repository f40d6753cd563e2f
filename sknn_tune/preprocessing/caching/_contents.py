"""Which of the others takes in an array, a sparse matrix or a table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from ._arrays import add_array, add_sparse
from ._key import KeyBuilder
from ._tables import add_pandas, add_polars


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
