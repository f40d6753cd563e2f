"""Has the rows of a table that is mapped from a file read before they are asked for.

Problem: a file is read where somebody looks, with all that stands around it, up to some megabytes, and who looks waits.
Blocks of rows that lie anywhere are so read many times. Choice: the system is told that the file is not read in order,
and which blocks will be looked at next; it then reads just these, while others are trained on.
Not taken: a thread of its own that tells the system, with which 50 million rows took a seventh longer.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

#: Neighbouring rows that are asked for together.
_ROWS_OF_A_BLOCK = 512


@contextmanager
def reading_ahead(table: np.ndarray) -> Iterator[Callable[[np.ndarray], None]]:
    """Inside, gives what is to be told the numbers of rows that will be read soon; nothing for a table in memory."""
    mapped = _file_of(table)
    if mapped is None or not hasattr(mmap, "MADV_WILLNEED") or not table.size:  # there is none on Windows
        yield lambda rows: None
        return
    first = table.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
    size, end = _ROWS_OF_A_BLOCK * table.strides[0], first + table.nbytes

    def read_ahead(rows: np.ndarray) -> None:
        is_wanted = np.zeros(len(table) // _ROWS_OF_A_BLOCK + 1, bool)
        is_wanted[rows // _ROWS_OF_A_BLOCK] = True
        for block in np.flatnonzero(is_wanted).tolist():
            start = (first + block * size) // mmap.PAGESIZE * mmap.PAGESIZE
            mapped.madvise(mmap.MADV_WILLNEED, start, min(first + (block + 1) * size, end) - start)

    mapped.madvise(mmap.MADV_RANDOM)
    try:
        yield read_ahead
    finally:
        mapped.madvise(mmap.MADV_NORMAL)


def _file_of(array: np.ndarray) -> mmap.mmap | None:
    """The file that is looked through an array, if it is one."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None
