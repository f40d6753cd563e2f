"""Axes from 0 to 1, with their values and ticks: what parallel coordinates and the page of a search draw."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...model_selection.results import ParameterScale, SearchDescription
from ._ticks import Ticks, label_with_order, shown_scores, side_by_side, ticks_of, ticks_of_scores

#: Where a line passes an axis whose parameter its candidate does not have: below all values, at "not set".
NOT_SET = -0.1


class Coordinate(NamedTuple):
    """An axis, from 0 at its lower end to 1 at its upper.

    ``heights`` has where each candidate is; NaN for want of a score. In ``spread``, candidates of the same value stand
    side by side. ``name`` is the whole name of a parameter.
    """

    label: str
    name: str
    heights: np.ndarray
    spread: np.ndarray
    ticks: list[tuple[float, str]]


def coordinates(description: SearchDescription, longest: int = 18) -> list[Coordinate]:
    """Return an axis for all that is compared, and one for the score."""
    return [*(coordinate_of(scale, longest) for scale in description.compared), coordinate_of_scores(description)]


def coordinate_of(scale: ParameterScale, longest: int = 18) -> Coordinate:
    """Return the axis of a parameter."""
    ticks = ticks_of(scale, longest)
    missing = np.isnan(scale.positions)
    heights, spread = (
        np.where(missing, NOT_SET, height_of(positions, ticks)) for positions in (scale.positions, side_by_side(scale))
    )
    marks = marks_of(ticks) + ([(NOT_SET, "not set")] if missing.any() else [])
    return Coordinate(label_with_order(scale), scale.name, heights, spread, marks)


def coordinate_of_scores(description: SearchDescription) -> Coordinate:
    """Return the axis of the scores, which ends where those far below all others are drawn."""
    scores, is_far_below = shown_scores(description.scores)
    ticks = ticks_of_scores(scores)
    heights = np.where(np.isfinite(scores), height_of(scores, ticks), np.nan)
    marks = marks_of(ticks)
    if is_far_below.any():
        limit = float(heights[is_far_below][0])
        marks = [mark for mark in marks if mark[0] > limit + 0.05] + [(limit, "far below")]
    return Coordinate(description.metric, description.metric, heights, heights, marks)


def height_of(positions: np.ndarray, ticks: Ticks) -> np.ndarray:
    """Share of the way from the lower end of an axis to its upper."""
    return (positions - ticks.low) / (ticks.high - ticks.low)


def marks_of(ticks: Ticks) -> list[tuple[float, str]]:
    """Where on the way each tick is, and what it says."""
    heights = height_of(np.asarray(ticks.positions), ticks)
    return [(float(height), text) for height, text in zip(heights, ticks.texts, strict=True)]
