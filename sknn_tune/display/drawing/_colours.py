"""Colours that can be told apart and seen, on white and on black.

The first eight are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), with a grey instead of their yellow,
which is lost on white; eight more are as far from these and from each other as could be found. On a dark background
those that would be lost there are lighter. What is drawn asks its axes, since a style may be changed at any time
(``plt.style.use("dark_background")``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._optional import import_optional

#: Each on a light and on a dark background.
_COLOURS: tuple[tuple[str, str], ...] = (
    ("#0072B2", "#2487CC"),
    ("#D55E00", "#D55E00"),
    ("#009E73", "#009E73"),
    ("#CC79A7", "#CC79A7"),
    ("#E69F00", "#E69F00"),
    ("#56B4E9", "#56B4E9"),
    ("#000000", "#FFFFFF"),
    ("#7F7F7F", "#7F7F7F"),
    ("#4B2E83", "#AE8FF5"),
    ("#7A1F3D", "#FFF0A0"),
    ("#4F7F1A", "#5E9A1F"),
    ("#005F56", "#8FE8D8"),
    ("#B8A25C", "#B8A25C"),
    ("#A9A4D6", "#C9C4F5"),
    ("#D81B60", "#E8407E"),
    ("#5A3A1E", "#B07A52"),
)
N_COLOURS = len(_COLOURS)

#: From the worst to the best of many lines: the better, the more they stand out. As on the page of a search.
_SHADES = (("#b4bfcb", "#0b4f94"), ("#4d5a68", "#8cc8ff"))


def ink(ax: Any) -> Any:
    """Colour of what is written on these axes: black, or white on black."""
    return ax.xaxis.label.get_color()


def paper(ax: Any) -> Any:
    """Colour of what these axes are drawn on."""
    figure = ax.figure
    for patch in (ax.patch, figure.patch, getattr(figure, "figure", figure).patch):
        if patch.get_visible() and patch.get_facecolor()[3] > 0.5:
            return patch.get_facecolor()
    return "black" if _lightness(ink(ax)) > 0.5 else "white"  # where a page shines through, it suits the letters


def is_dark(ax: Any) -> bool:
    """Whether these axes are drawn on a dark background."""
    return _lightness(paper(ax)) < 0.5


def colour(index: int, ax: Any) -> str:
    """Colour with this number, to be seen on these axes. Sixteen differ."""
    return _COLOURS[index % N_COLOURS][is_dark(ax)]


def faint(ax: Any, strength: float) -> tuple[float, float, float]:
    """A colour between paper (0) and ink (1), without transparency, under which nothing shines through."""
    below, above = (_rgb(of) for of in (paper(ax), ink(ax)))
    red, green, blue = (low + strength * (high - low) for low, high in zip(below, above, strict=True))
    return red, green, blue


def shades(ax: Any) -> Callable[[float], Any]:
    """Colour of a line by how good it is, from 0 for the worst to 1 for the best."""
    colours = import_optional("matplotlib.colors", purpose="A picture")
    return colours.LinearSegmentedColormap.from_list("better", _SHADES[is_dark(ax)])


def _rgb(of: Any) -> tuple[float, float, float]:
    return import_optional("matplotlib.colors", purpose="A picture").to_rgb(of)


def _lightness(of: Any) -> float:
    red, green, blue = _rgb(of)
    return 0.299 * red + 0.587 * green + 0.114 * blue
