"""Sparse categorical crossentropy with label smoothing, which Keras has for targets that are rows only.

Not taken: rows as targets, with Keras' own loss. Metrics would see rows, too, and those that count class numbers would
count something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._tensorflow import keras


@keras.saving.register_keras_serializable("sknn_tune")
class SmoothedSparseCategoricalCrossentropy(keras.losses.Loss):
    """Categorical crossentropy of class numbers, whose rows it smooths.

    Parameters
    ----------
    label_smoothing, from_logits, axis
        As of ``keras.losses.CategoricalCrossentropy``.
    **kwargs
        Of ``keras.losses.Loss``.
    """

    def __init__(self, label_smoothing: float = 0.0, from_logits: bool = False, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**{"name": "sparse_categorical_crossentropy", **kwargs})
        self.label_smoothing, self.from_logits, self.axis = label_smoothing, from_logits, axis

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of each row."""
        if len(y_true.shape) == len(y_pred.shape):
            y_true = keras.ops.squeeze(y_true, axis=self.axis)
        rows = keras.ops.one_hot(y_true, y_pred.shape[self.axis], axis=self.axis, dtype=y_pred.dtype)
        return keras.losses.categorical_crossentropy(
            rows, y_pred, from_logits=self.from_logits, label_smoothing=self.label_smoothing, axis=self.axis
        )

    def get_config(self) -> dict[str, Any]:
        """What it was made of."""
        own = {"label_smoothing": self.label_smoothing, "from_logits": self.from_logits, "axis": self.axis}
        return {**super().get_config(), **own}


def taking_label_smoothing(loss: Any, arguments: Mapping[str, Any]) -> Any:
    """The class of ``loss``, or ours in its place where it has no such argument and is given one."""
    if loss is keras.losses.SparseCategoricalCrossentropy and "label_smoothing" in arguments:
        return SmoothedSparseCategoricalCrossentropy
    return loss
