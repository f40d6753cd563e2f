"""What ranges of numbers have in common.

A range is given by its ends and by the scale on which it is uniform: a pair of functions, from values to
the scale and back. Drawing, listing and narrowing happen on the scale, so they are written once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

import numpy as np

from ..._compat.scikit_learn import Interval, InvalidParameterError, validate_parameter_constraints
from ._space import Space, is_number, require_numbers

R = TypeVar("R", bound="Range")


#: Half steps around the largest are to be among NumPy's integers of 64 bits, too.
_LARGEST_INTEGER = 2**62


@dataclass(frozen=True, repr=False)
class Range(Space):
    """From ``low`` to ``high``, both included."""

    low: Any
    high: Any

    #: What an end may be, what it becomes, and what to write when it is something else.
    _ends: ClassVar[Interval]
    _type: ClassVar[type]
    _advice: ClassVar[str] = ""

    def __post_init__(self) -> None:
        name = type(self).__name__
        ends = {"low": self.low, "high": self.high}
        try:
            validate_parameter_constraints({end: [self._ends] for end in ends}, ends, caller_name=name)
        except InvalidParameterError as error:
            raise InvalidParameterError(f"{error} {self._advice}".rstrip()) from None
        if self.low > self.high:
            raise InvalidParameterError(
                f"The 'low' parameter of {name} must not be above 'high'. "
                f"Got low={self.low!r} and high={self.high!r}: exchange them."
            )
        for end, value in ends.items():
            object.__setattr__(self, end, self._type(value))  # numpy's numbers print differently

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.low!r}, {self.high!r})"

    def __contains__(self, value: Any) -> bool:
        return is_number(value, self._ends.type) and bool(self.low <= value <= self.high)

    def _scale(self, values: Any) -> np.ndarray:
        """Where values lie on the scale."""
        return np.asarray(values, dtype=float)

    def _values(self, places: Any) -> Any:
        """The values at these places of the scale."""
        return places

    def _scale_ends(self) -> tuple[float, float]:
        return float(self._scale(self.low)), float(self._scale(self.high))

    def _at(self, places: Any) -> np.ndarray:
        # Rounding may carry a value past an end by its last digit.
        return np.clip(self._values(np.asarray(places)), self.low, self.high)

    def _draw(self, count: int, random_state: np.random.RandomState) -> np.ndarray:
        return self._at(random_state.uniform(*self._scale_ends(), size=count))

    def _grid(self, n: int) -> list:
        start, stop = self._scale_ends()
        places = np.linspace(start, stop, n) if n > 1 and start < stop else [(start + stop) / 2]
        # Via the scale, 0.001 becomes 0.0010000000000000002 on some machines: twelve digits are plenty.
        rounded = [float(f"{value:.12g}") for value in self._at(places)]
        values = np.clip(rounded, self.low, self.high).tolist()
        if len(values) > 1:
            values[0], values[-1] = self.low, self.high  # all digits of these
        return values

    def _narrow(self: R, values: list, margin: float) -> R:
        require_numbers(self, values, self._ends.type)
        low, high = max(self.low, min(values)), min(self.high, max(values))
        if low > high:
            raise ValueError(
                f"{self!r} cannot be narrowed to the values between {min(values)} and {max(values)}: none is in it."
            )
        return replace(self, **self._widened(low, high, margin)) if margin else replace(self, low=low, high=high)

    def _widened(self, low: Any, high: Any, margin: float) -> dict[str, Any]:
        start, stop = self._scale_ends()
        further = margin * (stop - start)
        outer = [self._readable(self._scale(low) - further), self._readable(self._scale(high) + further)]
        return {"low": max(self.low, min(outer[0], low)), "high": min(self.high, max(outer[1], high))}

    def _readable(self, place: Any) -> Any:
        """The value there, rounded to a thousandth of the width: nobody needs more digits of a margin."""
        start, stop = self._scale_ends()
        value, beside = self._at([place, place + (stop - start) / 1000]).tolist()
        return value if value == beside else round(value, math.ceil(-math.log10(beside - value)))


class IntegerRange(Range):
    """Each integer owns the half steps around it, so the ends are drawn as often as their neighbours."""

    _type = int

    def __post_init__(self) -> None:
        super().__post_init__()
        for end in ("low", "high"):
            if abs(getattr(self, end)) > _LARGEST_INTEGER:
                raise InvalidParameterError(
                    f"The {end!r} parameter of {type(self).__name__} is {getattr(self, end)}, but integers are drawn "
                    "by NumPy, in 64 bits: from -2**62 to 2**62."
                )

    def _scale_ends(self) -> tuple[float, float]:
        return float(self._scale(self.low - 0.5)), float(self._scale(self.high + 0.5))

    def _at(self, places: Any) -> np.ndarray:
        return np.clip(np.rint(self._values(np.asarray(places))).astype(np.int64), self.low, self.high)

    def _grid(self, n: int) -> list:
        start, stop = float(self._scale(self.low)), float(self._scale(self.high))
        places = np.linspace(start, stop, n) if n > 1 else [(start + stop) / 2]
        return np.unique(self._at(places)).tolist()

    def _widened(self, low: Any, high: Any, margin: float) -> dict[str, Any]:
        # A tenth of 1 .. 4 rounds to nothing, but the neighbours of a good integer deserve a trial.
        outer = super()._widened(low, high, margin)
        return {
            "low": max(self.low, min(outer["low"], low - 1)),
            "high": min(self.high, max(outer["high"], high + 1)),
        }
