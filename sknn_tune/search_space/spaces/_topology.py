"""How many hidden layers, and how wide: tuples for ``hidden_layer_sizes``."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, Literal

import numpy as np

from ..._compat.scikit_learn import InvalidParameterError, StrOptions, validate_parameter_constraints
from ._numeric import int_log_uniform, int_uniform
from ._space import Space, is_number


@dataclass(frozen=True, repr=False)
class topology(Space):
    """Tuples of layer widths: the number of layers uniform, the widths uniform in their logarithm.

    The values are tuples of Python ints, as ``hidden_layer_sizes`` of `KerasClassifier`, `KerasRegressor`
    and scikit-learn's ``MLPClassifier`` takes them. They can be hashed, so depth and width are searched
    together without a list of all combinations.

    Parameters
    ----------
    n_layers : int or pair of int, default=(1, 3)
        Smallest and largest number of hidden layers; an int fixes the depth. 0 is a linear model. Begin with
        few, and go deeper when the best candidates are the deepest.
    units : int or pair of int, default=(16, 256)
        Smallest and largest width of a layer, on a log scale; an int fixes the width.
    shape : {"any", "constant", "funnel"}, default="any"
        "constant": all layers of a network are as wide as the first, which mostly does as well as
        anything else [1]_ and has the fewest values to try. "funnel": no layer is wider than the one
        before. "any": every layer has a width of its own.

    See Also
    --------
    int_log_uniform : A single width.

    References
    ----------
    .. [1] Bengio (2012), "Practical Recommendations for Gradient-Based Training of Deep Architectures",
       section 3.2, https://arxiv.org/abs/1206.5533

    Examples
    --------
    >>> from sknn_tune.search_space import topology
    >>> funnel = topology(n_layers=(1, 2), units=(16, 64), shape="funnel")
    >>> funnel.rvs(random_state=0) in funnel
    True
    >>> (64, 32) in funnel, (32, 64) in funnel
    (True, False)
    >>> funnel.grid(2)
    [(16,), (64,), (16, 16), (64, 16), (64, 64)]
    """

    n_layers: Any = (1, 3)
    units: Any = (16, 256)
    shape: Literal["any", "constant", "funnel"] = "any"

    def __post_init__(self) -> None:
        validate_parameter_constraints(
            {"shape": [StrOptions({"any", "constant", "funnel"})]}, {"shape": self.shape}, caller_name="topology"
        )
        object.__setattr__(self, "n_layers", _pair("n_layers", self.n_layers, at_least=0))
        object.__setattr__(self, "units", _pair("units", self.units, at_least=1))

    def __repr__(self) -> str:
        return f"topology(n_layers={self.n_layers}, units={self.units}, shape={self.shape!r})"

    def __contains__(self, value: Any) -> bool:
        return (
            isinstance(value, tuple)
            and len(value) in self._depths
            and all(width in self._widths for width in value)
            and value == arrange(value, self.shape)
        )

    @property
    def _depths(self) -> int_uniform:
        return int_uniform(*self.n_layers)

    @property
    def _widths(self) -> int_log_uniform:
        return int_log_uniform(*self.units)

    def _draw(self, count: int, random_state: np.random.RandomState) -> np.ndarray:
        draws = np.empty(count, dtype=object)
        for index in range(count):  # one by one: NumPy would make a table of tuples of equal length
            depth = self._depths.rvs(random_state=random_state)
            draws[index] = arrange(self._widths.rvs(size=depth, random_state=random_state).tolist(), self.shape)
        return draws

    def _grid(self, n: int) -> list[tuple[int, ...]]:
        widths = self._widths.grid(n)
        return [
            topology
            for depth in range(self.n_layers[0], self.n_layers[1] + 1)
            for topology in itertools.product(widths, repeat=depth)
            if topology == arrange(topology, self.shape)
        ]

    def _narrow(self, values: list, margin: float) -> topology:
        for value in values:
            if not isinstance(value, tuple | list) or not all(is_number(width, Integral) for width in value):
                raise ValueError(f"{self!r} can be narrowed to tuples of integers only. Got {value!r}.")
        depths = self._depths.narrow([len(value) for value in values], margin)
        widths = self._widths
        if seen := [width for value in values for width in value]:
            widths = widths.narrow(seen, margin)
        return replace(self, n_layers=(depths.low, depths.high), units=(widths.low, widths.high))


def arrange(widths: Iterable[int], shape: str) -> tuple[int, ...]:
    """Turn independent widths, one per layer, into a topology of this shape."""
    widths = tuple(widths)
    if shape == "constant":
        return widths[:1] * len(widths)
    return tuple(sorted(widths, reverse=True)) if shape == "funnel" else widths


def _pair(name: str, given: Any, at_least: int) -> tuple[int, int]:
    pair = (given, given) if is_number(given, Integral) else given
    if (
        not isinstance(pair, tuple | list)
        or len(pair) != 2
        or not all(is_number(end, Integral) for end in pair)
        or not at_least <= pair[0] <= pair[1]
    ):
        raise InvalidParameterError(
            f"The {name!r} parameter of topology must be an int or a pair of ints, the smaller first, "
            f"none below {at_least}. Got {given!r} instead."
        )
    return int(pair[0]), int(pair[1])
