"""A curve in the height of a line: in characters, or as a picture in SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
#: Stands for a number that is none.
_GAP = "×"


def in_characters(values: Sequence[float], width: int = 20) -> str:
    """The curve in at most ``width`` characters.

    Examples
    --------
    >>> from sknn_tune.model_selection.watching.live._sparkline import in_characters
    >>> in_characters([8, 4, 2, 1, float("nan")])
    '█▄▂▁×'
    """
    chosen = values
    if len(values) > width:
        chosen = [values[round(place * (len(values) - 1) / (width - 1))] for place in range(width)]
    return "".join(_GAP if height is None else _BARS[round(height * (len(_BARS) - 1))] for height in _heights(chosen))


def as_svg(values: Sequence[float], width: int = 120, height: int = 20) -> str:
    """The curve in the colour of the text around it."""
    heights = _heights(values)
    step = (width - 4) / max(1, len(heights) - 1)
    points = [
        f"{2 + place * step:.1f},{2 + (1 - height_) * (height - 4):.1f}"
        for place, height_ in enumerate(heights)
        if height_ is not None
    ]
    if not points:
        return ""
    x, y = points[-1].split(",")
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<polyline points="{" ".join(points)}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        f'<circle cx="{x}" cy="{y}" r="2" fill="currentColor"/></svg>'
    )


def _heights(values: Sequence[float]) -> list[float | None]:
    """Between 0 and 1; None for what is no number."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return [None] * len(values)
    low, high = min(finite), max(finite)
    span = (high - low) or 1.0
    return [(value - low) / span if math.isfinite(value) else None for value in values]
