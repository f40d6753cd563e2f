"""Kinds of values that a parameter may have. scikit-learn makes one sentence of them when something else comes.

``"The 'dropout' parameter of KerasClassifier must be a float in the range [0.0, 1.0). Got 1.2 instead."``
All of it is checked before TensorFlow is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Rational, Real
from typing import Any

from .._compat.scikit_learn import Interval, StrOptions


class Range(Interval):
    """An interval of real numbers, a Fraction among them, of which scikit-learn cannot ask whether it is NaN."""

    def is_satisfied_by(self, val: Any) -> bool:
        is_fraction = isinstance(val, Rational) and not isinstance(val, Integral)
        return super().is_satisfied_by(float(val) if is_fraction else val)


RATE = Range(Real, 0, 1, closed="left")
FRACTION = Range(Real, 0, 1, closed="neither")
NOT_NEGATIVE = Range(Real, 0, None, closed="left")
POSITIVE = Range(Real, 0, None, closed="neither")
COUNT = Interval(Integral, 1, None, closed="left")
SEVERAL = Interval(Integral, 2, None, closed="left")
COUNT_OR_ZERO = Interval(Integral, 0, None, closed="left")


class Names(StrOptions):
    """Names that Keras takes in the spelling of their class, too: ``"HeNormal"`` is ``"he_normal"``."""

    def __init__(self, options: set[str], canonical: Callable[[str], str]) -> None:
        super().__init__(options)
        self._canonical = canonical

    def is_satisfied_by(self, val: Any) -> bool:
        return isinstance(val, str) and super().is_satisfied_by(self._canonical(val))
