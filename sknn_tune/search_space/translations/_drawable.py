"""Spaces in the forms that scikit-learn draws from: lists, arrays of one axis, and what has ``rvs``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._scipy import as_space, lacks_arguments


def drawable(param_distributions: Any, *, caller: str) -> dict[str, Any] | list[dict[str, Any]]:
    """The same space in a form that scikit-learn's ``ParameterSampler`` takes, or a sentence about what is no space.

    Parameters
    ----------
    param_distributions : dict or list of dict
        Names mapped to spaces, distributions of scipy or Optuna, or choices.
    caller : str
        Whose parameter it is, for the sentence.

    Returns
    -------
    space : dict or list of dict
        What scikit-learn takes is in it as it is, so it draws the same.
    """
    if isinstance(param_distributions, Mapping):
        return {name: _drawable(name, given, caller) for name, given in param_distributions.items()}
    if not param_distributions or not all(isinstance(space, Mapping) for space in param_distributions):
        raise ValueError(
            f"The 'param_distributions' parameter of {caller} must be a dict or a list of at least one dict. Got "
            f"{param_distributions!r}."
        )
    return [{name: _drawable(name, given, caller) for name, given in space.items()} for space in param_distributions]


def _drawable(name: str, given: Any, caller: str) -> Any:
    if hasattr(given, "rvs") and not lacks_arguments(given):
        return given
    if isinstance(given, np.ndarray) and given.ndim == 1 and given.size:
        return given
    space = as_space(given)
    if isinstance(space, list) and space:
        return given if isinstance(given, Sequence) else space
    if hasattr(space, "rvs") and not lacks_arguments(given):
        return space
    raise ValueError(
        f"The 'param_distributions' parameter of {caller} has no space for {name!r}: expected a list of values with at "
        "least one in it, a space of sknn_tune.search_space, or a distribution of scipy.stats or of Optuna. Got "
        f"{given!r}.{_hint(given)}"
    )


def _hint(given: Any) -> str:
    if isinstance(given, str) or np.isscalar(given) or given is None:
        return f" A single value goes into a list: [{given!r}]."
    if isinstance(given, set | frozenset):
        return " A set has no order, so no seed would draw the same again: make it a list."
    if lacks_arguments(given):
        return f" Give the distribution its arguments: {given.name}({given.shapes})."
    if hasattr(given, "sample"):
        return " Only the older distributions of scipy have rvs: scipy.stats.uniform(loc, scale), not Uniform."
    return ""
