"""What the rules ask of a loss curve: its slope at the end, how straight it is, how much it jumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...._forks import cached_property


@dataclass(frozen=True, eq=False)
class LossCurve:
    """Loss per epoch, in units of the loss that the best constant prediction has.

    So 1 is what can be had without looking at the inputs, 0 (for the usual losses) is perfect, and one minus it is
    the share of the loss that the network explains: R² for the squared error.

    Attributes
    ----------
    values : ndarray of shape (n_epochs,)
        Loss of each epoch divided by that of the best constant prediction; with ``label_smoothing``, both beyond the
        loss of a perfect prediction.
    """

    values: np.ndarray

    @property
    def n_epochs(self) -> int:
        """Epochs run."""
        return len(self.values)

    @cached_property
    def is_finite(self) -> bool:
        """Whether the loss was a number in every epoch."""
        return bool(np.isfinite(self.values).all())

    def length_of_the_last(self, part: float) -> int:
        """Epochs of the last part: at least the three that a trend takes."""
        return max(round(part * self.n_epochs), 3)

    def fall_in_the_last(self, part: float) -> float:
        """By how much the loss has fallen over the last part of the epochs, along a straight line through them.

        A line through several epochs is not misled by one that was better or worse by chance. Where the line explains
        less than half of their spread there is no trend, and the answer is 0.
        """
        window = self.values[-self.length_of_the_last(part) :]
        slope, straightness = _line(window)
        return -slope * part * self.n_epochs if straightness >= 0.5 else 0.0

    @cached_property
    def straightness(self) -> float:
        """Share of the spread that a straight line through all epochs explains, from 0 to 1."""
        return _line(self.values)[1]

    @cached_property
    def bend(self) -> float:
        """Slope of the last third of the epochs in units of that of the first third; 1 for a straight line."""
        third = max(self.n_epochs // 3, 2)
        first, last = _line(self.values[:third])[0], _line(self.values[-third:])[0]
        return last / first if first < 0 else 0.0

    @cached_property
    def jumps(self) -> float:
        """Typical difference from one epoch of the second half to the next, without their common trend."""
        steps = np.diff(self.second_half)
        return float(np.std(steps)) if len(steps) > 1 else 0.0

    @cached_property
    def second_half(self) -> np.ndarray:
        """The epochs after the first, steep part."""
        return self.values[self.n_epochs // 2 :]

    @cached_property
    def mean(self) -> float:
        """Mean of the second half."""
        return float(self.second_half.mean())

    @cached_property
    def rises(self) -> float:
        """Share of the steps of the second half that go up."""
        return float((np.diff(self.second_half) > 0).mean()) if len(self.second_half) > 1 else 0.0


def _line(values: np.ndarray) -> tuple[float, float]:
    """Slope per epoch and R² of the least-squares line."""
    if len(values) < 2 or np.ptp(values) == 0:
        return 0.0, 0.0
    epochs = np.arange(len(values)) - (len(values) - 1) / 2
    centred = values - values.mean()
    slope = float(epochs @ centred / (epochs @ epochs))
    return slope, float(slope**2 * (epochs @ epochs) / (centred @ centred))
