"""What all pictures share: axes, colours and markers, a legend beside the data, labels that fit."""

from ._axes import axes_of, height_of_legend, legend_beside, line_style, marker_style, panels_of, pyplot
from ._colours import colour, faint, ink, is_dark, paper, shades
from ._different_losses import warn_of_different_losses
from ._text import lines_of, plainly, shortened, wrapped

__all__ = [
    "axes_of",
    "colour",
    "faint",
    "height_of_legend",
    "ink",
    "is_dark",
    "legend_beside",
    "line_style",
    "lines_of",
    "marker_style",
    "panels_of",
    "paper",
    "plainly",
    "pyplot",
    "shades",
    "shortened",
    "warn_of_different_losses",
    "wrapped",
]
