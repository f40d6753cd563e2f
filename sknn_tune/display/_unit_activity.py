"""Which units of a network do something: a strip of cells for each layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._optional import import_optional
from ..inspection import DeadUnits, LayerActivity, dead_units
from .drawing import axes_of, ink, legend_beside, paper, plainly

#: Dark to bright in one order for every eye and in grey.
_COLOURS = "cividis"
_HATCHES = {"dead": "xxxx", "saturated": "////", "mixes units, not judged": "...."}


class UnitActivityDisplay:
    """Picture of the units of each hidden layer, by how many rows activate them.

    Each layer is a strip, with a cell per unit and the most active one first. Dead units are crossed, saturated ones
    striped. A healthy relu layer runs from bright to dark without ending in crosses; one of sigmoid or tanh is bright.

    Parameters
    ----------
    units : DeadUnits
        What `sknn_tune.inspection.dead_units` found.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the picture.
    figure_ : matplotlib Figure
        Their figure.
    colorbar_ : matplotlib Colorbar
        Scale of the colours.

    See Also
    --------
    sknn_tune.inspection.dead_units : The facts, and what to do about dead units.
    GradientFlowDisplay : How much of the error reaches each layer.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.display import UnitActivityDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(20, 10), epochs=2, random_state=0).fit(X, y)
    >>> display = UnitActivityDisplay.from_estimator(network, X)
    >>> display.ax_.get_xlabel()
    'units of the layer, most active first (%)'
    """

    def __init__(self, units: DeadUnits):
        self.units = units

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, *, ax: Any = None) -> UnitActivityDisplay:
        """Look at the units of a fitted network, and draw what was found.

        Parameters
        ----------
        estimator : KerasClassifier, KerasRegressor or Pipeline
            Fitted estimator, or a Pipeline whose last step is one.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows, as for ``predict``.
        ax : matplotlib Axes, default=None
            Axes to draw on. None: new ones.

        Returns
        -------
        display : UnitActivityDisplay
            The picture, with the facts in ``units``.
        """
        return cls(dead_units(estimator, X)).plot(ax=ax)

    def plot(self, ax: Any = None) -> UnitActivityDisplay:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None: new ones.

        Returns
        -------
        self : UnitActivityDisplay
            The display itself.

        Raises
        ------
        ValueError
            If the network has no hidden layers.
        """
        layers = self.units.layers
        if not layers:
            raise ValueError("There are no hidden units to draw: the network has no hidden layers.")
        self.figure_, self.ax_ = axes_of(ax, figsize=(7.2, min(1.9 + 0.6 * len(layers), 12)))
        strips = [self._strip(place, layer) for place, layer in enumerate(layers)]
        # In a figure without a layout, a legend may yet bring one, which a colorbar in a grid of its own would break.
        in_grid = self.figure_.get_layout_engine() is not None
        scale: dict[str, Any] = {"location": "bottom", "aspect": 40, "use_gridspec": in_grid}
        self.colorbar_ = self.figure_.colorbar(strips[0], ax=self.ax_, label="rows that activate the unit (%)", **scale)
        self.ax_.set(
            xlim=(0, 100),
            ylim=(len(layers) - 0.5, -0.5),  # the inputs are at the top
            xlabel="units of the layer, most active first (%)",
            yticks=range(len(layers)),
            yticklabels=[plainly(_label(layer)) for layer in layers],
        )
        self.ax_.tick_params(axis="y", length=0)
        for side in ("top", "right", "left"):
            self.ax_.spines[side].set_visible(False)
        self._explain_hatches()
        return self

    def _strip(self, place: int, layer: LayerActivity) -> Any:
        """The cells of one layer; units that are dead, saturated or not judged are its last."""
        edges = np.linspace(0, 100, layer.n_units + 1)
        cells = 100 * -np.sort(-layer.active_fraction)[None, :]
        kind, n_marked = _marked(layer)
        shown = np.ma.masked_array(cells, np.arange(layer.n_units) >= layer.n_units - n_marked)
        between = {"edgecolors": paper(self.ax_), "linewidth": 0.5} if layer.n_units <= 64 else {"edgecolors": "face"}
        rows = [place - 0.36, place + 0.36]
        mesh = self.ax_.pcolormesh(edges, rows, shown, cmap=_COLOURS, vmin=0, vmax=100, **between)
        if n_marked:
            self.ax_.add_patch(self._hatched(kind, (edges[-1 - n_marked], rows[0]), 100 - edges[-1 - n_marked], 0.72))
        return mesh

    def _explain_hatches(self) -> None:
        kinds = dict.fromkeys(_marked(layer)[0] for layer in self.units.layers if _marked(layer)[1])
        legend_beside(self.ax_, [self._hatched(kind, (0, 0), 1, 1) for kind in kinds])

    def _hatched(self, kind: str, corner: tuple[float, float], width: float, height: float) -> Any:
        patches = import_optional("matplotlib.patches", purpose="A picture")
        look = {"facecolor": paper(self.ax_), "edgecolor": ink(self.ax_), "hatch": _HATCHES[kind], "linewidth": 0.8}
        return patches.Rectangle(corner, width, height, label=kind, **look)


def _marked(layer: LayerActivity) -> tuple[str, int]:
    """How the last units of a strip are drawn, and how many they are."""
    if np.isnan(layer.active_fraction).all():
        return "mixes units, not judged", layer.n_units
    return ("saturated", len(layer.saturated)) if len(layer.saturated) else ("dead", len(layer.dead))


def _label(layer: LayerActivity) -> str:
    kind, n_marked = _marked(layer)
    what = f", {n_marked} {kind}" if n_marked and kind in ("dead", "saturated") else ""
    return f"{layer.name}\n{layer.n_units} {layer.activation}{what}"
