"""Updates over many batches by machine code, with the threads that it may use."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from ...specs import NetworkSpec
from ..formulas import Numbers, TrainingStructure, layer_widths, product_operations
from ._blas_threads import limit_helper, n_free_cores
from ._kernels import entry
from ._plan import make_plan
from ._table import Form
from ._training import ARGUMENTS, N_SHARED, OVER

Array = np.ndarray

#: Operations in the products of a part of an update, at least.
_OPERATIONS_OF_A_PART = 3_000_000

_MOST_PARTS = 4

#: Rows of a part, at least. Measured on two free cores: two parts of 64 rows take 0.82 of the seconds of the whole, two
#: parts of 32 rows 1.0 to 1.16, and twice the work of the processor (all products by BLAS, which packs the weights for
#: each part anew).
_ROWS_OF_A_PART = 64


class Vectors(NamedTuple):
    """What training changes, by the names of `train_rows`; moments that the optimizer does not have are empty."""

    weights: Array
    moving: Array
    m: Array
    v: Array


class Batches(NamedTuple):
    """Rows of some updates, in their order, by the names of `train_rows`.

    All but X have an entry for each row, or for each update.

    Attributes
    ----------
    X : ndarray of shape (3,)
        The addresses of the arrays of a table.
    order : ndarray of shape (n_rows,)
        Its rows.
    y, outputs : ndarray of shape (n_rows, n_outputs)
        Targets, and where the outputs go. (Class numbers are one column.)
    weight : ndarray of shape (n_rows,) or (0,)
    coefficients, keys : ndarray of shape (n_updates, 10) and (n_updates,)
        Of the optimizer, and of dropout.
    starts : ndarray of shape (n_updates + 1,)
        The first row of each, and the end.
    penalties : ndarray of shape (n_updates,)
        Where the penalties go, each times the rows of its batch.
    """

    X: Array
    order: Array
    y: Array
    weight: Array
    coefficients: Array
    keys: Array
    outputs: Array
    starts: Array
    penalties: Array

    def of_updates(self, first: int, stop: int) -> Batches:
        """Those of some updates; what they fill in, they fill in here."""
        starts = self.starts[first : stop + 1]
        rows = slice(starts[0], starts[-1])
        return Batches(
            X=self.X,
            order=self.order[rows],
            y=self.y[rows],
            weight=self.weight[rows],
            coefficients=self.coefficients[first:stop],
            keys=self.keys[first:stop],
            outputs=self.outputs[rows],
            starts=starts - starts[0],
            penalties=self.penalties[first:stop],
        )


class Updates:
    """The updates of a run of training.

    Parameters
    ----------
    network : NetworkSpec
    structure : TrainingStructure
    numbers : Numbers
    vectors : Vectors
        Changed by every call.
    batch_rows : int
        Of a batch, at most.
    form : Form
        Of the tables whose rows are read.
    is_weighted : bool
        Whether rows have weights.
    in_parts : bool
        Whether several threads may share an update. Parts that one thread does after the other take it a tenth longer
        than the whole.

    Attributes
    ----------
    operations : int
        Operations in the products of an update.
    """

    def __init__(
        self,
        network: NetworkSpec,
        structure: TrainingStructure,
        numbers: Numbers,
        vectors: Vectors,
        batch_rows: int,
        form: Form,
        is_weighted: bool,
        *,
        in_parts: bool,
    ):
        widths = (form.n_inputs, *layer_widths(network)[1:])
        self.operations = product_operations(widths, batch_rows * network.n_members)
        self._n_parts = n_parts(network, structure, batch_rows, self.operations) if in_parts else 1
        self._vectors = vectors
        part_rows = -(-batch_rows // self._n_parts)
        self._plan, room_size = make_plan(network, structure, numbers, part_rows, form, is_weighted)
        self._gradients = _matrix(self._n_parts, vectors.weights.size, network.dtype)
        self._rooms = _matrix(self._n_parts, room_size, network.dtype)
        self._found = np.zeros(self._n_parts)
        self._train_rows = entry(network.dtype)

    def __call__(self, batches: Batches) -> None:
        """Make them."""
        shared = np.zeros(N_SHARED, np.intp)
        arguments = {
            **batches._asdict(),
            **self._plan._asdict(),
            **self._vectors._asdict(),
            "gradients": self._gradients,
            "rooms": self._rooms,
            "found": self._found,
            "shared": shared,
        }
        call = partial(self._train_rows, *(arguments[name] for name in ARGUMENTS))
        n_helpers = min(self._n_parts - 1, n_free_cores())
        helpers = [threading.Thread(target=_help, args=(call,), daemon=True) for _ in range(n_helpers)]
        try:
            for helper in helpers:
                helper.start()
            call(False)
        finally:
            shared[OVER] = 1
            for helper in helpers:
                if helper.ident is not None:  # it was started
                    helper.join()


def _help(call: Callable[..., None]) -> None:
    limit_helper()
    call(True)


def n_parts(network: NetworkSpec, structure: TrainingStructure, batch_rows: int, operations: int) -> int:
    """By the fit and the machine alone, so that the same seed gives the same bits whatever else runs.

    One with batch normalisation, which looks at all rows of a batch at once.
    """
    if any(layer.batch_norm for layer in structure.network.layers):
        return 1
    all_rows = batch_rows * network.n_members
    most = min(os.cpu_count() or 1, all_rows // _ROWS_OF_A_PART, batch_rows, _MOST_PARTS)
    return max(min(operations // _OPERATIONS_OF_A_PART, most), 1)


def _matrix(n_rows: int, n_columns: int, dtype: str) -> Array:
    """Zeros, each row of which begins a cache line."""
    per_line = 64 // np.dtype(dtype).itemsize
    padded = -(-n_columns // per_line) * per_line
    vector = np.zeros(n_rows * padded + per_line, dtype)
    start = -(vector.ctypes.data // vector.itemsize) % per_line
    return vector[start : start + n_rows * padded].reshape(n_rows, padded)
