"""Seconds, as people say them."""

from __future__ import annotations


def duration_text(seconds: float) -> str:
    """A duration in two units at most.

    Examples
    --------
    >>> from sknn_tune.model_selection.results._duration import duration_text
    >>> duration_text(7.25), duration_text(59.97), duration_text(75), duration_text(7500)
    ('7.2 s', '1 min 00 s', '1 min 15 s', '2 h 05 min')
    """
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
