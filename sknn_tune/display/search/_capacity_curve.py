"""Score against the size of a network: how large is large enough."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...model_selection.results import CapacityCurve, capacity_curve, value_text
from ..drawing import axes_of, colour, faint, ink, legend_beside, plainly, shortened

#: More labels than this on the axis of the sizes, and only every second or third is written.
_MAX_LABELS = 12
_LABEL_LENGTH = 22


class CapacityCurveDisplay:
    """Mean score of each size with its standard error, and the size that was chosen.

    Where the curve still rises at the right, larger networks are worth a try; where it is flat, the smallest within
    the band costs least and overfits least. Where the score of the training rows goes on to rise while the other does
    not, further units learn the training rows by heart: regularise, or stay smaller.

    Make one with `from_search`.

    Parameters
    ----------
    curve : CapacityCurve
        What `sknn_tune.model_selection.capacity_curve` reads from a search.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What was drawn on. The sizes stand at equal distances, in the order in which they were evaluated.
    figure_ : matplotlib Figure
        Where these axes are.
    errorbar_ : dict of str to ErrorbarContainer
        The curves: "test", and "train" if there are such scores.

    See Also
    --------
    sknn_tune.model_selection.capacity_curve : The numbers.
    sknn_tune.model_selection.CapacitySearchCV : Grows a network as long as it pays.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from sknn_tune.display import CapacityCurveDisplay
    >>> from sknn_tune.model_selection import CapacitySearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> search = CapacitySearchCV(tree, param_name="max_depth", sizes=range(1, 20)).fit(X, y)
    >>> display = CapacityCurveDisplay.from_search(search)
    >>> display.curve.sizes, display.curve.chosen
    ([1, 2, 3, 4, 5], 2)
    """

    def __init__(self, curve: CapacityCurve) -> None:
        self.curve = curve

    @classmethod
    def from_search(cls, search: Any, *, ax: Any = None) -> CapacityCurveDisplay:
        """Draw what each size of a finished search was worth.

        Parameters
        ----------
        search : CapacitySearchCV
            Fitted. Another search will do if it varied one parameter only, such as a ``GridSearchCV`` over
            ``hidden_layer_sizes``; its sizes keep their order. With ``return_train_score=True`` the scores of the
            training rows are drawn too. Of several metrics the one is drawn that decides.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure. The legend stands to the right, so a figure without a layout gets
            matplotlib's "constrained" one.

        Returns
        -------
        display : CapacityCurveDisplay
            With the figure as ``figure_``.

        Raises
        ------
        NotFittedError
            If the search has not been fitted.
        ValueError
            If it varied several parameters.
        """
        return cls(capacity_curve(search)).plot(ax)

    def plot(self, ax: Any = None) -> CapacityCurveDisplay:
        """Draw, again or elsewhere.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        display : CapacityCurveDisplay
            Itself, with the figure as ``figure_``.
        """
        self.figure_, self.ax_ = axes_of(ax, figsize=(7.6, 4.2))
        curve = self.curve
        handles: list[Any] = []
        places = np.arange(len(curve.sizes))
        several_folds = bool(np.nansum(curve.test_errors))
        of_mean = "mean and its standard error" if several_folds else "mean"
        self.errorbar_ = {}
        curves: list[tuple[str, str, Any, Any, dict[str, Any]]] = [
            ("test", f"test folds: {of_mean}", curve.test_scores, curve.test_errors, {"marker": "o", "linestyle": "-"}),
            ("train", "training folds", curve.train_scores, curve.train_errors, {"marker": "s", "linestyle": "--"}),
        ]
        for rows, label, scores, errors, look in curves:
            if scores is not None:
                look |= {"color": colour(len(handles), self.ax_), "markersize": 5, "capsize": 3 if several_folds else 0}
                bars = self.ax_.errorbar(places, scores, yerr=errors if several_folds else None, label=label, **look)
                self.errorbar_[rows] = bars
                handles.append(bars)
        handles += self._draw_choice()
        self._label_sizes(places)
        self.ax_.set(xlabel=_spoken(curve.param_name.split("__")[-1]), ylabel=_spoken(curve.metric))
        legend_beside(self.ax_, handles)
        return self

    def _draw_choice(self) -> list[Any]:
        curve, handles = self.curve, []
        if curve.chosen is not None and np.isfinite(curve.test_scores[curve.chosen]):
            look = {"marker": "*", "markersize": 14, "markeredgecolor": ink(self.ax_), "linestyle": "none", "zorder": 5}
            position = [curve.chosen], [curve.test_scores[curve.chosen]]
            label = f"chosen: {value_text(curve.sizes[curve.chosen])}"
            handles += self.ax_.plot(*position, color=colour(0, self.ax_), label=label, **look)
        if curve.margin and curve.best is not None:
            best = curve.test_scores[curve.best]
            label = f"as good as the best: within {curve.margin:.2g}"
            look = {"facecolor": faint(self.ax_, 0.15), "edgecolor": faint(self.ax_, 0.4), "zorder": 0}
            handles.append(self.ax_.axhspan(best - curve.margin, best, label=label, **look))
        return handles

    def _label_sizes(self, places: np.ndarray) -> None:
        """Sizes below, and above how many weights that is. Long names lean, so that they do not meet."""
        step = -(-len(places) // _MAX_LABELS)
        shown = places[::step]
        labels = [shortened(value_text(self.curve.sizes[place]), _LABEL_LENGTH) for place in shown]
        leaning = len(labels) * max(map(len, labels)) > 50
        self.ax_.set_xticks(
            shown,
            list(map(plainly, labels)),
            **({"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if leaning else {}),
        )
        self.ax_.set_xlim(-0.5, len(places) - 0.5)
        if self.curve.n_parameters is not None:
            above = self.ax_.secondary_xaxis("top")
            above.set_xticks(shown, [_in_thousands(self.curve.n_parameters[place]) for place in shown])
            above.set_xlabel("weights and biases")


def _spoken(name: str) -> str:
    return plainly(name.replace("_", " "))


def _in_thousands(count: int) -> str:
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if count >= unit:
            return f"{count / unit:.3g}{name}"
    return str(count)
