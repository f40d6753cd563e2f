"""The rows of some epochs, cut into sections that are trained on one after the other, so that memory is bounded."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from ...specs import ArrayData, NetworkSpec, Piece, StreamData
from .._job import Job
from .._mixing import joined
from ._one_ahead import one_ahead
from ._table import Form, Part, Table, table_of

Array = np.ndarray

#: Rows of a stream that are put together from small pieces, so that a batch is not a call.
_ROWS_AT_ONCE = 20_000


class Section(NamedTuple):
    """Rows that are trained on together.

    Attributes
    ----------
    table : Table
    order : ndarray of shape (n_rows,)
        Rows of the table.
    y : ndarray of shape (n_rows, ...)
        Targets of these rows.
    weight : ndarray of shape (n_rows,) or None
    starts : ndarray of shape (n_updates + 1,)
        The first row of each update, and the end.
    of_epochs : list of (int, slice, slice)
        For each epoch that has a part in it, its place among those asked for, its rows and its updates.
    """

    table: Table
    order: Array
    y: Array
    weight: Array | None
    starts: Array
    of_epochs: list[tuple[int, slice, slice]]


class Sections(Protocol):
    """Where the rows of epochs come from.

    Attributes
    ----------
    form : Form
        Of all tables that come.
    is_weighted : bool
        Whether rows have weights.
    """

    form: Form
    is_weighted: bool

    def of_epochs(self, epoch: int, n_epochs: int) -> Iterator[Section]:
        """All sections of some epochs, in order."""


def sections_of(job: Job) -> Sections:
    """The rows to train on."""
    assert isinstance(job.network, NetworkSpec)
    return _OfTable(job) if isinstance(job.data, ArrayData) else _OfStream(job, job.data)


class _OfTable:
    """Rows that are there: short epochs together, or one in the parts in which its order comes."""

    def __init__(self, job: Job) -> None:
        assert isinstance(job.data, ArrayData) and isinstance(job.network, NetworkSpec)
        self._job, self._data, self._batch_size = job, job.data, job.training.batch_size
        self._table = table_of(job.data.X, job.network)
        self.form, self.is_weighted = self._table.form, job.data.sample_weight is not None

    def of_epochs(self, epoch: int, n_epochs: int) -> Iterator[Section]:
        if n_epochs == 1:
            sections = self._of_epoch(epoch)
            yield from one_ahead(sections) if self._table.is_in_file else sections
            return
        # Nothing is cut of orders as short as these.
        orders = [self._job.row_order(each) for each in range(epoch, epoch + n_epochs)]
        n_rows = self._data.n_rows
        starts = _starts(n_rows, self._batch_size)
        n_steps = len(starts) - 1
        parts = [
            (index, slice(index * n_rows, (index + 1) * n_rows), slice(index * n_steps, (index + 1) * n_steps))
            for index in range(n_epochs)
        ]
        starts = np.append(np.arange(n_epochs)[:, None] * n_rows + starts[:-1], n_epochs * n_rows)
        order = np.concatenate(orders)
        yield self._section(Part(self._table, order, order), starts, parts)

    def _of_epoch(self, epoch: int) -> Generator[Section, None, None]:
        for part in self._table.parts(self._job.row_orders(epoch), self._batch_size):
            yield self._section(part, _starts(len(part.order), self._batch_size), [(0, slice(None), slice(None))])

    def _section(self, part: Part, starts: Array, of_epochs: Any) -> Section:
        weight, order = self._data.sample_weight, part.order
        y = self._data.y[order]
        return Section(part.table, part.rows, y, None if weight is None else weight[order], starts, of_epochs)


class _OfStream:
    """Pieces of a stream, small ones together."""

    def __init__(self, job: Job, data: StreamData) -> None:
        assert isinstance(job.network, NetworkSpec)
        self._job, self._data, self._network, self.is_weighted = job, data, job.network, data.is_weighted
        self.form = Form(job.network.dtype, is_sparse=False, n_inputs=job.network.input_shape[0])

    def of_epochs(self, epoch: int, n_epochs: int) -> Iterator[Section]:
        for index in range(n_epochs):
            n_rows = 0
            for pieces in self._together(epoch + index):
                n_rows += sum(len(x) for x, _, _ in pieces)
                yield self._section(pieces, [(index, slice(None), slice(None))])
            if n_rows != self._data.n_rows:
                raise ValueError(
                    f"The stream given as X had {self._data.n_rows} rows when it was first read, but {n_rows} in epoch "
                    f"{epoch + index + 1}. Give one that has the same rows each time."
                )

    def _together(self, epoch: int) -> Iterator[list[Piece]]:
        found: list[Piece] = []
        n_rows = 0
        for piece in self._job.pieces(epoch):
            found.append(piece)
            n_rows += len(piece[0])
            if n_rows >= _ROWS_AT_ONCE:
                yield found
                found, n_rows = [], 0
        if found:
            yield found

    def _section(self, pieces: list[Piece], of_epochs: Any) -> Section:
        X, y, weight = joined(pieces)
        ends = np.cumsum([len(x) for x, _, _ in pieces])
        batches = [_starts(len(x), self._job.training.batch_size)[:-1] for x, _, _ in pieces]
        firsts = [own + end - len(x) for own, end, (x, _, _) in zip(batches, ends, pieces, strict=True)]
        starts = np.append(np.concatenate(firsts), ends[-1])
        table = table_of(np.ascontiguousarray(X, self._network.dtype), self._network)
        return Section(table, np.arange(len(X)), y, weight, starts, of_epochs)


def _starts(n_rows: int, batch_size: int) -> Array:
    """The first row of each batch, and the end; the last batch has what is left of the rows."""
    return np.append(np.arange(0, n_rows, batch_size), n_rows)
