"""What all pictures share: axes to draw on, and lines that can be told apart without colour.

The colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), without their yellow, which is lost on
white. Dashes and markers go with them, so that a picture can be read in grey, and by everyone.
"""

from __future__ import annotations

from typing import Any

from .._optional import import_optional

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def pyplot() -> Any:
    """Matplotlib's pyplot, loaded when something is first drawn."""
    return import_optional("matplotlib.pyplot", extra="plot", purpose="A picture")


def axes_of(ax: Any, figsize: tuple[float, float] = (6.4, 4.0)) -> tuple[Any, Any]:
    """Figure and axes: those of ``ax``, or new ones of a size for notebooks."""
    if ax is not None:
        return ax.figure, ax
    return pyplot().subplots(figsize=figsize, layout="constrained")


def line_style(index: int) -> dict[str, Any]:
    """Colour and dashes of the line with this number. The first seven differ in both."""
    return {"color": COLOURS[index % len(COLOURS)], "linestyle": DASHES[index % len(DASHES)]}


def marker_style(index: int) -> dict[str, Any]:
    """Colour and marker of the points with this number. The first seven differ in both."""
    return {"color": COLOURS[index % len(COLOURS)], "marker": MARKERS[index % len(MARKERS)]}
