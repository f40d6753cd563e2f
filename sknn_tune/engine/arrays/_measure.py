"""Loss and accuracy over many rows by NumPy, as Keras records them for an epoch."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ...specs import LOSS_WITHOUT_PENALTY
from ..formulas import TrainingStructure, is_combined
from ._activations import activate
from ._losses import accuracy_of_rows, loss_of_rows

Array = np.ndarray


class Metrics(Protocol):
    """The user's own metrics, shown what Keras would show them."""

    def update(self, y: Array, outputs: Array) -> None:
        """Add some rows."""

    def result(self) -> dict[str, float]:
        """Numbers by their names; begin anew."""

    def is_better_higher(self, name: str) -> bool | None:
        """Whether more of a number is better; None if it is not known."""


class RunningMeans:
    """Sums over the rows of an epoch, piece by piece.

    Parameters
    ----------
    structure : TrainingStructure
    delta : float
        Of the Huber loss.
    n_rows : int
        Of the whole epoch.
    metrics : Metrics or None
        The user's own, which are shown the same rows.
    """

    def __init__(self, structure: TrainingStructure, delta: float, n_rows: int, metrics: Metrics | None = None):
        self._structure, self._delta, self._n_rows, self._metrics = structure, delta, n_rows, metrics
        self._combined = is_combined(structure.loss, structure.network.output_activation)
        self._sums = np.zeros(1 if structure.accuracy is None else 2)
        self._loss_alone = 0.0

    def add_penalty(self, penalty: float, n_rows: int = 1) -> None:
        """That of an update of so many rows."""
        self._sums[0] += penalty * n_rows

    def add(
        self, values: Array, y: Array, weight: Array | None, *, labels: Array, targets: Array | None = None
    ) -> None:
        """Add some rows.

        ``values`` and ``y`` are as in `arrays/_losses`; ``labels`` are the targets without smoothing, for the accuracy,
        and ``targets`` the same in the form that metrics take.
        """
        losses = loss_of_rows(self._structure.loss, self._combined, y, values, self._delta)
        if weight is not None:
            losses = losses * weight
        loss = losses.sum(dtype=np.float64)
        self._sums[0] += loss
        self._loss_alone += float(loss)
        if self._structure.accuracy:
            right = accuracy_of_rows(self._structure.accuracy, self._combined, labels, values)
            self._sums[1] += right.sum(dtype=np.float64)
        if self._metrics is not None and targets is not None:
            activation = self._structure.network.output_activation
            self._metrics.update(targets, activate(activation, values, 0.0) if self._combined else values)

    def result(self) -> dict[str, float]:
        """The means by their names."""
        values = dict(zip(("loss", "accuracy"), (self._sums / self._n_rows).tolist(), strict=False))
        if self._structure.kernel_penalty or self._structure.activity_penalty:
            values[LOSS_WITHOUT_PENALTY] = self._loss_alone / self._n_rows
        return values
