"""Parallel coordinates: a line per candidate through all its parameters to its score."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...model_selection.results import SearchDescription
from ..drawing import COLOURS, axes_of, pyplot, wrapped
from ._marks import list_marks, varied_parameters
from ._ticks import Ticks, shown_scores, ticks_of, ticks_of_scores

#: Where a line passes an axis whose parameter its candidate does not have: below all values, at "not set".
NOT_SET = -0.1


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
        axes.append(Coordinate(scale.label, heights, marks))
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
    """Figure and axes with the lines."""
    varied_parameters(description)
    axes = coordinates(description, longest=14)
    figure, ax = axes_of(ax, figsize=(max(7.6, 1.4 * len(axes) + 2.4), 4.2))
    heights = np.column_stack([axis.heights for axis in axes])
    x = np.arange(len(axes))
    for row in description.ranking[::-1]:  # the better, the later: on top of the others
        ax.plot(x, heights[row], **_line(description, row))
    for place, axis in enumerate(axes):
        ax.axvline(place, color="black", linewidth=0.8, zorder=3)
        for height, text in axis.ticks:
            ax.annotate(
                text,
                (place, height),
                (-4, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=8,
                zorder=4,
                bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.8},
            )
    ax.set_xticks(x, [wrapped(axis.label, 14) for axis in axes])
    ax.set_yticks([])
    ax.spines[["left", "right", "top", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    # The texts of the first axis stand to its left.
    ax.set_xlim(-0.75, len(axes) - 0.9)
    ax.set_ylim(NOT_SET - 0.05, 1.02)
    list_marks(ax, [ax])
    return figure, ax


def _line(description: SearchDescription, row: int) -> dict[str, Any]:
    """The best thick and black; the others the darker, the better; stopped ones dashed, failed ones dotted."""
    status = description.statuses[row]
    if row == description.best:
        return {"color": "black", "linewidth": 2.8, "zorder": 2.5, "label": "best"}
    if status == "failed":
        return {"color": COLOURS[1], "linewidth": 1, "linestyle": ":", "label": "failed"}
    shade = pyplot().get_cmap("cividis_r")(0.1 + 0.8 * fraction_of_better(description)[row])
    label = "candidate (the darker, the better)" if status == "finished" else "stopped"
    return {"color": shade, "linewidth": 1.1, "linestyle": "-" if status == "finished" else "--", "label": label}


def fraction_of_better(description: SearchDescription) -> np.ndarray:
    """1 for the best candidate, 0 for the last, by rank: one score far off would make all others look alike."""
    places = np.empty(description.n_candidates)
    places[description.ranking] = np.arange(description.n_candidates)
    return 1 - places / max(1, description.n_candidates - 1)
