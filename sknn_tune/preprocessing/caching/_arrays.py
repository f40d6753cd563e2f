"""Arrays and sparse matrices, bit by bit: what of them goes into a key."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._key import KeyBuilder, NotCacheableError
from ._values import add_objects


def add_array(key: KeyBuilder, array: np.ndarray) -> None:
    """An array of numbers, strings, dates or Python's objects."""
    key.add_mark(f"{type(array).__name__} {array.dtype!r} {array.dtype.str} {array.shape} {array.strides}")
    if array.dtype.kind == "V":
        raise NotCacheableError("an array has a structured dtype")
    if array.dtype.kind in "OT":  # pointers
        add_objects(key, array.astype(object).ravel())
    elif array.flags.c_contiguous:
        key.add_bytes(_as_bytes(array))
    else:  # the transposed array of columns is contiguous if they are; anything else is copied
        key.add_bytes(_as_bytes(np.ascontiguousarray(array.T)))


def _as_bytes(array: np.ndarray) -> np.ndarray:
    """A view, since dates have no buffer."""
    return array.reshape(-1).view(np.uint8)


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
