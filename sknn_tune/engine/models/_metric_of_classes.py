"""A metric around another that shows it classes in the form that it is made for."""

from __future__ import annotations

from typing import Any

from ..._compat.keras import take_direction
from .._tensorflow import keras


@keras.saving.register_keras_serializable("sknn_tune")
class MetricOfClasses(keras.metrics.Metric):
    """A metric that is shown classes in its own form.

    Parameters
    ----------
    metric : keras.metrics.Metric
        Its name is the name of this one.
    targets, outputs : str
        As in `Form`; "taught" leaves them as they come.
    meaning : str, default="probabilities"
        What outputs are; they become probabilities.
    exclusive : bool, default=True
        Whether a row has one class.
    of_second : bool, default=False
        As in `Form`.
    """

    def __init__(
        self,
        metric: Any,
        targets: str,
        outputs: str,
        meaning: str = "probabilities",
        exclusive: bool = True,
        of_second: bool = False,
        **arguments: Any,
    ) -> None:
        if isinstance(metric, dict):
            metric = keras.metrics.deserialize(metric)
        super().__init__(**{"name": metric.name, **arguments})
        self.metric = metric
        self.targets, self.outputs, self.meaning = targets, outputs, meaning
        self.exclusive, self.of_second = exclusive, of_second
        self._n_outputs: int | None = None
        take_direction(self, metric)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add some rows."""
        y, outputs = keras.ops.convert_to_tensor(y_true), keras.ops.convert_to_tensor(y_pred)
        self._n_outputs = outputs.shape[-1]
        outputs = self._probabilities(outputs)
        if self.targets != "taught":
            n_classes = max(self._n_outputs, 2)
            y, outputs = _targets_as(self.targets, y, n_classes, outputs.dtype), _outputs_as(self.outputs, outputs)
        self.metric.update_state(y, outputs, sample_weight=sample_weight)

    def result(self) -> Any:
        """What it is over all rows added."""
        found = self.metric.result()
        is_of_two = self.of_second and self._n_outputs in (1, 2) and getattr(found, "shape", None) == (2,)
        return found[1] if is_of_two else found

    def reset_state(self) -> None:
        """Begin anew."""
        self.metric.reset_state()

    def get_config(self) -> dict[str, Any]:
        """What it was made of."""
        own = {name: getattr(self, name) for name in ("targets", "outputs", "meaning", "exclusive", "of_second")}
        return {**super().get_config(), "metric": keras.metrics.serialize(self.metric), **own}

    def _probabilities(self, outputs: Any) -> Any:
        """As `predict_proba` gives them, but for two classes of one unit, which stay one column."""
        ops = keras.ops
        if self.meaning == "probabilities":
            return outputs
        together = self.exclusive and outputs.shape[-1] > 1
        if self.meaning == "logits":
            return ops.softmax(outputs) if together else ops.sigmoid(outputs)
        outputs = ops.clip((outputs + 1) / 2 if self.meaning == "signs" else outputs, 0, 1)
        if not together:
            return outputs
        sums = ops.sum(outputs, axis=-1, keepdims=True)
        return ops.where(sums > 0, outputs / ops.where(sums > 0, sums, 1), 1 / outputs.shape[-1])


def _targets_as(form: str, y: Any, n_classes: int, dtype: Any) -> Any:
    ops = keras.ops
    is_rows = len(y.shape) == 2 and y.shape[-1] == n_classes
    index = ops.argmax(y, axis=-1) if is_rows else ops.reshape(y, (-1,))
    index = ops.cast(index, "int32")
    if form == "index":
        return ops.expand_dims(index, -1)
    if form == "positive" and n_classes == 2:
        return ops.expand_dims(ops.cast(index, dtype), -1)
    return ops.one_hot(index, n_classes, dtype=dtype)


def _outputs_as(form: str, outputs: Any) -> Any:
    ops = keras.ops
    if form == "positive" and outputs.shape[-1] <= 2:
        return outputs[:, -1:]
    if outputs.shape[-1] == 1:
        outputs = ops.concatenate([1 - outputs, outputs], axis=-1)
    return ops.expand_dims(ops.argmax(outputs, axis=-1), -1) if form == "index" else outputs
