"""How much of the error reaches each layer, and how far an update moves its weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..inspection import GradientNorms, gradient_norms
from .drawing import colour, faint, legend_beside, line_style, marker_style, panels_of, plainly


class GradientFlowDisplay:
    """Picture of gradients and updates, layer by layer from the inputs at the top to the output.

    The left panel has the gradient per weight, relative to that of the last layer; the right one the next update,
    relative to the weights. Both axes are logarithmic, with bands where the thresholds of the verdicts are passed.
    Gradients that vanish run into the striped band the nearer a layer is to the inputs. Updates stand at about 0.001
    in a training that goes well. A ratio of zero is an arrow at the edge; one that does not exist is left out.

    Parameters
    ----------
    gradients : GradientNorms
        What `sknn_tune.inspection.gradient_norms` found.

    Attributes
    ----------
    ax_ : list of matplotlib Axes
        The panel of the gradients and that of the updates.
    figure_ : matplotlib Figure
        Their figure.

    See Also
    --------
    sknn_tune.inspection.gradient_norms : The facts, the thresholds, and what to do about vanishing gradients.
    UnitActivityDisplay : Which units do something.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.display import GradientFlowDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(20, 10), epochs=2, random_state=0).fit(X, y)
    >>> display = GradientFlowDisplay.from_estimator(network, X, y)
    >>> display.gradients.verdict
    'healthy'
    """

    def __init__(self, gradients: GradientNorms):
        self.gradients = gradients

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, sample_weight: Any = None, *, ax: Any = None
    ) -> GradientFlowDisplay:
        """Measure the gradients of a fitted network, and draw what was found.

        Parameters
        ----------
        estimator : KerasClassifier, KerasRegressor or Pipeline
            Fitted estimator, or a Pipeline whose last step is one.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows, as for ``fit``.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, as for ``fit``.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        ax : sequence of two matplotlib Axes, default=None
            Axes to draw on. None: new ones.

        Returns
        -------
        display : GradientFlowDisplay
            The picture, with the facts in ``gradients``.
        """
        return cls(gradient_norms(estimator, X, y, sample_weight)).plot(ax=ax)

    def plot(self, ax: Any = None) -> GradientFlowDisplay:
        """Draw.

        Parameters
        ----------
        ax : sequence of two matplotlib Axes, default=None
            Axes to draw on. None: new ones.

        Returns
        -------
        self : GradientFlowDisplay
            The display itself.
        """
        found, layers = self.gradients, self.gradients.layers
        self.figure_, self.ax_ = panels_of(ax, 2, (8.8, min(1.6 + 0.32 * len(layers), 12)))
        gradients, updates = self.ax_
        _panel(gradients, 0, [layer.relative_gradient for layer in layers], found.vanishing, found.exploding)
        _panel(updates, 1, [layer.update_ratio for layer in layers], None, found.largest_update)
        gradients.set(
            xlabel="gradient per weight\n(ratio to the last layer's)",
            yticklabels=[plainly(_label(layer)) for layer in layers],
        )
        updates.set(xlabel="next update\n(ratio to the weights)", yticklabels=[])
        legend_beside(updates, gradients.get_legend_handles_labels()[0])
        return self


def _panel(ax: Any, index: int, values: list[float], low: float | None, high: float) -> None:
    """A point per layer, between bands below ``low`` and above ``high``.

    What is zero or infinite lies on the edge, with an arrow that points beyond it.
    """
    limits = _limits(values, [high] if low is None else [low, high])
    places, shown = np.arange(len(values)), np.clip(values, *limits)
    band = {"facecolor": faint(ax, 0.06), "edgecolor": faint(ax, 0.4), "linewidth": 0, "zorder": 0}
    ax.set_xscale("log")
    if low is not None:
        ax.axvspan(limits[0], low, hatch="///", label="vanishing", **band)
    ax.axvspan(high, limits[1], hatch="...", label="exploding", **band)
    ax.plot(shown, places, clip_on=False, **line_style(index, ax) | marker_style(index, ax))
    for beyond, arrow in ((np.equal(values, 0), "<"), (np.isinf(values), ">")):
        ax.scatter(shown[beyond], places[beyond], marker=arrow, s=80, color=colour(index, ax), clip_on=False, zorder=3)
    ax.set(xlim=limits, ylim=(len(values) - 0.5, -0.5), yticks=places)  # the inputs are at the top
    ax.grid(axis="x", color=faint(ax, 0.12), linewidth=0.8)
    ax.set_axisbelow(True)


def _limits(values: list[float], thresholds: list[float]) -> tuple[float, float]:
    """A decade beyond the thresholds and everything that has a place on a logarithmic axis."""
    placed = np.array([value for value in values if np.isfinite(value) and value > 0] + thresholds)
    return float(placed.min() / 10), float(placed.max() * 10)


def _label(layer: Any) -> str:
    return layer.name if layer.verdict == "healthy" else f"{layer.name} ({layer.verdict})"
