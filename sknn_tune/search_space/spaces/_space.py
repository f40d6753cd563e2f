"""What every search space can do: be drawn from, be listed, be narrowed, and say what lies in it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np
from sklearn.utils import check_random_state

from ..._compat.scikit_learn import Interval, validate_parameter_constraints

S = TypeVar("S", bound="Space")


class Space(ABC):
    """A set of values with a distribution over it.

    ``rvs`` is the one method that scikit-learn's searches ask of a distribution, with one keyword.
    """

    def rvs(
        self, size: int | tuple[int, ...] | None = None, random_state: int | np.random.RandomState | None = None
    ) -> Any:
        """Draw random values.

        Parameters
        ----------
        size : int or tuple of int, default=None
            Shape of the array of draws. None: one plain Python value, which can be hashed, printed and
            written as JSON.
        random_state : int, RandomState instance or None, default=None
            The same int draws the same values. None: NumPy's global state, as in all of scikit-learn.

        Returns
        -------
        values : float, int, tuple or ndarray of shape `size`
            What was drawn; tuples come in an array of objects.
        """
        state: np.random.RandomState = check_random_state(random_state)
        if size is None:
            return self._draw(1, state).tolist()[0]
        shape = np.empty(size, dtype=bool).shape
        return self._draw(int(np.prod(shape)), state).reshape(shape)

    def grid(self, n: int) -> list:
        """List values at even distances on the space's own scale, for ``GridSearchCV``.

        Parameters
        ----------
        n : int
            How many, both ends included; 1 gives the middle. Integers that coincide are listed once. Of
            a ``topology``, the number of different widths: all ways to combine them are listed.

        Returns
        -------
        values : list
            Plain Python values, ascending.
        """
        validate_parameter_constraints(
            {"n": [Interval(Integral, 1, None, closed="left")]}, {"n": n}, caller_name=f"{type(self).__name__}.grid"
        )
        return self._grid(n)

    def narrow(self: S, values: Iterable, margin: float = 0.0) -> S:
        """Return the region that these values span, inside this space.

        Parameters
        ----------
        values : iterable
            Values such as this space draws. Where they reach beyond its ends, its ends hold.
        margin : float, default=0.0
            How much further than the values the new region reaches to either side, as a fraction of the
            width of this space on its own scale; integers at least one step. Ends are never passed.

        Returns
        -------
        space : same type
            The narrower space.
        """
        validate_parameter_constraints(
            {"margin": [Interval(Real, 0, None, closed="left")]},
            {"margin": margin},
            caller_name=f"{type(self).__name__}.narrow",
        )
        values = list(values)
        if not values:
            raise ValueError(f"{self!r} cannot be narrowed to no values: give at least one.")
        return self._narrow(values, margin)

    @abstractmethod
    def __contains__(self, value: Any) -> bool: ...

    @abstractmethod
    def _draw(self, count: int, random_state: np.random.RandomState) -> np.ndarray:
        """``count`` values in an array of one axis whose ``tolist`` gives plain Python values."""

    @abstractmethod
    def _grid(self, n: int) -> list: ...

    @abstractmethod
    def _narrow(self: S, values: list, margin: float) -> S: ...


def require_numbers(space: Space, values: Iterable, kind: Any) -> None:
    """Raise if a value is no number of that kind."""
    for value in values:
        if not is_number(value, kind):
            wanted = "integers" if kind is Integral else "finite numbers"
            raise ValueError(f"{space!r} can be narrowed to {wanted} only. Got {value!r}.")


def is_number(value: Any, kind: Any = Real) -> bool:
    """Whether it is one, and finite. ``True`` counts as 1 in Python, but nobody means a number by it."""
    return (
        isinstance(value, kind)
        and not isinstance(value, bool)
        and (isinstance(value, Integral) or math.isfinite(value))
    )
