"""Activation functions beside their slopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..inspection import ActivationCurves, activation_curves
from ..inspection.handed_over import described, last_step, where_it_is_kept
from .drawing import faint, height_of_legend, legend_beside, line_style, panels_of

#: They compare all units of a layer, and have no curve.
_OF_WHOLE_LAYERS = ("softmax", "log_softmax", "sparsemax")


class ActivationDisplay:
    """Activation functions, and beside them their slopes.

    The left panel shows what a unit passes on for the sum that reaches it, the right one by how much a
    gradient is multiplied on its way back. Where the slope is near zero, a unit hardly learns: sigmoid and tanh far
    from zero (they saturate: gradients vanish), relu below zero (a unit that is there for all rows is dead).
    leaky_relu, elu, selu and gelu let something through there. linear has a slope of one everywhere, but many
    layers of it are worth no more than one.

    Make one with `from_names` or `from_estimator`.

    Parameters
    ----------
    curves : object
        What was returned by `sknn_tune.inspection.activation_curves`.

    Attributes
    ----------
    ax_ : list of matplotlib Axes
        The panel of the functions and that of the slopes. Curves that shoot up, such as exponential, may leave the
        picture, so that the others keep their shape.
    figure_ : matplotlib Figure
        Where these axes are.
    lines_ : dict of (str, str) to Line2D
        The lines, by activation and "value" or "slope".

    See Also
    --------
    sknn_tune.inspection.activation_curves : The numbers.

    Examples
    --------
    >>> from sknn_tune.display import ActivationDisplay
    >>> display = ActivationDisplay.from_names(["sigmoid", "relu"])
    >>> display.curves.names
    ('sigmoid', 'relu')
    """

    def __init__(self, curves: ActivationCurves) -> None:
        self.curves = curves

    @classmethod
    def from_names(
        cls,
        activations: Sequence[str | Callable] | None = None,
        *,
        low: float = -4.0,
        high: float = 4.0,
        negative_slope: float = 0.01,
        ax: Any = None,
    ) -> ActivationDisplay:
        """Draw activations by their names in Keras, or functions of one's own.

        Parameters
        ----------
        activations : list of (str or callable), default=None
            Names as for the ``activation`` of `KerasClassifier`, or functions of a tensor. None: sigmoid, tanh, relu,
            leaky_relu, elu, selu, softplus and gelu. More than sixteen share colours.
        low : float, default=-4.0
            Where the horizontal axis begins.
        high : float, default=4.0
            Where it ends.
        negative_slope : float, default=0.01
            Slope of "leaky_relu" below zero.
        ax : sequence of two matplotlib Axes, default=None
            Where to draw functions and slopes; None makes a figure. The legend stands to the right of the second, so a
            figure without a layout gets matplotlib's "constrained" one.

        Returns
        -------
        display : ActivationDisplay
            With the figure as ``figure_``.

        Raises
        ------
        ValueError
            If a name is unknown, or an activation is no function of one number (softmax compares all units of a layer).
        """
        curves = activation_curves(activations, low=low, high=high, negative_slope=negative_slope)
        return cls(curves).plot(ax)

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, low: float = -4.0, high: float = 4.0, ax: Any = None
    ) -> ActivationDisplay:
        """Draw the activations of the hidden layers of a network.

        Parameters
        ----------
        estimator : estimator
            `KerasClassifier` or `KerasRegressor`, fitted or not, or a ``Pipeline`` that ends with one.
        low : float, default=-4.0
            Where the horizontal axis begins.
        high : float, default=4.0
            Where it ends.
        ax : sequence of two matplotlib Axes, default=None
            As in `from_names`.

        Returns
        -------
        display : ActivationDisplay
            With the figure as ``figure_``: each activation once, ``leaky_relu`` with the slope of this network. Those
            that compare all units of a layer (softmax) are left out.

        Raises
        ------
        TypeError
            If it is another estimator.
        ValueError
            If the network is a ``model`` of the user's own, whose activations are not among its parameters, or none
            of them is a function of one number.
        """
        network = last_step(estimator)
        is_object = hasattr(network, "get_params") and not isinstance(network, type)
        parameters = network.get_params(deep=False) if is_object else {}
        if "activation" not in parameters:
            raise TypeError(
                "ActivationDisplay.from_estimator reads the 'activation' parameter of a KerasClassifier or "
                f"KerasRegressor. Got {described(network)} instead.{where_it_is_kept(network)}"
            )
        if parameters.get("model") is not None:
            raise ValueError(
                "ActivationDisplay.from_estimator reads the 'activation' parameter of a KerasClassifier or "
                "KerasRegressor, which a model of one's own does not go by. Give the names to "
                "ActivationDisplay.from_names."
            )
        given = parameters["activation"]
        activations = list(dict.fromkeys([given] if isinstance(given, str) or callable(given) else given))
        slope = parameters.get("negative_slope", 0.01)
        activations = [name for name in activations if name not in _OF_WHOLE_LAYERS]
        if not activations:
            raise ValueError(
                "The hidden layers of this network have no activation that could be drawn: softmax and its like are "
                "no functions of one number."
            )
        return cls.from_names(activations, low=low, high=high, negative_slope=slope, ax=ax)

    def plot(self, ax: Any = None) -> ActivationDisplay:
        """Draw, again or elsewhere.

        Parameters
        ----------
        ax : sequence of two matplotlib Axes, default=None
            Where to draw functions and slopes; None makes a figure.

        Returns
        -------
        display : ActivationDisplay
            Itself, with the figure as ``figure_``.
        """
        self.figure_, self.ax_ = panels_of(ax, 2, (9.6, max(4.0, height_of_legend(self.curves.names))))
        curves, self.lines_ = self.curves, {}
        usual = max(abs(curves.inputs[0]), abs(curves.inputs[-1]))
        for panel, kind, lines, limit, label in (
            (self.ax_[0], "value", curves.values, usual, "output of the unit"),
            (self.ax_[1], "slope", curves.slopes, 2.0, "slope of the activation"),
        ):
            for index, (name, line) in enumerate(zip(curves.names, lines, strict=True)):
                (self.lines_[name, kind],) = panel.plot(curves.inputs, line, label=name, **line_style(index, panel))
            panel.axhline(0, color=faint(panel, 0.2), linewidth=0.8, zorder=0)
            panel.axvline(0, color=faint(panel, 0.2), linewidth=0.8, zorder=0)
            panel.set(xlabel="sum of the weighted inputs", ylabel=label, xlim=(curves.inputs[0], curves.inputs[-1]))
            panel.set_ylim(_limits(lines, limit))
        legend_beside(self.ax_[1], [self.lines_[name, "value"] for name in curves.names])
        return self


def _limits(lines: Iterable[np.ndarray], usual: float) -> tuple[float, float]:
    """All of it, except where a few go far beyond ``usual`` and the others would be lost."""
    finite = [line[np.isfinite(line)] for line in lines]
    low = min(line.min(initial=0.0) for line in finite)
    high = max(line.max(initial=0.0) for line in finite)
    typical_low = min(-usual, float(np.median([line.min(initial=0.0) for line in finite])))
    typical_high = max(usual, float(np.median([line.max(initial=0.0) for line in finite])))
    low, high = max(low, typical_low), min(high, typical_high)
    margin = 0.05 * (high - low or 1.0)
    return low - margin, high + margin
