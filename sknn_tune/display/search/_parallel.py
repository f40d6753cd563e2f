"""Parallel coordinates: a line per candidate through all its parameters to its score."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...model_selection.results import SearchDescription
from ..drawing import axes_of, ink, paper, plainly, shortened, wrapped
from ._coordinates import NOT_SET, Coordinate, coordinates
from ._marks import list_marks, look_of_line, varied_parameters

#: Lines of candidates that did not come to their end.
_OF_STATUS: dict[str, dict[str, Any]] = {
    "finished": {},
    "pruned": {"linestyle": "--", "label": "stopped"},
    "failed": {"linestyle": ":", "label": "failed"},
}

#: Characters that fit along an axis.
_CHARACTERS = 84


def draw_parallel(description: SearchDescription, ax: Any) -> tuple[Any, Any]:
    """Figure and axes with the lines, which run from the top down: so every axis has room for its name and its values.

    A dozen of upright axes would need twice the width of a notebook.
    """
    varied_parameters(description)
    axes = coordinates(description, longest=_CHARACTERS)
    labels = [wrapped(axis.label, 26) for axis in axes]
    step = max(0.62, 0.1 + 0.17 * max(label.count("\n") + 1 for label in labels))
    figure, ax = axes_of(ax, figsize=(9.0, 0.7 + step * len(axes)))
    heights = np.column_stack([axis.heights for axis in axes])
    y = np.arange(len(axes))
    look = look_of_line(description, ax)
    for row in description.ranking[::-1]:  # the better, the later: on top of the others
        ax.plot(heights[row], y, **look(row) | _OF_STATUS[description.statuses[row]])
    lowest = min(NOT_SET if any(height == NOT_SET for height, _ in axis.ticks) else 0.0 for axis in axes)
    ax.hlines(y, lowest, 1, color=ink(ax), linewidth=0.8, zorder=3)
    for place, axis in enumerate(axes):
        _write_values(ax, place, axis)
    ax.set_yticks(y, [plainly(label) for label in labels])
    ax.set_xticks([])
    ax.spines[["left", "right", "top", "bottom"]].set_visible(False)
    ax.tick_params(length=0, pad=10)
    ax.set_ylim(len(axes) - 0.4, -0.3)  # the first at the top, and room for what is written below the last
    ax.set_xlim(lowest - 0.04, 1.03)
    list_marks(ax, [ax])
    return figure, ax


def _write_values(ax: Any, place: int, axis: Coordinate) -> None:
    """Each below its place on the axis, in two lines where there is little room."""
    width = max(_CHARACTERS // len(axis.ticks) - 2, 8)
    for height, text in axis.ticks:
        ax.annotate(
            plainly(_in_two_lines(text, width) if len(text) > width else text),
            (height, place),
            (0, -4),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
            linespacing=0.95,
            zorder=4,
            bbox={"facecolor": paper(ax), "alpha": 0.8, "edgecolor": "none", "pad": 0.6},
        )


def _in_two_lines(text: str, width: int) -> str:
    """As much of it as there is room for: where lines are broken at underscores, some are not full."""
    longest = 2 * width - 2
    while (lines := wrapped(shortened(text, longest), width)).count("\n") > 1:
        longest -= 1
    return lines
