"""Lists whose choices have an order: numbers, and topologies of a network. Some of what lies between may be untried."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

from ._space import is_number


def kept_around(choices: Sequence[Any], best: Sequence[Any], margin: float) -> list[bool]:
    """Which of the choices lie between the best of their kind, or next to these.

    Parameters
    ----------
    choices : sequence
        In any order. None, names, booleans and what else has no order are not kept for lying between.
    best : sequence
        Those of the choices that are to be kept in any case.
    margin : float
        How many neighbours are kept on either side: a fraction of all values, but at least one; 0: none.
    """
    numbers = _Scale([value for value in choices if is_number(value)], margin)
    topologies = [value for value in choices if _is_topology(value)]
    depths = _Scale([len(value) for value in topologies], margin)
    widths = _Scale([width for value in topologies for width in value], margin)
    around = numbers.around(value for value in best if is_number(value))
    best_topologies = [value for value in best if _is_topology(value)]
    deep = depths.around(len(value) for value in best_topologies)
    wide = widths.around(width for value in best_topologies for width in value)
    return [
        (is_number(value) and value in around)
        or (_is_topology(value) and len(value) in deep and all(width in wide for width in value))
        for value in choices
    ]


class _Scale:
    """Different numbers in their order."""

    def __init__(self, values: Iterable[Any], margin: float) -> None:
        self._values = sorted(set(values))
        self._margin = max(1, math.ceil(margin * (len(self._values) - 1))) if margin else 0

    def around(self, best: Iterable[Any]) -> set[Any]:
        """Those between the best ones, and neighbours of these on either side."""
        places = [self._values.index(value) for value in best]
        if not places:
            return set()
        return set(self._values[max(0, min(places) - self._margin) : max(places) + self._margin + 1])


def _is_topology(value: Any) -> bool:
    """As of ``hidden_layer_sizes``."""
    return isinstance(value, tuple | list) and all(is_number(width, Integral) for width in value)
