"""The rows a network is trained on, checked and encoded, in one of two forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from .._forks import cached_property
from ._extremes import Extremes, extremes
from ._nested import arrays_in


class ChosenRows:
    """Some rows of a table, in some order, that are copied when they are asked for, and never all at once.

    What trains takes a batch at a time by its numbers anyway: the rows that are held out of a table, and those that are
    not, need no tables of their own. Nor does a large table in another precision than the network's: its rows are
    converted when they are taken.

    Parameters
    ----------
    table : ndarray of shape (n_table_rows, ...)
        Of numbers in any form, also mapped from a file.
    numbers : ndarray of int of shape (n_rows,) or None
        Of the table's rows; None: all of them, in their order.
    dtype : dtype or None
        What rows are given out in; None: that of the table.
    """

    def __init__(self, table: np.ndarray, numbers: np.ndarray | None, dtype: Any = None) -> None:
        self.table, self.numbers = table, numbers
        self.dtype = table.dtype if dtype is None else np.dtype(dtype)

    @cached_property
    def extremes(self) -> Extremes:
        """The least and the greatest number of each column of the table, which is looked through once for all to ask.

        Whether all is finite, how large it is, and what varies by little: each follows from these.
        """
        return extremes(self.table)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *self.table.shape[1:])

    def __len__(self) -> int:
        return len(self.table) if self.numbers is None else len(self.numbers)

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        if self.numbers is not None:
            rows = self.numbers[rows]
        taken = self.table[rows] if isinstance(rows, slice) else self.table.take(rows, axis=0)
        return taken.astype(self.dtype, copy=False)

    def chosen(self, rows: np.ndarray) -> ChosenRows:
        """Some of them, by their numbers among these or by a mask, not copied."""
        if self.numbers is not None:
            return ChosenRows(self.table, self.numbers[rows], self.dtype)
        return ChosenRows(self.table, np.flatnonzero(rows) if rows.dtype == bool else rows, self.dtype)


#: Inputs, targets, and the weights of rows or None.
Piece: TypeAlias = tuple[np.ndarray, np.ndarray, "np.ndarray | None"]


@dataclass(frozen=True, eq=False)
class ArrayData:
    """Rows in memory.

    Attributes
    ----------
    X : ndarray or ChosenRows of shape (n_rows, ...) or CSR matrix of shape (n_rows, n_features)
        Inputs, in the dtype of the network; a list, tuple or dict of such for a model of the user's with several.
    y : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        Targets as the loss wants them; likewise for a model with several outputs.
    sample_weight : ndarray of shape (n_rows,) or None
        Weights with mean one; None means one each.
    """

    X: Any
    y: Any
    sample_weight: np.ndarray | None = None

    @property
    def n_rows(self) -> int:
        return int(arrays_in(self.X)[0].shape[0])


@dataclass(frozen=True, eq=False)
class StreamData:
    """Rows that come in pieces and are never in memory together.

    Attributes
    ----------
    pieces : callable
        Called for each pass, returns an iterator of ``(x, y, sample_weight or None)`` arrays.
    n_pieces, n_rows : int
        What one call of ``pieces`` yields.
    keeps_batches : bool
        Whether each piece is a batch, as the user has cut it; else batches are cut from all rows.
    is_weighted : bool
        Whether rows have weights.
    """

    pieces: Callable[[], Iterator[Piece]]
    n_pieces: int
    n_rows: int
    keeps_batches: bool = True
    is_weighted: bool = False
