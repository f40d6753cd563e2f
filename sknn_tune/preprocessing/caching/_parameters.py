"""Parameters and whatever else is handed to a transformer: what of it goes into a key."""

from __future__ import annotations

import re
import sys
import types
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector
from sklearn.model_selection import BaseCrossValidator
from sklearn.preprocessing import TargetEncoder

from ..._compat.scikit_learn import has_callbacks, output_config
from ._contents import adder_of_contents
from ._key import KeyBuilder, NotCacheableError
from ._values import add_values, is_plain

#: Python functions of these packages, such as ``f_classif``, look at nothing but their arguments.
_TRUSTED_PACKAGES = ("numpy", "scipy", "sklearn", "pandas", "polars")
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, np.ufunc, type(np.nan_to_num))  # NumPy has two kinds


def add_value(key: KeyBuilder, value: Any) -> None:
    """Anything: a number, an array, a table, a list of them, an estimator with its parameters.

    Raises
    ------
    NotCacheableError
        If it cannot be said for sure when two of them are equal, or whether the same one gives the same twice.
    """
    add_contents = adder_of_contents(value)
    if add_contents is not None:
        add_contents(key, value)
    elif isinstance(value, type):
        key.add_object(value)
    elif type(value) in (list, tuple, dict):
        _add_container(key, value)
    elif isinstance(value, slice):
        key.add_mark("slice")
        _add_container(key, (value.start, value.stop, value.step))
    elif is_plain(type(value)):
        add_values(key, [value])
    elif hasattr(value, "get_params") and hasattr(value, "fit"):
        _add_estimator(key, value)
    elif isinstance(value, _FUNCTIONS):
        _add_function(key, value)
    elif isinstance(value, re.Pattern):
        key.add_mark(f"pattern {value.pattern!r} {value.flags}")
    elif _package(type(value)) == "sklearn" and isinstance(value, make_column_selector | BaseCrossValidator):
        _add_helper(key, value)
    else:
        raise NotCacheableError(f"{type(value).__name__} objects cannot be compared")


def _add_container(key: KeyBuilder, values: Any) -> None:
    key.add_mark(f"{type(values).__name__} of {len(values)}")
    if isinstance(values, dict):
        for name, value in values.items():
            add_value(key, name)
            add_value(key, value)
    elif len(values) and all(isinstance(value, str | int | float) for value in values):
        add_values(key, values)  # at once
    else:
        for value in values:
            add_value(key, value)


def _add_function(key: KeyBuilder, function: Any) -> None:
    """A function that a trusted package has under its name: not one of the user's own that was put into it."""
    module = sys.modules.get(getattr(function, "__module__", None) or "numpy")  # ufuncs before NumPy 2 name no module
    if _package(module) not in _TRUSTED_PACKAGES or getattr(module, function.__name__, None) is not function:
        raise NotCacheableError(
            f"the function {function.__name__} may depend on more than its arguments; a transformer class of your own "
            "can be cached"
        )
    key.add_object(function)


def _add_helper(key: KeyBuilder, helper: Any) -> None:
    """A splitter or a selector of columns of scikit-learn's: what it keeps is all there is to it."""
    attributes = dict(vars(helper))
    if attributes.get("shuffle") is False:  # then it draws nothing
        attributes.pop("random_state", None)
    _refuse_if_random(type(helper), attributes)
    key.add_object(type(helper))
    add_value(key, attributes)


def _add_estimator(key: KeyBuilder, estimator: Any) -> None:
    kind = type(estimator)
    if getattr(kind, "__sklearn_clone__", None) not in (None, BaseEstimator.__sklearn_clone__):
        raise NotCacheableError(f"{kind.__name__} keeps what it has learnt when it is cloned")
    if has_callbacks(estimator):
        raise NotCacheableError(f"{kind.__name__} has callbacks, which a result that is found would not call")
    parameters = estimator.get_params(deep=False)
    _refuse_if_random(kind, parameters)
    key.add_object(kind)
    add_value(key, output_config(estimator))
    add_value(key, dict(sorted(parameters.items())))


def _refuse_if_random(kind: type, parameters: dict[str, Any]) -> None:
    """By scikit-learn's convention: what draws has a ``random_state``, and None is another one in every fit.

    One transformer draws without it: `TargetEncoder` shuffles, from 1.9 on, unless its ``cv`` is a splitter.
    """
    for name, value in parameters.items():
        if value is None and re.search(r"(^|_)(random_state|seed)$", name):
            raise NotCacheableError(f"{kind.__name__} is random: give it a {name}")
    is_seeded = isinstance(parameters.get("random_state"), Integral)
    if issubclass(kind, TargetEncoder) and not is_seeded and not hasattr(parameters["cv"], "split"):
        raise NotCacheableError(f"{kind.__name__} is random: give it a splitter with a random_state as cv")


def _package(value: Any) -> str:
    """Name of the package that a class, or a module itself, comes from."""
    return str(getattr(value, "__module__", None) or getattr(value, "__name__", "")).split(".")[0]
