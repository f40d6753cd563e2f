"""Candidates drawn from a space, none of them twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterGrid, ParameterSampler

#: Of a space that can be drawn from without end: draws per candidate wanted, before it counts as exhausted.
_MOST_DRAWS = 20


def draws(space: Any, n: int, n_tried: int, random_state: np.random.RandomState) -> ParameterSampler:
    """Random candidates, enough to have ``n`` new ones among them, if the space has as many."""
    n_all = n_candidates_of(space)
    # Of lists, they are drawn without repetition, so at most those tried come in vain.
    n_draws = _MOST_DRAWS * n if n_all is None else min(n_all, n + n_tried)
    return ParameterSampler(space, n_draws, random_state=random_state)


def n_candidates_of(space: Any) -> int | None:
    """How many there are; None for a space that can be drawn from without end."""
    spaces = [space] if isinstance(space, Mapping) else space
    if any(hasattr(values, "rvs") for one in spaces for values in one.values()):
        return None
    return len(ParameterGrid(space))


def new_candidates(proposed: Iterable[dict], tried: set) -> Iterator[dict]:
    """Those that were not proposed before. Notes them in ``tried``."""
    for candidate in proposed:
        key = frozenset((name, isinstance(value, bool), _hashable(value)) for name, value in candidate.items())
        if key not in tried:
            tried.add(key)
            yield candidate


def _hashable(value: Any) -> Hashable:
    try:
        hash(value)
    except TypeError:  # a choice of a list, which keeps it alive
        return id(value)
    return value
