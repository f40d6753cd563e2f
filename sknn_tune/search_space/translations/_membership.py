"""Whether a value lies in what a search draws from."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..spaces import Space, is_number
from ._scipy import as_space, lacks_arguments


def find(given: Any, value: Any) -> list:
    """The value as the space has it, in a list of one; an empty list if the space does not have it.

    Of a list of choices it is the choice itself. Of what can only be drawn from, nobody knows what lies in it.
    """
    space = as_space(given)
    if isinstance(space, list):
        return [choice for choice in space if same(choice, value)][:1]
    if isinstance(space, Space):
        return [value] if value in space else []
    if not hasattr(space, "support") or lacks_arguments(space) or not is_number(value):  # no distribution of scipy's
        return []
    low, high = space.support()
    return [value] if low <= value <= high else []


def same(one: Any, other: Any) -> bool:
    """Whether two choices are one. Estimators are, if they are of one class and have the same parameters."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    if _is_estimator(one) and type(one) is type(other):
        mine, its = one.get_params(deep=False), other.get_params(deep=False)
        return mine.keys() == its.keys() and all(same(mine[name], its[name]) for name in mine)
    try:
        # True == 1, but as choices they are two.
        return one is other or (isinstance(one, bool) == isinstance(other, bool) and bool(one == other))
    except ValueError:  # tables, and lists with arrays in them, do not say yes or no
        return False


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "get_params") and not isinstance(value, type)
