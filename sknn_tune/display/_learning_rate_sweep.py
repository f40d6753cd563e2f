"""A sweep over learning rates as a picture: the valley to search in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..inspection import LearningRateSweep, learning_rate_sweep
from .drawing import axes_of, colour, faint, ink, legend_beside

#: An axis of powers of ten is of use where the losses differ by more than this.
_LOGARITHMIC_FROM = 10.0


class LearningRateSweepDisplay:
    """Loss after a short training against the learning rate.

    Left, where the curve is flat at the starting loss, rates are too small to change anything; right, where it
    rises or ends in crosses, they are too large. The shaded range in between is worth searching.

    Parameters
    ----------
    sweep : LearningRateSweep
        What `sknn_tune.inspection.learning_rate_sweep` has found.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes drawn on.
    figure_ : matplotlib.figure.Figure
        Their figure.

    See Also
    --------
    sknn_tune.inspection.learning_rate_sweep : The numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.display import LearningRateSweepDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(8,), random_state=0)
    >>> display = LearningRateSweepDisplay.from_estimator(network, scale(X), y, rates=[1e-5, 1e-3, 1e-1])
    >>> display.ax_.get_xlabel()
    'learning rate'
    """

    def __init__(self, sweep: LearningRateSweep) -> None:
        self.sweep = sweep

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        rates: Sequence[float] | np.ndarray | None = None,
        *,
        epochs: int | None = None,
        ax: Any = None,
    ) -> LearningRateSweepDisplay:
        """Train shortly with each rate and draw what came of it.

        Parameters
        ----------
        estimator : KerasClassifier, KerasRegressor or Pipeline
            Fitted or not; it is cloned.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        rates : sequence of float, default=None
            Learning rates. None: 15 from 1e-6 to 10.
        epochs : int, default=None
            Epochs of each training. None: as many as make 200 updates, but at least 3.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : LearningRateSweepDisplay
            With ``ax_`` and ``figure_``.
        """
        return cls(learning_rate_sweep(estimator, X, y, rates, epochs=epochs)).plot(ax)

    @classmethod
    def from_sweep(cls, sweep: LearningRateSweep, *, ax: Any = None) -> LearningRateSweepDisplay:
        """Draw a sweep that was made before.

        Parameters
        ----------
        sweep : LearningRateSweep
            What `sknn_tune.inspection.learning_rate_sweep` has returned.
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        display : LearningRateSweepDisplay
            With ``ax_`` and ``figure_``.
        """
        return cls(sweep).plot(ax)

    def plot(self, ax: Any = None) -> LearningRateSweepDisplay:
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw. None: a new figure.

        Returns
        -------
        self : LearningRateSweepDisplay
            With ``ax_`` and ``figure_``.
        """
        self.figure_, self.ax_ = axes_of(ax)
        sweep = self.sweep
        self._scale_axes()
        self.ax_.axhline(
            sweep.starting_loss,
            color=faint(self.ax_, 0.65),
            linestyle="--",
            linewidth=1,
            label="before training",
            zorder=1,
        )
        # A gap, not a line, where a rate in between has diverged.
        losses = np.where(sweep.diverged, np.nan, sweep.losses)
        self.ax_.plot(
            sweep.rates, losses, color=colour(0, self.ax_), marker="o", markersize=4, label=f"after {sweep.duration}"
        )
        if sweep.best_rate is not None:
            self._mark_best_and_range()
        self._mark_diverged()
        self.ax_.set(xlabel="learning rate", ylabel="loss on the training rows")
        legend_beside(self.ax_, self.ax_.get_legend_handles_labels()[0])
        return self

    def _scale_axes(self) -> None:
        """The loss on a log axis where its scale matters; far above the start it is cut off."""
        sweep = self.sweep
        self.ax_.set_xscale("log")
        shown = sweep.losses[~sweep.diverged & (sweep.losses <= 10 * abs(sweep.starting_loss))]
        values = np.append(shown, sweep.starting_loss)
        low, high = values.min(), values.max()
        if low > 0 and high / low > _LOGARITHMIC_FROM:
            self.ax_.set_yscale("log")
            margin = (high / low) ** 0.08
            self.ax_.set_ylim(low / margin, high * margin)
        elif high > low:
            margin = 0.08 * (high - low)
            self.ax_.set_ylim(low - margin, high + margin)

    def _mark_best_and_range(self) -> None:
        sweep = self.sweep
        self.ax_.axvspan(
            sweep.low, sweep.high, color=colour(5, self.ax_), alpha=0.3, linewidth=0, zorder=0, label="worth searching"
        )
        self.ax_.plot(
            [sweep.best_rate],
            [sweep.best_loss],
            linestyle="none",
            marker="*",
            markersize=14,
            color=colour(1, self.ax_),
            markeredgecolor=ink(self.ax_),
            markeredgewidth=0.5,
            label=f"best: {sweep.best_rate:.2g}",
        )

    def _mark_diverged(self) -> None:
        """Crosses at the upper edge: their losses have no place on the axis."""
        rates = self.sweep.rates[self.sweep.diverged]
        if len(rates):
            self.ax_.plot(
                rates,
                np.full(len(rates), 0.97),
                transform=self.ax_.get_xaxis_transform(),
                linestyle="none",
                marker="x",
                markersize=7,
                color=ink(self.ax_),
                label="diverged",
            )
