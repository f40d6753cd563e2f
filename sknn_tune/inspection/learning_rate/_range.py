"""What a sweep over learning rates has found: the best rate and the range worth searching, by a stated rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...search_space import log_uniform

#: Part of the largest gain by which two rates may differ and be equally good: a short training shows no more.
AS_GOOD = 0.01
#: Part of it that a rate may lack and still be worth searching.
WORTH_SEARCHING = 0.1


@dataclass(frozen=True, eq=False, repr=False)
class LearningRateSweep:
    """What became of a short training with each learning rate.

    Parameters
    ----------
    rates : ndarray of shape (n_rates,)
        Learning rates, rising.
    losses : ndarray of shape (n_rates,)
        Loss on the training rows after the short training; ``inf`` where it diverged.
    curves : ndarray of shape (n_rates, n_epochs)
        The same after each epoch; NaN from the epoch on in which it diverged.
    starting_loss : float
        Loss of the network before any update.
    best_rate : float or None
        The smallest rate that comes within a hundredth of the largest gain; None if no rate has lowered the loss.
    low, high : float or None
        Ends of the range worth searching, of which ``high`` is the best rate; None if no rate has lowered the loss.
    """

    rates: np.ndarray
    losses: np.ndarray
    curves: np.ndarray
    starting_loss: float
    best_rate: float | None
    low: float | None
    high: float | None

    @property
    def n_epochs(self) -> int:
        """Epochs of each short training."""
        return self.curves.shape[1]

    @property
    def best_loss(self) -> float | None:
        """Loss with the best rate; None if there is none."""
        return None if self.best_rate is None else float(self.losses[self.rates == self.best_rate][0])

    @property
    def duration(self) -> str:
        """The same in words: ``"12 epochs"``."""
        return f"{self.n_epochs} epoch{'s' if self.n_epochs > 1 else ''}"

    @property
    def diverged(self) -> np.ndarray:
        """For each rate, whether its loss was not finite in the end."""
        return ~np.isfinite(self.losses)

    def space(self) -> log_uniform:
        """The range worth searching, as a space for any search.

        Returns
        -------
        space : log_uniform
            From ``low`` to ``high``.

        Raises
        ------
        ValueError
            If no rate has lowered the loss.
        """
        if self.low is None or self.high is None:
            raise ValueError(
                f"No rate from {self.rates[0]:.3g} to {self.rates[-1]:.3g} has lowered the loss within "
                f"{self.duration}, so there is no range to search. Scale the inputs, try smaller rates, or more epochs."
            )
        return log_uniform(self.low, self.high)

    def __repr__(self) -> str:
        if self.best_rate is None:
            return (
                f"LearningRateSweep: none of {len(self.rates)} rates has lowered the loss of {self.starting_loss:.3g}"
            )
        return (
            f"LearningRateSweep: best rate {self.best_rate:.3g} (loss {self.starting_loss:.3g} -> "
            f"{self.best_loss:.3g} in {self.duration}), worth searching: {self.low:.3g} to {self.high:.3g}"
        )


def summarise(rates: np.ndarray, curves: np.ndarray, starting_loss: float) -> LearningRateSweep:
    """Best rate and range worth searching, by the rule of `learning_rate_sweep`."""
    losses = np.where(np.isfinite(curves[:, -1]), curves[:, -1], np.inf)
    gain = starting_loss - losses.min()
    if not gain > 0:
        return LearningRateSweep(rates, losses, curves, starting_loss, None, None, None)
    best = first = int(np.argmax(losses <= losses.min() + AS_GOOD * gain))
    while first > 0 and losses[first - 1] <= losses.min() + WORTH_SEARCHING * gain:
        first -= 1
    low = rates[first - 1] if first > 0 else rates[0] ** 2 / rates[1]
    high = float(rates[best])
    return LearningRateSweep(rates, losses, curves, starting_loss, high, float(low), high)
