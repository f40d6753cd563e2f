"""What all pictures share: axes to draw on, and lines that can be told apart without colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..._optional import import_optional
from ._colours import N_COLOURS, colour
from ._text import lines_of, plainly

#: With the colours go dashes and markers, so that a picture can be read in grey, and by everyone.
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)), (0, (3, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")

#: Characters of a label in one line of a legend: more would leave too little for the picture.
_LABEL_WIDTH = 26


def pyplot() -> Any:
    """Matplotlib's pyplot, loaded when something is first drawn."""
    return import_optional("matplotlib.pyplot", purpose="A picture")


def axes_of(ax: Any, figsize: tuple[float, float] = (6.4, 4.0)) -> tuple[Any, Any]:
    """Figure and axes: those of ``ax``, or new ones of a size for notebooks."""
    if ax is not None:
        return _checked(ax).figure, ax
    return pyplot().subplots(figsize=figsize, layout="constrained")


def _checked(ax: Any) -> Any:
    if not hasattr(ax, "get_subplotspec"):
        raise TypeError(
            f"The 'ax' parameter must be made of matplotlib axes, or None. Got {type(ax).__name__} instead."
        )
    return ax


def line_style(index: int, ax: Any) -> dict[str, Any]:
    """Colour and dashes of the line with this number. The first eight differ in both, and no two of 128 agree."""
    return {"color": colour(index, ax), "linestyle": DASHES[(index + index // N_COLOURS) % len(DASHES)]}


def marker_style(index: int, ax: Any) -> dict[str, Any]:
    """Colour and marker of the points with this number. The first eight differ in both, and no two of 128 agree."""
    return {"color": colour(index, ax), "marker": MARKERS[(index + index // N_COLOURS) % len(MARKERS)]}


def panels_of(ax: Any, n_panels: int, figsize: tuple[float, float]) -> tuple[Any, list[Any]]:
    """Figure and axes for pictures side by side: those of ``ax``, a sequence of as many axes, or new ones."""
    if ax is None:
        figure, axes = pyplot().subplots(1, n_panels, figsize=figsize, layout="constrained", squeeze=False)
        return figure, list(axes.flat)
    axes = [ax] if hasattr(ax, "plot") else list(getattr(ax, "flat", ax))
    if len(axes) != n_panels:
        raise ValueError(
            f"The 'ax' parameter must be None or a sequence of {n_panels} matplotlib axes, one per panel. Got "
            f"{len(axes)}: make them with plt.subplots(1, {n_panels}, layout='constrained')."
            if n_panels > 1
            else f"The 'ax' parameter must be None or one matplotlib axes. Got {len(axes)} of them."
        )
    return _checked(axes[0]).figure, axes


def height_of_legend(labels: Iterable[str]) -> float:
    """Inches that a legend with these labels takes: in a lower figure it would run out at the bottom."""
    return sum(0.07 + 0.16 * len(_in_lines(label)) for label in labels) + 0.3


def _in_lines(label: str) -> list[str]:
    return lines_of(label, _LABEL_WIDTH)


def legend_beside(ax: Any, handles: Sequence[Any]) -> None:
    """A legend to the right of the axes, where there is no data.

    It is the layout that makes room for it, so a figure without one gets matplotlib's "constrained" layout.
    """
    if not handles:
        return
    figure = ax.figure
    if figure.get_layout_engine() is None:
        getattr(figure, "figure", figure).set_layout_engine("constrained")  # of the whole, where it is a part
    ax.legend(
        handles=list(handles),
        labels=[plainly("\n".join(_in_lines(handle.get_label()))) for handle in handles],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize="small",
        borderaxespad=0.5,
        handlelength=2.8,
    )
