"""Rows of a table that is mapped from a file: read before they are asked for, and copied.

Problem: a file is read where somebody looks, with all that stands around it, up to some megabytes, and who looks waits.
Blocks of rows that lie anywhere are so read many times. Choice: the system is told that the file is not read in order,
and which blocks will be looked at next; it then reads just these.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

#: Neighbouring rows that are read together, if one of them is wanted: few, since where some rows are held out, blocks
#: of those that are left begin anywhere.
_ROWS_OF_A_BLOCK = 64

#: Times the rows that are wanted, up to which whole blocks are copied.
_MOST_COPIED = 2


@contextmanager
def reading_ahead(table: np.ndarray) -> Iterator[Callable[[np.ndarray], None]]:
    """Inside, gives what is to be told the numbers of rows of a mapped table that will be read soon."""
    mapped = file_of(table)
    assert mapped is not None
    if not hasattr(mmap, "MADV_WILLNEED") or not table.size:  # there is none on Windows
        yield lambda rows: None
        return
    first = table.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
    size = table.strides[0]

    def read_ahead(rows: np.ndarray) -> None:
        for begin, end in _runs(_has_some_of(rows, len(table)), len(table)):
            start = (first + begin * size) // mmap.PAGESIZE * mmap.PAGESIZE
            mapped.madvise(mmap.MADV_WILLNEED, start, first + end * size - start)

    mapped.madvise(mmap.MADV_RANDOM)
    try:
        yield read_ahead
    finally:
        mapped.madvise(mmap.MADV_NORMAL)


class Copies:
    """Copies rows of a table into memory, by turns into two rooms.

    Runs of neighbouring rows are copied, in their order, which takes a fifth of the time of copying the rows in theirs.
    New arrays in place of two rooms would leave holes of their size in memory.

    Parameters
    ----------
    table : ndarray
    """

    def __init__(self, table: np.ndarray) -> None:
        self._table = table.view(np.ndarray)
        self._rooms = [self._table[:0], self._table[:0]]

    def __call__(self, rows: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the copy before, at the places ``kept``, and behind them ``rows``: a copy, and their places in it.

        It is gone when the one after the next is made.
        """
        before, is_wanted = self._rooms[0], _has_some_of(rows, len(self._table))
        n_copied = int(np.count_nonzero(is_wanted)) * _ROWS_OF_A_BLOCK
        if n_copied > _MOST_COPIED * len(rows):
            n_copied = len(rows)
            copy, places = self._room(n_copied + len(kept)), np.arange(n_copied)
            np.take(self._table, rows, axis=0, out=copy[:n_copied], mode="clip")  # with "raise" by way of another copy
        else:
            copy, place = self._room(n_copied + len(kept)), 0
            for begin, end in _runs(is_wanted, len(self._table)):
                copy[place : place + end - begin] = self._table[begin:end]
                place += end - begin
            first_places = (np.cumsum(is_wanted) - 1) * _ROWS_OF_A_BLOCK
            places = first_places[rows // _ROWS_OF_A_BLOCK] + rows % _ROWS_OF_A_BLOCK
        copy[n_copied : n_copied + len(kept)] = before[kept]
        return copy, np.concatenate([np.arange(n_copied, n_copied + len(kept)), places])

    def _room(self, n_rows: int) -> np.ndarray:
        self._rooms.reverse()
        if len(self._rooms[0]) < n_rows:
            self._rooms[0] = np.empty((n_rows, *self._table.shape[1:]), self._table.dtype)
        return self._rooms[0]


def _has_some_of(rows: np.ndarray, n_rows: int) -> np.ndarray:
    """For each block of so many rows, whether any of ``rows`` is in it."""
    found = np.zeros(n_rows // _ROWS_OF_A_BLOCK + 1, bool)
    found[rows // _ROWS_OF_A_BLOCK] = True
    return found


def _runs(is_wanted: np.ndarray, n_rows: int) -> Iterator[tuple[int, int]]:
    """Of blocks that are wanted, those that touch as one: its first row and its end."""
    edges = np.flatnonzero(np.diff(is_wanted, prepend=False, append=False)).reshape(-1, 2) * _ROWS_OF_A_BLOCK
    return ((begin, min(end, n_rows)) for begin, end in edges.tolist())


def file_of(array: np.ndarray) -> mmap.mmap | None:
    """The file that is looked through an array, if it is one."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None
