"""Look over a space before the first fit: what cannot be meant is refused, what is probably not meant is said once."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import clone

from ._without_effect import without_effect

#: From this ratio on, numbers between two others are better drawn on a log scale.
_WIDE = 10


def look_over(search: Any, parameter: str, spaces: Sequence[Mapping[str, Any]]) -> None:
    """Raise if a name is no parameter of the estimator, or ``refit`` is a class; warn of what looks like a mistake.

    That is a range written as a tuple, or a parameter that has no effect.

    Parameters
    ----------
    search : estimator
        The search, with its ``estimator``.
    parameter : str
        Under which parameter of it the space was given.
    spaces : list of dict
        Values by name.
    """
    name_of_search, said = type(search).__name__, []
    if isinstance(search.refit, type):
        refit = search.refit.__name__
        raise TypeError(f"The 'refit' parameter of {name_of_search} is the class {refit}. Give refit={refit}().")
    for space in spaces:
        for name in space:
            _check_name(search.estimator, name, space, f"the {parameter!r} parameter of {name_of_search}")
        said += [_range_in_words(name, values) for name, values in space.items() if _looks_like_a_range(values)]
        said += without_effect(search.estimator, space)
    for text in dict.fromkeys(said):
        warnings.warn(f"{name_of_search} {text}", UserWarning, stacklevel=2)


def listed(param_distributions: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The dicts of a space, which may be a single one."""
    return [param_distributions] if isinstance(param_distributions, Mapping) else param_distributions


def _check_name(estimator: Any, name: str, space: Mapping[str, Any], where: str) -> None:
    if not isinstance(name, str):
        raise ValueError(f"In {where}, names of parameters must be texts. Got {name!r}.")
    known = estimator.get_params(deep=True)
    parts = name.split("__")
    owners = ["__".join(parts[:end]) for end in range(1, len(parts))]
    # Of an estimator that is a choice itself, nobody knows the parameters yet.
    if name in known or any(owner in space for owner in owners):
        return
    try:
        clone(estimator, safe=False).set_params(**{name: None})  # some take names that they do not list
    except (AttributeError, TypeError, ValueError) as error:
        advice = _nearest(name, known)
        if not advice:
            raise
        raise ValueError(f"Invalid parameter {name!r} for estimator {estimator}. In {where}, {advice}") from error


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    """What was meant, as an advice; empty if nothing is near."""
    last = name.rpartition("__")[2]
    same = [each for each in known if each.rpartition("__")[2] == last]
    near = same or get_close_matches(name, known, n=1)
    if not near:
        lasts = {each.rpartition("__")[2]: each for each in known}
        near = [lasts[each] for each in get_close_matches(last, lasts, n=1)]
    if not near:
        return ""
    why = ": name of the step, two underscores, name of its parameter" if any("__" in each for each in near) else ""
    return f"write {' or '.join(map(repr, near))}{why}."


def _looks_like_a_range(values: Any) -> bool:
    return (
        isinstance(values, tuple)
        and len(values) == 2
        and all(isinstance(each, Real) and not isinstance(each, bool) for each in values)
        and values[0] < values[1]
    )


def _range_in_words(name: str, values: tuple) -> str:
    low, high = values = np.array(values).tolist()  # NumPy's numbers say np.float64(...) of themselves
    kind = "int_" if all(isinstance(each, Integral) for each in values) else ""
    scale = "log_uniform" if low > 0 and high >= _WIDE * low else "uniform"
    between = f"{kind}{scale}({low!r}, {high!r})"
    return (
        f"takes the tuple {tuple(values)!r} of {name!r} for two values to choose between. For all numbers between "
        f"them, write {between}, from sknn_tune.search_space; for just these two, the list {values!r}."
    )
