"""What ``keras.Model.fit`` is given to train on: batches of rows, or a stream.

Keras' own shuffling draws from TensorFlow's global seed and needs dense arrays. So the batches are cut here: in the
order that `_seeding` gives, and one at a time, so that a sparse matrix is never made dense as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, TypeAlias

import numpy as np

from ...specs import ArrayData, Piece, StreamData
from .._job import Job
from .._mixing import in_order, n_in_order
from .._rows import dense_parts, rows_at_a_time
from .._tensorflow import keras, tf

#: Inputs and targets, with or without the weights of the rows.
Batch: TypeAlias = tuple[Any, Any] | tuple[Any, Any, np.ndarray]


class ArrayBatches(keras.utils.PyDataset):
    """Batches of rows in memory.

    Parameters
    ----------
    data : ArrayData
    batch_size : int
        Rows in each batch; the last one may have fewer.
    order_of_epoch : callable or None
        Gives the row order of an epoch by its number. None keeps the rows as they are.
    first_epoch : int
        Number of the epoch that comes first, counted from the start of all training.
    """

    def __init__(
        self,
        data: ArrayData,
        batch_size: int,
        *,
        order_of_epoch: Callable[[int], np.ndarray] | None = None,
        first_epoch: int = 0,
    ):
        super().__init__(workers=1, use_multiprocessing=False)
        self._data = data
        self._batch_size = batch_size
        self._order_of_epoch = order_of_epoch
        self._epoch = first_epoch - 1
        self._order = np.arange(data.n_rows)

    @property
    def num_batches(self) -> int:
        """Batches in an epoch; Keras asks for it."""
        return -(-self._data.n_rows // self._batch_size)

    def on_epoch_begin(self) -> None:
        """Take the row order of the next epoch; Keras calls it."""
        self._epoch += 1
        if self._order_of_epoch is not None:
            self._order = self._order_of_epoch(self._epoch)

    def __getitem__(self, index: int) -> Batch:
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        x, y = (_without_lists(dense_parts(each, rows)) for each in (self._data.X, self._data.y))
        return (x, y) if self._data.sample_weight is None else (x, y, self._data.sample_weight[rows])


def _without_lists(nested: Any) -> Any:
    """Tuples in the place of lists, of which TensorFlow would make one array."""
    if isinstance(nested, dict):
        return {name: _without_lists(part) for name, part in nested.items()}
    return tuple(map(_without_lists, nested)) if isinstance(nested, list | tuple) else nested


def training_batches(job: Job) -> ArrayBatches | tf.data.Dataset:
    """What ``keras.Model.fit`` takes as ``x``."""
    data, batch_size, first = job.data, job.training.batch_size, job.first_epoch
    if isinstance(data, StreamData):
        n_batches = data.n_pieces if data.keeps_batches else job.training.steps_per_epoch(data.n_rows)
        epochs = count(first)
        return _stream_dataset(next(data.pieces()), lambda: _cut(job.pieces(next(epochs)), batch_size), n_batches)
    return ArrayBatches(data, batch_size, order_of_epoch=job.row_order, first_epoch=first)


def validation_batches(data: ArrayData | StreamData, batch_size: int | None) -> ArrayBatches | tf.data.Dataset:
    """What ``keras.Model.fit`` takes as ``validation_data``: large batches, since no update waits for them."""
    if isinstance(data, StreamData):
        return _stream_dataset(next(data.pieces()), lambda: in_order(data), n_in_order(data))
    return ArrayBatches(data, batch_size or rows_at_a_time(data.X))


def _cut(pieces: Iterator[Piece], batch_size: int) -> Iterator[Piece]:
    """Each piece as batches."""
    for x, y, weight in pieces:
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            yield x[rows], y[rows], None if weight is None else weight[rows]


def _stream_dataset(example: Piece, batches_of_pass: Callable[[], Iterator[Piece]], n_batches: int) -> tf.data.Dataset:
    """A stream as a ``tf.data.Dataset``. The example tells shapes, dtypes, and whether rows have weights."""
    with_weight = example[2] is not None

    def batches() -> Iterator[tuple[np.ndarray | None, ...]]:
        for x, y, sample_weight in batches_of_pass():
            yield (x, y, sample_weight) if with_weight else (x, y)

    signature = tuple(
        tf.TensorSpec((None, *array.shape[1:]), tf.as_dtype(array.dtype)) for array in example if array is not None
    )
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(1)
