"""A table as machine code is handed it: the addresses of its arrays, and the numbers of the rows to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy import sparse

from ...specs import ChosenRows, NetworkSpec
from .._rows import Rows, dense_rows
from ._read_ahead import reading_ahead

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


class Table(Protocol):
    """A table whose rows machine code reads.

    Attributes
    ----------
    form : Form
    rows_at_once : int or None
        Rows of one call at most; None: any number.
    """

    form: Form
    rows_at_once: int | None

    def readable(self, order: Array) -> Readable:
        """What to hand over to read these rows."""

    def reading_ahead(self) -> AbstractContextManager[Callable[[Array], None]]:
        """Inside, gives what is to be told the numbers of rows that will be read soon."""


def table_of(X: Rows, network: NetworkSpec) -> Table:
    """The rows of ``X`` for the training of ``network``."""
    if isinstance(X, sparse.csr_array | sparse.csr_matrix) and _is_worth_it(X, network):
        return _SparseTable(X, network.dtype)
    dense, numbers = (X.table, X.numbers) if isinstance(X, ChosenRows) else (X, None)
    if _is_readable(dense):
        return _DenseTable(dense, numbers)
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

    def __init__(self, X: Array, numbers: Array | None) -> None:
        numbers_of_table = "uint8" if X.dtype == bool else X.dtype.name
        self.form = Form(numbers_of_table, is_sparse=False, n_inputs=X.shape[1])
        self._X, self._numbers, self._held = X, numbers, _held(X)

    def readable(self, order: Array) -> Readable:
        return self._held(self._rows(order))

    @contextmanager
    def reading_ahead(self) -> Iterator[Callable[[Array], None]]:
        with reading_ahead(self._X) as read_ahead:
            yield lambda order: read_ahead(self._rows(order))

    def _rows(self, order: Array) -> Array:
        return order if self._numbers is None else self._numbers[order]


class _SparseTable:
    """CSR rows."""

    rows_at_once: int | None = None

    def __init__(self, X: Any, dtype: str) -> None:
        places, starts = X.indices, X.indptr
        wide = np.promote_types(places.dtype, starts.dtype)
        self.form = Form(wide.name, is_sparse=True, n_inputs=-(-X.nnz // max(X.shape[0], 1)))
        self._held = _held(*(_plain(array, kind) for array, kind in ((X.data, dtype), (places, wide), (starts, wide))))

    def readable(self, order: Array) -> Readable:
        return self._held(order)

    def reading_ahead(self) -> AbstractContextManager[Callable[[Array], None]]:
        return nullcontext(lambda order: None)  # entries of a row are found by way of two other arrays


class _TakenRows:
    """Rows that are made dense, or laid out anew, for each call."""

    def __init__(self, X: Rows, network: NetworkSpec) -> None:
        n_inputs = X.shape[1]
        self.form = Form(network.dtype, is_sparse=False, n_inputs=n_inputs)
        self.rows_at_once: int | None = max(_VALUES_AT_ONCE // n_inputs, 1)
        self._X, self._dtype = X, network.dtype

    def readable(self, order: Array) -> Readable:
        rows = _plain(dense_rows(self._X, order), self._dtype)
        return _held(rows)(np.arange(len(rows)))

    def reading_ahead(self) -> AbstractContextManager[Callable[[Array], None]]:
        return nullcontext(lambda order: None)


def _held(*arrays: Array) -> Callable[[Array], Readable]:
    addresses = np.array([array.ctypes.data for array in arrays] + [0] * (3 - len(arrays)), np.intp)
    return lambda order: Readable(addresses, np.ascontiguousarray(order, np.intp), arrays)


def _plain(array: Array, dtype: Any) -> Array:
    array = np.ascontiguousarray(array, dtype)
    return array if array.flags.aligned else array.copy()
