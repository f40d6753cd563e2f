"""A table as machine code is handed it: the addresses of its arrays, and the numbers of the rows to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy import sparse

from ...specs import ChosenRows, NetworkSpec
from .._rows import Rows, dense_rows
from ._read_ahead import Copies, file_of, reading_ahead

Array = np.ndarray

#: Numbers that are converted as they are gathered. (A bool is a byte.)
_NUMBERS = ("float32", "float64", *(f"{sign}int{bits}" for bits in (8, 16, 32, 64) for sign in ("", "u")))

#: The share of entries in CSR rows up to which it is quicker to multiply these than to make the rows dense.
_LARGEST_SHARE = 0.2

#: Values that are made dense for one call, where rows cannot be read as they are.
_VALUES_AT_ONCE = 1_000_000


class Form(NamedTuple):
    """What is compiled for a kind of table.

    Attributes
    ----------
    numbers : str
        Those of the table; of CSR rows those of the places of their entries.
    is_sparse : bool
    n_inputs : int
        How many inputs of a row are multiplied.
    """

    numbers: str
    is_sparse: bool
    n_inputs: int


class Readable(NamedTuple):
    """Rows for one call. Who has this has the arrays, of which machine code knows the addresses only.

    Attributes
    ----------
    addresses : ndarray of shape (3,)
    order : ndarray
        Numbers of rows.
    arrays : tuple of ndarray
    """

    addresses: Array
    order: Array
    arrays: tuple[Array, ...]


class Part(NamedTuple):
    """Rows of a table in an order, and where they are: at ``rows`` of ``table``, which may be a copy of them.

    Attributes
    ----------
    table : Table
    rows, order : ndarray
    """

    table: Table
    rows: Array
    order: Array

    def some(self, places: slice) -> Part:
        """Some of them."""
        return Part(self.table, self.rows[places], self.order[places])


class Table(Protocol):
    """A table whose rows machine code reads.

    Attributes
    ----------
    form : Form
    rows_at_once : int or None
        Rows of one call at most; None: any number.
    is_in_file : bool
        Whether memory does not hold its rows, so that somebody waits for them.
    """

    form: Form
    rows_at_once: int | None
    is_in_file: bool

    def readable(self, order: Array) -> Readable:
        """What to hand over to read these rows."""

    def parts(self, orders: Iterator[Array], batch_size: int) -> Iterator[Part]:
        """The rows of all orders, one behind the other, in parts of whole batches but for the last."""


def table_of(X: Rows, network: NetworkSpec) -> Table:
    """The rows of ``X`` for the training of ``network``."""
    if isinstance(X, sparse.csr_array | sparse.csr_matrix) and _is_worth_it(X, network):
        return _SparseTable(X, network.dtype)
    dense, numbers = (X.table, X.numbers) if isinstance(X, ChosenRows) else (X, None)
    if _is_readable(dense):
        return _DenseTable(dense, numbers) if file_of(dense) is None else _FileTable(dense, numbers)
    return _TakenRows(X, network)


def _is_readable(X: Any) -> bool:
    is_plain = isinstance(X, np.ndarray) and X.flags.c_contiguous and X.flags.aligned and X.dtype.isnative
    return is_plain and (X.dtype.name in _NUMBERS or X.dtype == bool)


def _is_worth_it(X: Any, network: NetworkSpec) -> bool:
    """Inputs that are dropped, or scaled for each member, are dense."""
    is_plain = not network.input_dropout and network.n_members == 1
    return is_plain and X.nnz <= _LARGEST_SHARE * X.shape[0] * X.shape[1]


class _DenseTable:
    """Rows of an array, or some of them by their ``numbers``."""

    rows_at_once: int | None = None
    is_in_file = False

    def __init__(self, X: Array, numbers: Array | None) -> None:
        numbers_of_table = "uint8" if X.dtype == bool else X.dtype.name
        self.form = Form(numbers_of_table, is_sparse=False, n_inputs=X.shape[1])
        self._X, self._numbers, self._held = X, numbers, _held(X)

    def readable(self, order: Array) -> Readable:
        return self._held(self._rows(order))

    def parts(self, orders: Iterator[Array], batch_size: int) -> Iterator[Part]:
        return _where_they_are(self, orders, batch_size)

    def _rows(self, order: Array) -> Array:
        return order if self._numbers is None else self._numbers[order]


class _FileTable(_DenseTable):
    """The same of an array that is mapped from a file: rows of several parts are copied before they are read.

    Who copies them waits for the file, so that he who reads them does not.
    """

    is_in_file = True

    def parts(self, orders: Iterator[Array], batch_size: int) -> Iterator[Part]:
        """Each is gone when the one after the next is asked for."""
        # Nothing is copied that is not yielded: the room of the part before may still be read.
        orders, copies, none = _full_orders(orders, batch_size), Copies(self._X), np.empty(0, np.intp)
        with reading_ahead(self._X) as read_ahead:
            order, following = next(orders), next(orders, None)
            read_ahead(self._rows(order))
            if following is None:
                yield Part(self, order, order)
                return
            left = Part(self, none, none)
            while following is not None:
                read_ahead(self._rows(following))
                part = self._copied(order, left, copies)
                n_whole = _n_in_whole_batches(part.order, batch_size)
                yield part.some(slice(n_whole))
                left, order, following = part.some(slice(n_whole, None)), following, next(orders, None)
            yield self._copied(order, left, copies)

    def _copied(self, order: Array, left: Part, copies: Copies) -> Part:
        """What was left of the part before, and the rows of an order."""
        copy, places = copies(self._rows(order), left.rows)
        return Part(_DenseTable(copy, None), places, np.concatenate([left.order, order]))


class _SparseTable:
    """CSR rows."""

    rows_at_once: int | None = None
    is_in_file = False

    def __init__(self, X: Any, dtype: str) -> None:
        places, starts = X.indices, X.indptr
        wide = np.promote_types(places.dtype, starts.dtype)
        self.form = Form(wide.name, is_sparse=True, n_inputs=-(-X.nnz // max(X.shape[0], 1)))
        self._held = _held(*(_plain(array, kind) for array, kind in ((X.data, dtype), (places, wide), (starts, wide))))

    def readable(self, order: Array) -> Readable:
        return self._held(order)

    def parts(self, orders: Iterator[Array], batch_size: int) -> Iterator[Part]:
        return _where_they_are(self, orders, batch_size)


class _TakenRows:
    """Rows that are made dense, or laid out anew, for each call."""

    is_in_file = False

    def __init__(self, X: Rows, network: NetworkSpec) -> None:
        n_inputs = X.shape[1]
        self.form = Form(network.dtype, is_sparse=False, n_inputs=n_inputs)
        self.rows_at_once: int | None = max(_VALUES_AT_ONCE // n_inputs, 1)
        self._X, self._dtype = X, network.dtype

    def readable(self, order: Array) -> Readable:
        rows = _plain(dense_rows(self._X, order), self._dtype)
        return _held(rows)(np.arange(len(rows)))

    def parts(self, orders: Iterator[Array], batch_size: int) -> Iterator[Part]:
        return _where_they_are(self, orders, batch_size)


def _where_they_are(table: Table, orders: Iterator[Array], batch_size: int) -> Iterator[Part]:
    order = next(orders)
    for following in orders:
        n_whole = _n_in_whole_batches(order, batch_size)
        if n_whole:
            yield Part(table, order[:n_whole], order[:n_whole])
        order = np.concatenate([order[n_whole:], following])
    yield Part(table, order, order)


def _full_orders(orders: Iterator[Array], batch_size: int) -> Iterator[Array]:
    """The same rows: orders that each fill a batch, with what batches left of the one before; the last may not."""
    found: list[Array] = []
    n_rows = 0
    for order in orders:
        found.append(order)
        n_rows += len(order)
        if n_rows >= batch_size:
            yield np.concatenate(found)
            found, n_rows = [], n_rows % batch_size
    if found:
        yield np.concatenate(found)


def _n_in_whole_batches(order: Array, batch_size: int) -> int:
    return len(order) // batch_size * batch_size


def _held(*arrays: Array) -> Callable[[Array], Readable]:
    addresses = np.array([array.ctypes.data for array in arrays] + [0] * (3 - len(arrays)), np.intp)
    return lambda order: Readable(addresses, np.ascontiguousarray(order, np.intp), arrays)


def _plain(array: Array, dtype: Any) -> Array:
    array = np.ascontiguousarray(array, dtype)
    return array if array.flags.aligned else array.copy()
