"""What was recorded in each epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    @classmethod
    def mean_of(cls, histories: Sequence[TrainingHistory]) -> TrainingHistory:
        """The mean of several: of each epoch over those that have run it."""
        longest = max(len(history.epochs) for history in histories)
        return cls(
            tuple(
                mean_values([history.epochs[epoch] for history in histories if epoch < len(history.epochs)])
                for epoch in range(longest)
            )
        )


def mean_values(epochs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of what several have recorded in an epoch: of each number over those that have it."""
    names = dict.fromkeys(name for epoch in epochs for name in epoch)
    recorded = {name: [float(epoch[name]) for epoch in epochs if name in epoch] for name in names}
    return {name: sum(values) / len(values) for name, values in recorded.items()}
