"""Rows times a kernel by NumPy and SciPy, where Numba cannot compile."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .._rows import RowsInMemory

Array = np.ndarray

#: Products are made in blocks of so many rows, the last one filled up with zeros: BLAS takes other routines
#: for other numbers of rows, which round differently, and a row's prediction must not depend on the others.
#: (It does depend on the number of threads that BLAS takes for a wide block.)
_ROWS_OF_A_BLOCK = 64


class NumPyProduct:
    """A `Product`."""

    def __init__(self, kernel: Array, bias: Array | None, dtype: str):
        self._kernel, self._dtype = np.array(kernel, dtype), dtype
        self._bias = None if bias is None else np.array(bias, dtype)

    def __call__(self, rows: RowsInMemory) -> Array:
        """``rows @ kernel + bias``."""
        out = self._of_sparse(rows) if sparse.issparse(rows) else self._of_blocks(np.asarray(rows))
        if self._bias is not None:
            out += self._bias
        return out

    def _of_sparse(self, rows: RowsInMemory) -> Array:
        return np.ascontiguousarray(rows.astype(self._dtype, copy=False) @ self._kernel)

    def _of_blocks(self, rows: Array) -> Array:
        n_blocks = -(-len(rows) // _ROWS_OF_A_BLOCK)
        filled = np.zeros((n_blocks * _ROWS_OF_A_BLOCK, rows.shape[1]), self._dtype)
        filled[: len(rows)] = rows
        out = filled.reshape(n_blocks, _ROWS_OF_A_BLOCK, rows.shape[1]) @ self._kernel
        return out.reshape(-1, self._kernel.shape[1])[: len(rows)]
