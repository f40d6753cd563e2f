"""Seconds of a call: the first one, and the median of the later ones."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple


class Timed(NamedTuple):
    """The first call loads and compiles; ``warm`` is the median of those after it, ``best`` their least."""

    first: float
    warm: float
    best: float


def seconds_of(call: Callable[[], Any]) -> float:
    """What one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def time_calls(call: Callable[[], Any], repeats: int, budget_seconds: float = 20.0) -> Timed:
    """Call once and then ``repeats`` times, fewer (but once) when that takes longer than the budget."""
    first = seconds_of(call)
    later = [seconds_of(call)]
    while len(later) < repeats and sum(later) < budget_seconds:
        later.append(seconds_of(call))
    return Timed(first, statistics.median(later), min(later))
