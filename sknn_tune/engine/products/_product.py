"""Rows times a kernel, with the same bits whatever stands beside a row, whoever works it out, and however it is kept.

Problem: BLAS takes other routines for other numbers of rows, and shares a product among as many threads as it may use
at that moment; each way rounds differently. So a prediction would depend on the rows beside it, on ``n_jobs``, and on
whether a search runs in threads or processes. A limit on the threads of BLAS holds for the whole process: another
thread may set another one meanwhile, or be left with ours. And SciPy has another order for sparse rows.

Choice: products of our own, in machine code, that add up an output's terms one by one, from the first input to the
last. Nothing is shared but the kernel, which is read. On one core they are as fast as BLAS. Inputs that are zero add
nothing, so sparse rows have the bits of dense ones.

Where Numba cannot compile, NumPy multiplies: see `_numpy`.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .._rows import RowsInMemory
from .._why_no_numba import why_no_numba

Array = np.ndarray


class Product(Protocol):
    """Multiplies rows by a kernel."""

    def __call__(self, rows: RowsInMemory) -> Array:
        """``rows @ kernel + bias``, C-contiguous."""


def product_of(kernel: Array, bias: Array | None, dtype: str) -> Product:
    """With a kernel of shape (n_inputs, n_outputs), which is copied."""
    if why_no_numba() is None:
        from ._machine import MachineProduct

        return MachineProduct(kernel, bias, dtype)
    from ._numpy import NumPyProduct

    return NumPyProduct(kernel, bias, dtype)
