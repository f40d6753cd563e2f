"""The user's Keras metrics beside compiled programs: shown the outputs of each epoch, as Keras would."""

from __future__ import annotations

import numpy as np
from keras.src.trainers.compile_utils import CompileMetrics

from ..specs import TrainingSpec
from ._compiling import users_metrics


class EpochMetrics:
    """Collects the outputs of an epoch for what was given as ``metrics``.

    Keras resolves names, shapes and nested lists of metrics in one class of its own; that class is
    used, so a metric means here what it means to ``keras.Model.fit``.
    """

    def __init__(self, training: TrainingSpec):
        self._metrics = CompileMetrics(users_metrics(training), None)

    def update(self, y: np.ndarray, outputs) -> None:
        """Add the rows of one call."""
        self._metrics.update_state(y, outputs)

    def direction(self, name: str) -> str | None:
        """``"up"`` or ``"down"``, by which a metric gets better; None if Keras does not know."""
        found = [metric for metric in self._metrics.metrics if metric.name == name]
        return getattr(found[0], "_direction", None) if found else None

    def result(self) -> dict[str, float]:
        """Numbers by their names, and begin anew."""
        found = {name: float(value) for name, value in self._metrics.result().items()}
        self._metrics.reset_state()
        return found
