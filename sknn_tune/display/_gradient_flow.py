"""How much of the error reaches each layer, and how far an update moves its weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..inspection import GradientNorms, gradient_norms
from ._axes import COLOURS, axes_of, line_style, marker_style


class GradientFlowDisplay:
    """Picture of gradients and updates, layer by layer from the inputs at the top to the output.

    Both are ratios and share a logarithmic axis: the gradient per weight, relative to that of the last layer, and
    the next update, relative to the weights. Gradients that vanish run into the striped band on the left the nearer
    a layer is to the inputs.

    Parameters
    ----------
    gradients : GradientNorms
        What `sknn_tune.inspection.gradient_norms` found.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the picture.
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
    def from_estimator(cls, estimator, X, y, sample_weight=None, *, ax=None):
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
        ax : matplotlib Axes, default=None
            Axes to draw on. None: new ones.

        Returns
        -------
        display : GradientFlowDisplay
            The picture, with the facts in ``gradients``.
        """
        return cls(gradient_norms(estimator, X, y, sample_weight)).plot(ax=ax)

    def plot(self, ax=None):
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None: new ones.

        Returns
        -------
        self : GradientFlowDisplay
            The display itself.
        """
        layers = self.gradients.layers
        self.figure_, self.ax_ = axes_of(ax, figsize=(6.4, min(2.0 + 0.32 * len(layers), 12)))
        self._limits = self._range()
        self.ax_.set_xscale("log")
        self._line(0, "gradient per weight / that of the last layer", [layer.relative_gradient for layer in layers])
        self._line(1, "next update / weights", [layer.update_ratio for layer in layers])
        self._bands()
        self.ax_.set(
            xlim=self._limits,
            ylim=(len(layers) - 0.5, -0.5),  # the inputs are at the top
            xlabel="ratio (logarithmic)",
            yticks=range(len(layers)),
            yticklabels=[_label(layer) for layer in layers],
        )
        self.ax_.grid(axis="x", color="0.9", linewidth=0.8)
        self.ax_.set_axisbelow(True)
        place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 2, "frameon": False}
        self.ax_.legend(fontsize="small", columnspacing=1.0, **place)
        return self

    def _range(self) -> tuple[float, float]:
        """A decade beyond the thresholds and everything that has a place on a logarithmic axis."""
        found = self.gradients
        values = np.array([value for layer in found.layers for value in (layer.relative_gradient, layer.update_ratio)])
        values = values[np.isfinite(values) & (values > 0)]
        low, high = np.append(values, found.vanishing).min(), np.append(values, found.exploding).max()
        return float(low / 10), float(max(high, found.largest_update) * 10)

    def _line(self, index: int, label: str, values: list[float]) -> None:
        """What is zero or infinite lies on the edge, with an arrow that points beyond it."""
        low, high = self._limits
        places = np.arange(len(values))
        shown = np.clip(values, low, high)
        style = line_style(index) | marker_style(index)
        self.ax_.plot(shown, places, label=label, clip_on=False, zorder=3, **style)
        for beyond, arrow in ((np.equal(values, 0), "<"), (np.isinf(values), ">")):
            if beyond.any():
                arrows: dict[str, Any] = {"color": COLOURS[index], "marker": arrow, "s": 80, "clip_on": False}
                self.ax_.scatter(shown[beyond], places[beyond], zorder=4, **arrows)

    def _bands(self) -> None:
        found, (low, high) = self.gradients, self._limits
        shade: dict[str, Any] = {"facecolor": "0.94", "edgecolor": "0.75", "linewidth": 0, "zorder": 0}
        label = f"vanishing: gradient below {found.vanishing:g}"
        self.ax_.axvspan(low, found.vanishing, hatch="///", label=label, **shade)
        label = f"exploding: gradient above {found.exploding:g}"
        self.ax_.axvspan(found.exploding, high, hatch="...", label=label, **shade)
        label = f"exploding: update above {found.largest_update:g}"
        self.ax_.axvline(found.largest_update, color=COLOURS[1], linewidth=1, linestyle=(0, (1, 2)), label=label)


def _label(layer: Any) -> str:
    return layer.name if layer.verdict == "healthy" else f"{layer.name} ({layer.verdict})"
