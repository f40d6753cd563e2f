"""Where an axis of a hyperparameter has its ticks, and what they say: the same in pictures and on the page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ...model_selection.results import ParameterScale, value_text
from ..drawing import shortened

_MOST_TICKS = 6
#: Ticks nearer to each other than this fraction of the axis would write over each other.
_NEAREST = 0.11


class Ticks(NamedTuple):
    """Ends of an axis, and its ticks between them, all as positions of the scale."""

    low: float
    high: float
    positions: list[float]
    texts: list[str]


def ticks_of(scale: ParameterScale, longest: int = 18) -> Ticks:
    """Return ends and ticks for the axis of a parameter."""
    if scale.kind == "categories":
        texts = [shortened(text, longest) for text in scale.categories]
        return Ticks(-0.5, len(texts) - 0.5, [float(place) for place in range(len(texts))], texts)
    seen = np.unique(scale.positions[np.isfinite(scale.positions)])
    low, high = _with_margin(seen[0], seen[-1])
    if len(seen) == 1:
        return Ticks(low, high, seen.tolist(), [_number_text(value) for value in scale.values_at(seen)])
    all_fit = _fit(seen, low, high) and all(_is_short(value) for value in scale.values_at(seen))
    positions = seen if all_fit else _round_positions(scale, seen[0], seen[-1])
    return Ticks(low, high, positions.tolist(), [_number_text(value) for value in scale.values_at(positions)])


def label_with_order(scale: ParameterScale) -> str:
    """What the axis of a parameter says: its name, and the order of its values if it has one of its own."""
    return f"{scale.label} ({scale.order})" if scale.order else scale.label


def side_by_side(scale: ParameterScale) -> np.ndarray:
    """Positions at which candidates of the same value do not hide each other: in the order of the search.

    So are those of categories drawn, and those of a few numbers, as of a grid. What is alone stays at its value.
    """
    x = scale.positions
    seen = np.unique(x[np.isfinite(x)])
    few = scale.kind == "categories" or len(seen) <= _MOST_TICKS
    if not few or len(seen) == np.isfinite(x).sum():
        return x
    room = np.diff(seen).min() if len(seen) > 1 else 1.0
    beside = np.zeros(len(x))
    for value in seen:
        same = x == value
        beside[same] = 0.44 * ((np.arange(same.sum()) + 0.5) / same.sum() - 0.5)
    return x + room * beside


def ticks_of_scores(scores: np.ndarray) -> Ticks:
    """Return ends and ticks for an axis of scores, some of which may not be finite."""
    seen = scores[np.isfinite(scores)]
    low, high = _with_margin(seen.min(), seen.max()) if len(seen) else (0.0, 1.0)
    positions = _even(low, high)
    return Ticks(low, high, positions.tolist(), [f"{value:g}" for value in np.round(positions, 10)])


def shown_scores(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores to draw, and which of them are drawn too high.

    One network that diverged can have a score so low that all others would look the same. So the axis ends below the
    lower quartile at three times its distance from the best, and what is lower stands at that limit.
    """
    finite = scores[np.isfinite(scores)]
    if len(finite) == 0:
        return scores, np.zeros(len(scores), dtype=bool)
    quarter = np.percentile(finite, 25)
    limit = quarter - 3 * (finite.max() - quarter) if finite.max() > quarter else finite.min()
    is_far_below = np.isfinite(scores) & (scores < limit)
    return np.where(is_far_below, limit, scores), is_far_below


def _with_margin(low: float, high: float) -> tuple[float, float]:
    margin = 0.06 * (high - low) or 0.5
    return float(low - margin), float(high + margin)


def _fit(positions: np.ndarray, low: float, high: float) -> bool:
    """Whether all of these can be ticks: few values, as of a grid, each with room for its text."""
    return len(positions) <= _MOST_TICKS and bool(np.all(np.diff(positions) >= _NEAREST * (high - low)))


def _is_short(value: float) -> bool:
    """Whether it has three digits at most, or for momentum and betas four, as someone would have typed it."""
    return math.isclose(value, float(f"{value:.4g}" if 0.9 < value < 1 else f"{value:.3g}"), rel_tol=1e-9)


def _round_positions(scale: ParameterScale, low: float, high: float) -> np.ndarray:
    """Ticks at round values between the lowest and the highest."""
    if scale.kind == "linear":
        return _even(low, high)
    powers = range(math.floor(low), math.ceil(high) + 1)
    for digits in ((1,), (1, 3), (1, 2, 5)):
        if scale.kind == "log":
            values: Iterable[float] = (digit * 10.0**power for power in powers for digit in digits)
        else:  # 0.9, 0.97, 0.99: round distances from one
            values = (1 - digit * 10.0 ** -(power + 1) for power in powers for digit in reversed(digits))
            values = (value for value in values if value < 1)
        found = scale.positions_of(np.array(list(values)))
        found = found[(found >= low - 1e-9) & (found <= high + 1e-9)]
        if len(found) >= 3:
            break
    return _thinned(found) if len(found) >= 2 else np.array([low, high])


def _thinned(positions: np.ndarray) -> np.ndarray:
    return positions[:: math.ceil(len(positions) / _MOST_TICKS)]


def _even(low: float, high: float) -> np.ndarray:
    """Round numbers, three to six of them, from ``low`` to ``high``."""
    power = 10.0 ** math.floor(math.log10(high - low)) if high > low else 1.0
    for step in (power * factor for factor in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5)):
        positions = step * np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
        if len(positions) <= _MOST_TICKS:
            break
    return positions


def _number_text(value: float) -> str:
    """128 for 127.99999999999997, which a scale may give for it, and 1e-4, which needs less room than 0.0001."""
    value = float(f"{value:.10g}")
    if 0 < abs(value) < 1e-3:
        digits, power = f"{value:e}".split("e")
        return f"{float(digits):g}e{int(power)}"
    return str(int(value)) if value.is_integer() and abs(value) < 1e6 else value_text(value)
