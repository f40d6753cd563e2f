"""``tf.data.Dataset`` of ``(x, y[, weight])`` batches: read batch by batch, never held whole.

A ``keras.utils.PyDataset`` gives such batches, too, by their numbers; it is told when an epoch ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..specs import StreamData
from ._input import FittedOnRows, check_inputs


def is_dataset(X: Any) -> bool:
    """Whether ``X`` is a tf.data.Dataset, or one of Keras'; answered without loading TensorFlow."""
    return (hasattr(X, "element_spec") and hasattr(X, "as_numpy_iterator")) or _is_of_keras(X)


def _is_of_keras(X: Any) -> bool:
    """Whether it is a keras.utils.PyDataset, which was called Sequence before."""
    names = {f"{cls.__module__.partition('.')[0]}.{cls.__name__}" for cls in type(X).__mro__}
    return bool(names & {"keras.PyDataset", "keras.Sequence"})


def _kind(dataset: Any) -> str:
    return "keras.utils.PyDataset" if _is_of_keras(dataset) else "tf.data.Dataset"


def _batches(dataset: Any, *, of_epoch: bool = False) -> Iterator[Any]:
    """All batches once, in NumPy's arrays; ``of_epoch`` if they are those of an epoch of the training."""
    if not _is_of_keras(dataset):
        yield from dataset.as_numpy_iterator()
        return
    n_batches = getattr(dataset, "num_batches", None) or _length(dataset)
    for number in range(n_batches):
        batch = dataset[number]
        yield tuple(map(_as_array, batch)) if isinstance(batch, tuple) else _as_array(batch)
    if of_epoch:
        dataset.on_epoch_end()


def _length(dataset: Any) -> int:
    try:
        return len(dataset)
    except (TypeError, NotImplementedError) as error:
        raise ValueError(
            f"The {type(dataset).__name__} given as X does not say how many batches it has: give it a method __len__. "
            "An epoch is all of them."
        ) from error


def _as_array(part: Any) -> Any:
    """Several inputs stay so, for who refuses them to see."""
    return part if part is None or isinstance(part, dict | tuple) else np.asarray(part)


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
        raise ValueError(f"The {_kind(dataset)} given as X is empty: it has no batches.")
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
) -> StreamData:
    """The dataset with encoded targets and combined weights, for an engine."""

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray | None]]:
        for x, y, weight in _parts(stream.dataset, of_epoch=True):
            yield np.asarray(x, dtype=dtype), encode(y), weigh(y, weight)

    return StreamData(batches, stream.n_batches, stream.n_rows)


def feature_batches(dataset: Any) -> Iterator[np.ndarray]:
    """The inputs of a dataset, for prediction: of ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, weight)`` batches."""
    for batch in _batches(dataset):
        yield batch[0] if isinstance(batch, tuple) else batch


def _parts(dataset: Any, *, of_epoch: bool = False) -> Iterator[tuple[Any, Any, Any]]:
    for batch in _batches(dataset, of_epoch=of_epoch):
        if not isinstance(batch, tuple) or len(batch) not in (2, 3):
            raise ValueError(
                f"The {_kind(dataset)} given as X must hold batches of (x, y) or (x, y, sample_weight), such as "
                "tf.data.Dataset.from_tensor_slices((X, y)).batch(32)."
            )
        x, y, *weight = batch
        if not isinstance(x, dict | tuple) and np.ndim(x) < 2:  # of several inputs more is said when they are checked
            raise ValueError(
                f"The {_kind(dataset)} given as X holds single rows. Cut it into batches: dataset.batch(32)."
            )
        yield x, _text(y), weight[0] if weight else None


def _text(y: np.ndarray) -> np.ndarray:
    """TensorFlow hands strings over as bytes."""
    if y.dtype == object:
        return np.array([label.decode() if isinstance(label, bytes) else label for label in y.ravel()]).reshape(y.shape)
    return y
