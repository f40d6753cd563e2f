"""Has the rows of a table that is mapped from a file read before they are asked for.

Problem: a file is read where somebody looks, with all that stands around it, and who looks waits. Blocks of rows that
lie anywhere are so read three or four times. Choice: the system is told beforehand which blocks will be looked at, and
reads just these, while others are trained on.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable

import numpy as np

#: Neighbouring rows that are asked for together.
_ROWS_OF_A_BLOCK = 512


def reader_ahead(table: np.ndarray) -> Callable[[np.ndarray], None]:
    """What is to be told the numbers of rows that will be read soon; it does nothing for a table in memory."""
    mapped = _file_of(table)
    if mapped is None or not hasattr(mmap, "MADV_WILLNEED") or not table.size:  # not on Windows
        return lambda rows: None
    first = table.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
    size, end = _ROWS_OF_A_BLOCK * table.strides[0], first + table.nbytes

    def read_ahead(rows: np.ndarray) -> None:
        is_wanted = np.zeros(len(table) // _ROWS_OF_A_BLOCK + 1, bool)
        is_wanted[rows // _ROWS_OF_A_BLOCK] = True
        for block in np.flatnonzero(is_wanted).tolist():
            start = (first + block * size) // mmap.PAGESIZE * mmap.PAGESIZE
            mapped.madvise(mmap.MADV_WILLNEED, start, min(first + (block + 1) * size, end) - start)

    return read_ahead


def _file_of(array: np.ndarray) -> mmap.mmap | None:
    """The file that is looked through an array, if it is one."""
    base = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None
