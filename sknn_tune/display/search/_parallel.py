"""Parallel coordinates: a line per candidate through all its parameters to its score."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...model_selection.results import SearchDescription
from ..drawing import axes_of, colour, ink, paper, shades, shortened, wrapped
from ._marks import list_marks, varied_parameters
from ._ticks import Ticks, label_with_order, shown_scores, ticks_of, ticks_of_scores

#: Where a line passes an axis whose parameter its candidate does not have: below all values, at "not set".
NOT_SET = -0.1

#: What the legend says of the colours of lines.
CANDIDATE = "candidate (the stronger, the better)"

#: Characters that fit along an axis.
_CHARACTERS = 84


class Coordinate(NamedTuple):
    """One of the axes, from 0 at its lower end to 1 at its upper.

    ``heights`` has where each candidate passes it; NaN where its line ends before, for want of a score.
    """

    label: str
    heights: np.ndarray
    ticks: list[tuple[float, str]]


def coordinates(description: SearchDescription, longest: int = 18) -> list[Coordinate]:
    """Return an axis for each parameter that varies, and one for the score."""
    axes = []
    for scale in description.varied:
        ticks = ticks_of(scale, longest)
        missing = np.isnan(scale.positions)
        heights = np.where(missing, NOT_SET, _height(scale.positions, ticks))
        marks = _marks(ticks) + ([(NOT_SET, "not set")] if missing.any() else [])
        axes.append(Coordinate(label_with_order(scale), heights, marks))
    scores, is_far_below = shown_scores(description.scores)
    ticks = ticks_of_scores(scores)
    heights = np.where(np.isfinite(scores), _height(scores, ticks), np.nan)
    marks = _marks(ticks)
    if is_far_below.any():
        limit = float(heights[is_far_below][0])
        marks = [mark for mark in marks if mark[0] > limit + 0.05] + [(limit, "far below")]
    return [*axes, Coordinate(description.metric, heights, marks)]


def _height(positions: np.ndarray, ticks: Ticks) -> np.ndarray:
    return (positions - ticks.low) / (ticks.high - ticks.low)


def _marks(ticks: Ticks) -> list[tuple[float, str]]:
    heights = _height(np.asarray(ticks.positions), ticks)
    return [(float(height), text) for height, text in zip(heights, ticks.texts, strict=True)]


def draw_parallel(description: SearchDescription, ax: Any) -> tuple[Any, Any]:
    """Figure and axes with the lines, which run from the top down: so every axis has room for its name and its values.

    A dozen of upright axes would need twice the width of a notebook.
    """
    varied_parameters(description)
    axes = coordinates(description, longest=_CHARACTERS)
    figure, ax = axes_of(ax, figsize=(9.0, 0.7 + 0.62 * len(axes)))
    heights = np.column_stack([axis.heights for axis in axes])
    y = np.arange(len(axes))
    for row in description.ranking[::-1]:  # the better, the later: on top of the others
        ax.plot(heights[row], y, **_line(description, row, ax))
    lowest = min(NOT_SET if any(height == NOT_SET for height, _ in axis.ticks) else 0.0 for axis in axes)
    ax.hlines(y, lowest, 1, color=ink(ax), linewidth=0.8, zorder=3)
    for place, axis in enumerate(axes):
        _write_values(ax, place, axis)
    ax.set_yticks(y, [wrapped(axis.label, 26) for axis in axes])
    ax.set_xticks([])
    ax.spines[["left", "right", "top", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    ax.set_ylim(len(axes) - 0.4, -0.3)  # the first at the top, and room for what is written below the last
    ax.set_xlim(lowest - 0.03, 1.03)
    list_marks(ax, [ax])
    return figure, ax


def _write_values(ax: Any, place: int, axis: Coordinate) -> None:
    """Each below its place on the axis, in two lines where there is little room."""
    width = max(_CHARACTERS // len(axis.ticks) - 2, 8)
    for height, text in axis.ticks:
        ax.annotate(
            wrapped(shortened(text, 2 * width - 2), width) if len(text) > width else text,
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


def _line(description: SearchDescription, row: int, ax: Any) -> dict[str, Any]:
    """The best thick, in the colour of letters; the others the stronger, the better; stopped ones dashed."""
    status = description.statuses[row]
    if row == description.best:
        return {"color": ink(ax), "linewidth": 2.8, "zorder": 2.5, "label": "best"}
    if status == "failed":
        return {"color": colour(1, ax), "linewidth": 1, "linestyle": ":", "label": "failed"}
    shade = shades(ax)(fraction_of_better(description)[row])
    label = CANDIDATE if status == "finished" else "stopped"
    return {"color": shade, "linewidth": 1.2, "linestyle": "-" if status == "finished" else "--", "label": label}


def fraction_of_better(description: SearchDescription) -> np.ndarray:
    """1 for the best candidate, 0 for the last, by rank: one score far off would make all others look alike."""
    places = np.empty(description.n_candidates)
    places[description.ranking] = np.arange(description.n_candidates)
    return 1 - places / max(1, description.n_candidates - 1)
