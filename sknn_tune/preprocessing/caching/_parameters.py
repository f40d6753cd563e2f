"""Parameters and whatever else is handed to a transformer: what of it goes into a key."""

from __future__ import annotations

import re
import types
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from ..._compat.scikit_learn import has_callbacks, output_config
from ._contents import adder_of_contents
from ._key import KeyBuilder, NotCacheableError
from ._values import add_values, is_plain

#: Python functions of these packages, such as ``f_classif``, look at nothing but their arguments.
_TRUSTED_PACKAGES = ("numpy", "scipy", "sklearn", "pandas", "polars")


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
    elif isinstance(value, type | np.ufunc | types.BuiltinFunctionType):
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
    elif isinstance(value, types.FunctionType):
        _add_function(key, value)
    elif isinstance(value, re.Pattern):
        key.add_mark(f"pattern {value.pattern!r} {value.flags}")
    elif _package(type(value)) == "sklearn" and type(value).__name__ == "make_column_selector":
        key.add_object(type(value))
        _add_container(key, vars(value))
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


def _add_function(key: KeyBuilder, function: types.FunctionType) -> None:
    if _package(function) not in _TRUSTED_PACKAGES or function.__closure__:
        raise NotCacheableError(
            f"the function {function.__name__} may depend on more than its arguments; a transformer class of your own "
            "can be cached"
        )
    key.add_object(function)


def _add_estimator(key: KeyBuilder, estimator: Any) -> None:
    kind = type(estimator)
    if getattr(kind, "__sklearn_clone__", None) not in (None, BaseEstimator.__sklearn_clone__):
        raise NotCacheableError(f"{kind.__name__} keeps what it has learnt when it is cloned")
    if has_callbacks(estimator):
        raise NotCacheableError(f"{kind.__name__} has callbacks, which a result that is found would not call")
    key.add_object(kind)
    add_value(key, output_config(estimator))
    for name, value in sorted(estimator.get_params(deep=False).items()):
        if value is None and re.search(r"(^|_)(random_state|seed)$", name):
            raise NotCacheableError(f"{kind.__name__} is random: give it a {name}")
        key.add_mark(name)
        add_value(key, value)


def _package(value: Any) -> str:
    return (getattr(value, "__module__", None) or "").split(".")[0]
