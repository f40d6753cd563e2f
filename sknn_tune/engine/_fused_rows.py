"""Rows as a stream of padded batches: fixed shapes, so that folds of other sizes compile nothing.

A program takes ``call_steps`` batches of ``batch_rows`` rows. Rows are gathered outside of it, in the
order of the epoch, so neither the number of rows nor that of steps in an epoch is part of any
shape. Sparse matrices are made dense one call at a time, on the host.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..specs import ArrayData
from ._row_blocks import dense_rows, target_columns
from ._tensorflow import tf

#: Rows of a call: the most, since each call costs about half a millisecond; or, where a call must end
#: with every epoch, the smallest that holds an epoch, since rows gathered to no purpose cost time too.
_ROWS_OF_A_CALL = (2048, 8192, 32768)

#: Values gathered for one call at most, for tables with many columns: 16 MB in float32.
_VALUES_OF_A_CALL = 4_000_000


class CallRows(NamedTuple):
    """The rows of one call, as tensors."""

    x: Any
    y: Any
    rows: Any


def padded_batch_rows(batch_size: int) -> int:
    """The batch size itself, or the next of a ladder of eight rungs per doubling above 512.

    Batches that large are often "all rows", which differ a little from fold to fold.
    """
    if batch_size <= 512:
        return batch_size
    rung = 2 ** (int(batch_size).bit_length() - 1) // 8
    return -(-batch_size // rung) * rung


def steps_of_a_call(batch_rows: int, n_features: int, rows_of_an_epoch: int | None = None) -> int:
    """Updates in one call: a power of two, from a ladder so coarse that similar fits stand on one rung.

    ``rows_of_an_epoch`` is given where a call must end with every epoch.
    """
    enough = (rows for rows in _ROWS_OF_A_CALL if rows_of_an_epoch is not None and rows >= rows_of_an_epoch)
    rows = min(next(enough, _ROWS_OF_A_CALL[-1]), _VALUES_OF_A_CALL // max(n_features, 1))
    return 2 ** int(np.log2(max(rows / batch_rows, 1)))


class TrainingRows:
    """Training data on the device, handed out batch by batch.

    Sparse rows stay on the host, as do those of a device that has too little memory
    (``keep_on_host``); then only the rows of one call at a time are on the device.
    """

    def __init__(self, data: ArrayData, batch_size: int, batch_rows: int, dtype: str, *, keep_on_host: bool = False):
        self.n_rows = data.n_rows
        self.batch_size = batch_size
        self.batch_rows = batch_rows
        self._dtype = dtype
        self._host_rows = data.X if keep_on_host or hasattr(data.X, "toarray") else None
        self._x = None if self._host_rows is not None else tf.constant(data.X, dtype)
        self._targets = data.y
        self._y = tf.constant(target_columns(data.y, dtype))
        self._weight = None if data.sample_weight is None else np.asarray(data.sample_weight, dtype)
        # Without sample weights shares follow from the layout alone, which repeats in every epoch.
        self._shares: dict[tuple[int, int], Any] = {}

    def targets(self, indices: np.ndarray) -> np.ndarray:
        """Targets of some rows, in the form that Keras' metrics take."""
        return self._targets[indices]

    @property
    def n_steps(self) -> int:
        """Updates in an epoch."""
        return -(-self.n_rows // self.batch_size)

    @property
    def rows_of_steps(self) -> np.ndarray:
        """Valid rows in each update of an epoch."""
        counts = np.full(self.n_steps, self.batch_size)
        counts[-1] = self.n_rows - self.batch_size * (self.n_steps - 1)
        return counts

    def positions(self, order: np.ndarray) -> np.ndarray:
        """The rows of an epoch as indices of shape (n_steps, batch_rows), -1 where there is none."""
        positions = np.full((self.n_steps, self.batch_size), -1, np.int32)
        positions.ravel()[: self.n_rows] = order
        if self.batch_rows > self.batch_size:
            positions = np.pad(positions, [(0, 0), (0, self.batch_rows - self.batch_size)], constant_values=-1)
        return positions

    def gather(self, positions: np.ndarray, n_steps: int) -> CallRows:
        """The rows at ``positions``, filled up to ``n_steps`` batches."""
        key = (len(positions), int((positions[-1] >= 0).sum()), int((positions >= 0).sum()))
        if len(positions) < n_steps:
            filling = np.full((n_steps - len(positions), self.batch_rows), -1, np.int32)
            positions = np.concatenate([positions, filling])
        # Any row will do as filling: its share is zero. A row of the data cannot overflow where no other does.
        indices = np.maximum(positions, 0).ravel()
        index_tensor = tf.constant(indices)
        if self._host_rows is not None:
            x = tf.constant(dense_rows(self._host_rows, indices), self._dtype)
        else:
            x = tf.gather(self._x, index_tensor)
        return CallRows(x, tf.gather(self._y, index_tensor), self._row_shares(positions, indices, key))

    def _row_shares(self, positions: np.ndarray, indices: np.ndarray, key: tuple) -> Any:
        if self._weight is None and key in self._shares:
            return self._shares[key]
        valid = positions >= 0
        share = (valid / np.maximum(valid.sum(axis=1, keepdims=True), 1)).astype(self._dtype).ravel()
        weighted = share if self._weight is None else share * self._weight[indices]
        rows = tf.constant(np.stack([share, weighted], axis=1))
        if self._weight is None:
            self._shares[key] = rows
        return rows


class EvaluationRows:
    """Validation data on the device, in pieces of bounded size."""

    def __init__(self, data: ArrayData, dtype: str):
        self.data = data
        self.pieces = []
        share = np.full(data.n_rows, 1 / data.n_rows, dtype)
        weighted = share if data.sample_weight is None else share * np.asarray(data.sample_weight, dtype)
        rows, y = np.stack([share, weighted], axis=1), target_columns(data.y, dtype)
        size = max(_VALUES_OF_A_CALL // max(data.X.shape[1], 1), 1)
        for start in range(0, data.n_rows, size):
            piece = slice(start, start + size)
            x = tf.constant(dense_rows(data.X, piece), dtype)
            self.pieces.append(CallRows(x, tf.constant(y[piece]), tf.constant(rows[piece])))
