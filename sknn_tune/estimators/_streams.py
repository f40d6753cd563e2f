"""``tf.data.Dataset`` of ``(x, y[, weight])`` batches: read batch by batch, never held whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..specs import Piece, StreamData
from ._input import FittedOnRows, check_inputs


def is_dataset(X: Any) -> bool:
    """Whether ``X`` is a tf.data.Dataset; answered without loading TensorFlow."""
    return hasattr(X, "element_spec") and hasattr(X, "as_numpy_iterator")


@dataclass(frozen=True, eq=False)
class StreamSummary:
    """What one pass over a dataset found.

    Attributes
    ----------
    dataset : tf.data.Dataset
    y : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        All targets; these are kept, the inputs are not.
    sample_weight : ndarray of shape (n_rows,) or None
    n_batches, n_rows, batch_size : int
    """

    dataset: Any
    y: np.ndarray
    sample_weight: np.ndarray | None
    n_batches: int
    n_rows: int
    batch_size: int


def summarize(estimator: FittedOnRows, dataset: Any, *, reset: bool) -> StreamSummary:
    """Check every batch once and collect the targets."""
    targets, weights, sizes = [], [], []
    for number, (x, y, weight) in enumerate(_parts(dataset)):
        check_inputs(estimator, x, reset=reset and number == 0)
        targets.append(y)
        sizes.append(len(x))
        if weight is not None:
            weights.append(weight)
    if not sizes:
        raise ValueError("The tf.data.Dataset given as X is empty: it has no batches.")
    return StreamSummary(
        dataset=dataset,
        y=np.concatenate(targets),
        sample_weight=np.concatenate(weights) if weights else None,
        n_batches=len(sizes),
        n_rows=sum(sizes),
        batch_size=max(sizes),
    )


def stream_data(
    stream: StreamSummary,
    *,
    encode: Callable[[np.ndarray], np.ndarray],
    weigh: Callable[[np.ndarray, np.ndarray | None], np.ndarray | None],
    dtype: str,
    is_weighted: bool,
) -> StreamData:
    """The dataset with encoded targets and combined weights, for an engine."""

    def pieces(epoch: int) -> Iterator[Piece]:
        for x, y, weight in _parts(stream.dataset):
            yield np.asarray(x, dtype=dtype), encode(y), weigh(y, weight)

    return StreamData(pieces, stream.batch_size, stream.n_batches, stream.n_rows, is_weighted)


def feature_batches(dataset: Any) -> Iterator[np.ndarray]:
    """The inputs of a dataset, for prediction: of ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, weight)`` batches."""
    for batch in dataset.as_numpy_iterator():
        yield batch[0] if isinstance(batch, tuple) else batch


def _parts(dataset: Any) -> Iterator[tuple[Any, Any, Any]]:
    for batch in dataset.as_numpy_iterator():
        if not isinstance(batch, tuple) or len(batch) not in (2, 3):
            raise ValueError(
                "The tf.data.Dataset given as X must hold batches of (x, y) or (x, y, sample_weight), such as "
                "tf.data.Dataset.from_tensor_slices((X, y)).batch(32)."
            )
        x, y, *weight = batch
        if not isinstance(x, dict | tuple) and np.ndim(x) < 2:  # of several inputs more is said when they are checked
            raise ValueError(
                "The tf.data.Dataset given as X holds single rows. Cut it into batches: dataset.batch(32)."
            )
        yield x, _text(y), weight[0] if weight else None


def _text(y: np.ndarray) -> np.ndarray:
    """TensorFlow hands strings over as bytes."""
    if y.dtype == object:
        return np.array([label.decode() if isinstance(label, bytes) else label for label in y.ravel()]).reshape(y.shape)
    return y
