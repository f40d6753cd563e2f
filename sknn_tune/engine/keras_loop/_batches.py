"""Rows -> batches for ``keras.Model.fit``: in the order of `_seeding`, and never a sparse matrix made dense whole.

Keras' own shuffling draws from TensorFlow's global seed and needs dense arrays, so the batches are cut
here, one at a time.
"""

from __future__ import annotations

import numpy as np

from ...specs import ArrayData, StreamData
from .._rows import dense_rows, rows_at_a_time
from .._seeding import row_order
from .._tensorflow import keras, tf


class ArrayBatches(keras.utils.PyDataset):
    """Batches of rows in memory, in a new order for each epoch if a seed is given."""

    def __init__(self, data: ArrayData, batch_size: int, *, shuffle_seed: int | None, first_epoch: int = 0):
        super().__init__(workers=1, use_multiprocessing=False)
        self._data = data
        self._batch_size = batch_size
        self._shuffle_seed = shuffle_seed
        self._epoch = first_epoch - 1
        self._order = np.arange(data.n_rows)

    @property
    def num_batches(self) -> int:
        return -(-self._data.n_rows // self._batch_size)

    def on_epoch_begin(self) -> None:
        self._epoch += 1
        if self._shuffle_seed is not None:
            self._order = row_order(self._shuffle_seed, self._epoch, self._data.n_rows)

    def __getitem__(self, index: int):
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        batch = dense_rows(self._data.X, rows), self._data.y[rows]
        if self._data.sample_weight is None:
            return batch
        return *batch, self._data.sample_weight[rows]


def training_batches(data, batch_size: int, *, shuffle_seed: int | None, first_epoch: int = 0):
    """What ``keras.Model.fit`` takes as ``x``."""
    if isinstance(data, StreamData):
        return _stream_dataset(data)
    return ArrayBatches(data, batch_size, shuffle_seed=shuffle_seed, first_epoch=first_epoch)


def validation_batches(data, batch_size: int | None):
    """What ``keras.Model.fit`` takes as ``validation_data``: large batches, since no update waits for them."""
    if isinstance(data, StreamData):
        return _stream_dataset(data)
    return ArrayBatches(data, batch_size or rows_at_a_time(data.X), shuffle_seed=None)


def _stream_dataset(data: StreamData):
    example = next(data.batches())
    with_weight = example[2] is not None

    def batches():
        for x, y, sample_weight in data.batches():
            yield (x, y, sample_weight) if with_weight else (x, y)

    signature = tuple(
        tf.TensorSpec((None, *array.shape[1:]), tf.as_dtype(array.dtype)) for array in example if array is not None
    )
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(data.n_batches)).prefetch(1)
