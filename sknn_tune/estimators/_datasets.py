"""``tf.data.Dataset`` of ``(x, y[, weight])`` batches, in its own order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def is_dataset(X: Any) -> bool:
    """Whether ``X`` is a tf.data.Dataset; answered without loading TensorFlow."""
    return hasattr(X, "element_spec") and hasattr(X, "as_numpy_iterator")


class Batches:
    """A `Source`."""

    name = "tf.data.Dataset"
    columns: list[str] | None = None

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def inputs(self) -> Iterator[Any]:
        """Of ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, weight)`` batches, for prediction."""
        for batch in self._dataset.as_numpy_iterator():
            yield batch[0] if isinstance(batch, tuple) else batch

    def parts(self) -> Iterator[tuple[Any, Any, Any]]:
        """Inputs, targets and the weights of rows or None."""
        for batch in self._dataset.as_numpy_iterator():
            if not isinstance(batch, tuple) or len(batch) not in (2, 3):
                raise ValueError(
                    "The tf.data.Dataset given as X must hold batches of (x, y) or (x, y, sample_weight), such as "
                    "tf.data.Dataset.from_tensor_slices((X, y)).batch(32)."
                )
            x, y, *weight = batch
            if not isinstance(x, dict | tuple) and np.ndim(x) < 2:  # of several inputs more is said when checked
                raise ValueError(
                    "The tf.data.Dataset given as X holds single rows. Cut it into batches: dataset.batch(32)."
                )
            yield x, _text(y), weight[0] if weight else None


def batches_of(X: Any, y: Any, sample_weight: Any) -> Batches:
    """A dataset that brings its targets and weights, so that none may be given."""
    if y is not None or sample_weight is not None:
        raise ValueError(
            "X is a tf.data.Dataset, which brings its targets and weights in its batches: leave y and "
            "sample_weight out."
        )
    return Batches(X)


def _text(y: np.ndarray) -> np.ndarray:
    """TensorFlow hands strings over as bytes."""
    if y.dtype == object:
        return np.array([label.decode() if isinstance(label, bytes) else label for label in y.ravel()]).reshape(y.shape)
    return y
