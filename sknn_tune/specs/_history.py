"""What was recorded in each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingHistory:
    """Numbers per epoch, in the order in which the epochs were run.

    Attributes
    ----------
    epochs : tuple of mapping
        For each epoch, what was recorded: ``{"loss": 0.3, "val_loss": 0.4, ...}``.
    """

    epochs: tuple[Mapping[str, float], ...] = ()

    def extended(self, later: TrainingHistory) -> TrainingHistory:
        """This history followed by a later one."""
        return TrainingHistory(self.epochs + later.epochs)

    def as_lists(self) -> dict[str, list[float]]:
        """``{name: [value of each epoch]}``; NaN where an epoch did not record that name."""
        names = dict.fromkeys(name for epoch in self.epochs for name in epoch)
        return {name: [float(epoch.get(name, float("nan"))) for epoch in self.epochs] for name in names}
