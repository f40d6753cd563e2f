"""``tf.data.Dataset`` of ``(x, y[, weight])`` batches, in its own order.

A ``keras.utils.PyDataset`` gives such batches, too, by their numbers; it is told when all were read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

#: What TensorFlow says of a dataset without an end (`tf.data.INFINITE_CARDINALITY`).
_ENDLESS = -1


def is_dataset(X: Any) -> bool:
    """Whether ``X`` is a tf.data.Dataset, or one of Keras'; answered without loading TensorFlow."""
    return (hasattr(X, "element_spec") and hasattr(X, "as_numpy_iterator")) or _is_of_keras(X)


def _is_of_keras(X: Any) -> bool:
    """Whether it is a keras.utils.PyDataset, which was called Sequence before."""
    names = {f"{cls.__module__.partition('.')[0]}.{cls.__name__}" for cls in type(X).__mro__}
    return bool(names & {"keras.PyDataset", "keras.Sequence"})


class Batches:
    """A `Source`."""

    name = "tf.data.Dataset"
    columns: list[str] | None = None

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def inputs(self) -> Iterator[Any]:
        """Of ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, weight)`` batches, for prediction."""
        for batch in self._batches():
            yield batch[0] if isinstance(batch, tuple) else batch

    def parts(self) -> Iterator[tuple[Any, Any, Any]]:
        """Inputs, targets and the weights of rows or None."""
        for batch in self._batches():
            if not isinstance(batch, tuple) or len(batch) not in (2, 3):
                raise ValueError(
                    f"The {self.name} given as X must hold batches of (x, y) or (x, y, sample_weight), such as "
                    "tf.data.Dataset.from_tensor_slices((X, y)).batch(32)."
                )
            x, y, *weight = batch
            if not isinstance(x, dict | tuple) and np.ndim(x) < 2:  # of several inputs more is said when checked
                raise ValueError(
                    f"The {self.name} given as X holds single rows. Cut it into batches: dataset.batch(32)."
                )
            yield x, _text(y), weight[0] if weight else None

    def _batches(self) -> Iterator[Any]:
        count = getattr(self._dataset, "cardinality", None)  # what is only like a dataset may not know
        if count is not None and int(count()) == _ENDLESS:
            raise ValueError(
                f"The {self.name} given as X never ends, since repeat() was called on it, but an epoch is all of its "
                "batches. Leave repeat() out: 'epochs' says how often they are read; or cut off so many batches as an "
                "epoch is to have, dataset.take(100)."
            )
        yield from self._dataset.as_numpy_iterator()


class KerasBatches(Batches):
    """Those of Keras' own kind of datasets."""

    name = "keras.utils.PyDataset"

    def _batches(self) -> Iterator[Any]:
        for number in range(self._n_batches()):
            batch = self._dataset[number]
            yield tuple(map(_as_array, batch)) if isinstance(batch, tuple) else _as_array(batch)
        self._dataset.on_epoch_end()

    def _n_batches(self) -> int:
        try:
            return getattr(self._dataset, "num_batches", None) or len(self._dataset)
        except (TypeError, NotImplementedError) as error:
            raise ValueError(
                f"The {type(self._dataset).__name__} given as X does not say how many batches it has: give it a method "
                "__len__. An epoch is all of them."
            ) from error


def _as_array(part: Any) -> Any:
    """Several inputs stay so, for who refuses them to see."""
    return part if part is None or isinstance(part, dict | tuple) else np.asarray(part)


def batches_of(X: Any, y: Any, sample_weight: Any) -> Batches:
    """A dataset that brings its targets and weights, so that none may be given."""
    kind = KerasBatches if _is_of_keras(X) else Batches
    if y is not None or sample_weight is not None:
        raise ValueError(
            f"X is a {kind.name}, which brings its targets and weights in its batches: leave y and sample_weight out."
        )
    return kind(X)


def _text(y: np.ndarray) -> np.ndarray:
    """TensorFlow hands strings over as bytes."""
    if y.dtype == object:
        return np.array([label.decode() if isinstance(label, bytes) else label for label in y.ravel()]).reshape(y.shape)
    return y
