"""The rows a network is trained on, checked and encoded, in one of two forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._nested import arrays_in


class ChosenRows:
    """Some rows of a table, in some order, that are copied when they are asked for, and never all at once.

    What trains takes a batch at a time by its numbers anyway: the rows that are held out of a table, and those that are
    not, need no tables of their own.

    Parameters
    ----------
    table : ndarray of shape (n_table_rows, ...)
    numbers : ndarray of int of shape (n_rows,)
        Of the table's rows.
    """

    def __init__(self, table: np.ndarray, numbers: np.ndarray) -> None:
        self.table, self.numbers = table, numbers

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.numbers), *self.table.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        return self.table.dtype

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        return self.table.take(self.numbers[rows], axis=0)


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
    """Rows that come in batches and are never in memory together.

    Attributes
    ----------
    batches : callable
        Called once per epoch, returns an iterator of ``(x, y, sample_weight or None)`` arrays.
    n_batches, n_rows : int
        What one call of ``batches`` yields.
    """

    batches: Callable[[], Iterator[tuple[np.ndarray, np.ndarray, np.ndarray | None]]]
    n_batches: int
    n_rows: int
