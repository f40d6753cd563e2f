"""What all pictures share: axes, colours and markers, a legend beside the data, labels that fit."""

from ._axes import COLOURS, axes_of, height_of_legend, legend_beside, line_style, marker_style, panels_of, pyplot
from ._different_losses import warn_of_different_losses
from ._text import shortened, wrapped

__all__ = [
    "COLOURS",
    "axes_of",
    "height_of_legend",
    "legend_beside",
    "line_style",
    "marker_style",
    "panels_of",
    "pyplot",
    "shortened",
    "warn_of_different_losses",
    "wrapped",
]
