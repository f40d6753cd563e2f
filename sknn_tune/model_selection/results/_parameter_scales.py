"""The values of each hyperparameter of a search on the scale on which they differ evenly."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ...search_space.spaces import (
    int_log_uniform,
    int_uniform,
    is_number,
    log_uniform,
    one_minus_log_uniform,
    steps,
    uniform,
)
from ...search_space.translations import as_space
from ._network_sizes import is_topology
from ._table import short_names
from ._unused_parameters import is_unused

#: A picture has room for so many names of categories; a longer list of topologies is drawn by its units.
_MOST_CATEGORIES = 8

#: From two powers of ten on, values are told apart by their order of magnitude.
_DECADES = 100

_KINDS: dict[type, str] = {
    uniform: "linear",
    int_uniform: "linear",
    steps: "linear",
    log_uniform: "log",
    int_log_uniform: "log",
    one_minus_log_uniform: "one_minus_log",
}


@dataclass(frozen=True, eq=False)
class ParameterScale:
    """Where the candidates of a search lie on the scale of one hyperparameter.

    Parameters
    ----------
    name : str
        As the search calls it, ``network__learning_rate``.
    label : str
        The shortest name that no other has, ``learning_rate``.
    kind : {"linear", "log", "one_minus_log", "categories"}
        What is even on the scale. "one_minus_log" is for momentum and betas just below one.
    positions : ndarray of shape (n_candidates,)
        The value ("linear"), its ``log10`` ("log"), ``-log10(1 - value)`` ("one_minus_log") or the number of its
        category. NaN where a candidate does not have the parameter, or its optimizer or schedule does not use it.
    texts : tuple of str
        The value of each candidate to be read; empty where there is none.
    categories : tuple of str, default=()
        All values of a scale of categories, in its order; else empty.
    order : str, default=""
        What that order is, where it is neither that of numbers nor that of the alphabet.
    """

    name: str
    label: str
    kind: str
    positions: np.ndarray
    texts: tuple[str, ...]
    categories: tuple[str, ...] = ()
    order: str = ""

    @property
    def varies(self) -> bool:
        """Whether the candidates differ in it."""
        return len(set(self.texts)) > 1

    def values_at(self, positions: np.ndarray) -> np.ndarray:
        """Return the numbers at these positions of a scale of numbers.

        Parameters
        ----------
        positions : ndarray
            As in ``positions``.

        Returns
        -------
        values : ndarray
            Values of the parameter there.
        """
        if self.kind == "log":
            return 10.0**positions
        return 1.0 - 10.0**-positions if self.kind == "one_minus_log" else positions

    def positions_of(self, values: np.ndarray) -> np.ndarray:
        """Return where these numbers lie on a scale of numbers.

        Parameters
        ----------
        values : ndarray
            Values of the parameter.

        Returns
        -------
        positions : ndarray
            Places on the scale, as in ``positions``.
        """
        return _positions(np.asarray(values, dtype=float), self.kind)


def parameter_scales(*searches: Any) -> tuple[ParameterScale, ...]:
    """Return the scales of all parameters of finished searches, in the order of the candidates.

    Ranges of `sknn_tune.search_space` and scipy's keep the scale that they were drawn on. Of listed values, those are
    on a log scale that span two powers of ten or grow by a constant factor. Strings, booleans, None,
    estimators and a mixture of these with numbers are categories, and so are a zero with numbers of several
    magnitudes, and few topologies; many are shown by the number of all their units.
    """
    bases = [(search.estimator.get_params(), search.cv_results_["params"]) for search in searches]
    candidates = [(base, candidate) for base, found in bases for candidate in found]
    names = list(dict.fromkeys(name for _, candidate in candidates for name in candidate))

    def values_of(name: str) -> list[tuple[Any, bool]]:
        return [(own.get(name), name in own and not is_unused(name, own, base)) for base, own in candidates]

    return tuple(
        _scale(name, label, _space_of(searches, name), values_of(name)) for name, label in short_names(names).items()
    )


def _scale(name: str, label: str, space: Any, values: list[tuple[Any, bool]]) -> ParameterScale:
    texts = _texts(values)
    given = {text: value for text, (value, is_there) in zip(texts, values, strict=True) if is_there}
    kind = _KINDS.get(type(as_space(space))) or _kind_of(list(given.values()))
    numbers: dict[str, float]
    if kind == "categories":
        categories = tuple(sorted(given, key=lambda text: _rank(given[text], text)))
        numbers = {text: float(place) for place, text in enumerate(categories)}
        order = "fewest units first" if given and all(is_topology(value) for value in given.values()) else ""
        return ParameterScale(name, label, kind, _look_up(texts, numbers), texts, categories, order)
    if given and all(is_topology(value) for value in given.values()):
        label = f"{label} (units in all)"
        given = {text: sum(value) for text, value in given.items()}
    numbers = {text: float(value) for text, value in given.items()}
    return ParameterScale(name, label, kind, _positions(_look_up(texts, numbers), kind), texts)


def _texts(values: list[tuple[Any, bool]]) -> tuple[str, ...]:
    """What each candidate has, to be read. Functions of the same name, as all lambdas are, get numbers."""
    of_name: dict[str, list] = {}
    texts = []
    for value, is_there in values:
        text = value_text(value) if is_there else ""
        if callable(value) and not hasattr(value, "get_params"):
            same = of_name.setdefault(text, [])
            if value not in same:
                same.append(value)
            number = same.index(value) + 1
            text = f"{text} ({number})" if number > 1 else text
        texts.append(text)
    return tuple(texts)


def _look_up(texts: tuple[str, ...], numbers: dict[str, float]) -> np.ndarray:
    return np.array([numbers.get(text, math.nan) for text in texts], dtype=float)


def _positions(values: np.ndarray, kind: str) -> np.ndarray:
    if kind == "log":
        return np.log10(values)
    return -np.log10(1.0 - values) if kind == "one_minus_log" else values


def _kind_of(values: list) -> str:
    """The scale of these different values, of which nothing else is known."""
    if all(is_topology(value) for value in values):
        units = [sum(value) for value in values]
        return "categories" if len(values) <= _MOST_CATEGORIES else "log" if min(units) > 0 else "linear"
    if not all(is_number(value) for value in values):
        return "categories"
    numbers = np.sort(np.asarray(values, dtype=float))
    positive = numbers[numbers > 0]
    spans_decades = len(positive) > 1 and positive[-1] >= _DECADES * positive[0]
    if numbers[0] > 0 and (spans_decades or _is_geometric(numbers)):
        return "log"
    if numbers[0] == 0 and spans_decades and len(numbers) <= _MOST_CATEGORIES:
        return "categories"
    just_below_one = numbers[0] >= 0.5 and numbers[-1] < 1
    return "one_minus_log" if just_below_one and 1 - numbers[0] >= 20 * (1 - numbers[-1]) else "linear"


def _is_geometric(numbers: np.ndarray) -> bool:
    """``[16, 32, 64]`` is, ``[1, 2]`` need not be."""
    factors = numbers[1:] / numbers[:-1]
    return len(numbers) > 2 and bool(np.allclose(factors, factors[0], rtol=1e-6))


def _rank(value: Any, text: str) -> tuple:
    """Numbers by value, then topologies from small to large, then the rest by name."""
    if is_number(value):
        return (0, float(value), 0, text)
    return (1, sum(value), len(value), text) if is_topology(value) else (2, 0, 0, text)


def _space_of(searches: Iterable[Any], name: str) -> Any:
    """What the first search that has a parameter drew it from, as far as it says so."""
    for search in searches:
        given = getattr(search, "param_distributions", None) or getattr(search, "param_grid", None) or []
        for space in [given] if isinstance(given, Mapping) else given:
            if isinstance(space, Mapping) and name in space:
                return space[name]
    return None


def value_text(value: Any) -> str:
    """A value of a parameter in one line: numbers to four digits, functions and classes by name.

    Examples
    --------
    >>> from sknn_tune.model_selection.results._parameter_scales import value_text
    >>> value_text(0.00123456), value_text((64, 32)), value_text("relu"), value_text(len)
    ('0.001235', '(64, 32)', 'relu', 'len')
    """
    if isinstance(value, str):
        return value
    if type(value) in (tuple, list):
        parts = ", ".join(repr(part) if isinstance(part, str) else value_text(part) for part in value)
        return f"[{parts}]" if type(value) is list else f"({parts}{',' if len(value) == 1 else ''})"
    if isinstance(value, float | np.floating):
        return f"{value:.4g}" if abs(value) < 0.9 or abs(value) >= 1 else f"{value:.6g}"
    if callable(value) and hasattr(value, "__name__"):
        return value.__name__
    if isinstance(value, partial):
        given = [value_text(part) for part in value.args]
        given += [f"{name}={value_text(part)}" for name, part in value.keywords.items()]
        return f"partial({', '.join([value_text(value.func), *given])})"
    if isinstance(value, np.generic):
        value = value.item()
    # Where in memory an object is says nothing, and is different each time.
    return re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))
