"""Numbers at equal distances, as Optuna's distributions with a ``step`` have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np

from ._numeric import int_uniform
from ._space import Space, is_number, require_numbers


@dataclass(frozen=True, repr=False)
class steps(Space):
    """``low``, ``low + step``, ... up to ``high``, all equally likely. Integers, if all three are.

    Not offered to users, who have lists for it; its ``repr`` is that of Optuna's distribution.
    """

    low: Any
    high: Any
    step: Any

    @property
    def _is_whole(self) -> bool:
        return all(isinstance(number, int) for number in (self.low, self.high, self.step))

    @property
    def _kind(self) -> Any:
        return Integral if self._is_whole else Real

    def __repr__(self) -> str:
        kind = "Int" if self._is_whole else "Float"
        return f"{kind}Distribution(low={self.low!r}, high={self.high!r}, step={self.step!r})"

    @property
    def _places(self) -> int_uniform:
        return int_uniform(0, round((self.high - self.low) / self.step))

    def _value(self, place: int) -> Any:
        # 0.1 + 2 * 0.1 has more digits than anybody has given.
        return self.low + place * self.step if self._is_whole else float(f"{self.low + place * self.step:.12g}")

    def _place(self, value: Any) -> float:
        return (value - self.low) / self.step

    def __contains__(self, value: Any) -> bool:
        if not is_number(value, self._kind):
            return False
        place = self._place(value)
        return abs(place - round(place)) < 1e-6 and round(place) in self._places

    def _draw(self, count: int, random_state: np.random.RandomState) -> np.ndarray:
        return self._values(self._places.rvs(count, random_state))

    def _grid(self, n: int) -> list:
        return self._values(self._places.grid(n)).tolist()

    def _values(self, places: Iterable[int]) -> np.ndarray:
        return np.array([self._value(int(place)) for place in places])

    def _narrow(self, values: list, margin: float) -> steps:
        require_numbers(self, values, self._kind)
        try:
            places = self._places.narrow([round(self._place(value)) for value in values], margin)
        except ValueError:
            raise ValueError(
                f"{self!r} cannot be narrowed to the values between {min(values)} and {max(values)}: none is in it."
            ) from None
        return replace(self, low=self._value(places.low), high=self._value(places.high))
