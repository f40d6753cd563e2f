"""scikit-learn: what differs between its versions, and what of it is private. Searches have a file of their own.

Taken as they are, from a module that begins with an underscore, and seen there from 1.6 to 1.9: `HasMethods`, `Hidden`,
`Interval`, `Options` and `StrOptions` say what a parameter may be, and `validate_parameter_constraints` makes
scikit-learn's sentence, an `InvalidParameterError`, when something else comes. If they move, the import fails at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import (
    HasMethods,
    Hidden,
    Interval,
    InvalidParameterError,
    Options,
)
from sklearn.utils._param_validation import StrOptions as _StrOptions
from sklearn.utils._param_validation import validate_parameter_constraints as _validate_parameter_constraints
from sklearn.utils.validation import _check_sample_weight

from .._nearest import did_you_mean

try:  # scikit-learn >= 1.9
    from sklearn.callback import CallbackSupportMixin

    HAS_CALLBACKS = True
except ImportError:
    HAS_CALLBACKS = False

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in before scikit-learn 1.9: ``set_callbacks`` is simply absent."""


#: What scikit-learn's searches call the task of fitting and scoring a candidate in a fold.
EVALUATION_TASK = "candidate-split-evaluation"


class StrOptions(_StrOptions):
    """Names that a parameter may have, in alphabetical order: scikit-learn's own prints them as its set has them."""

    def __str__(self) -> str:
        return f"a str among {{{', '.join(map(repr, sorted(self.options)))}}}"


class ObjectWith(HasMethods):
    """An object with these methods; a class has them, too, and can do nothing with them."""

    def is_satisfied_by(self, val: Any) -> bool:
        return not isinstance(val, type) and super().is_satisfied_by(val)


class NamesTheNearest:
    """An estimator that, where one of its parameters has an unknown name, says which names are spelt like it.

    To be named before ``BaseEstimator``, whose ``_validate_params`` scikit-learn calls; seen in 1.6 to 1.9. If that is
    gone, the names are not said.
    """

    _parameter_constraints: dict[str, list[Any]]

    def _validate_params(self) -> None:
        try:
            super()._validate_params()  # type: ignore[misc]
        except InvalidParameterError as error:
            raise _with_nearest(error, self._parameter_constraints, self.get_params(deep=False)) from None  # type: ignore[attr-defined]


def validate_parameter_constraints(constraints: Any, params: dict[str, Any], caller_name: str) -> None:
    """scikit-learn's sentence about the first parameter that may not be what it is, with the names spelt like it."""
    try:
        _validate_parameter_constraints(constraints, params, caller_name=caller_name)
    except InvalidParameterError as error:
        raise _with_nearest(error, constraints, params) from None


def _with_nearest(error: InvalidParameterError, constraints: Any, params: dict[str, Any]) -> InvalidParameterError:
    message = str(error)
    for name, value in params.items():
        if isinstance(value, str) and message.startswith(f"The {name!r} parameter of "):
            options = {one for each in constraints[name] if isinstance(each, _StrOptions) for one in each.options}
            hint = did_you_mean(value, options)
            message = message.replace(f". Got {value!r} instead.", f"{hint}. Got {value!r} instead.")
    return InvalidParameterError(message)


Method = TypeVar("Method", bound=Callable[..., Any])


def checks_parameters(method: Method) -> Method:
    """Decorate ``fit`` or ``partial_fit``: parameters are held against ``_parameter_constraints`` first.

    From 1.9 on it also tears down scikit-learn's callbacks afterwards. Seen in 1.6 to 1.9; without it the import
    fails, and ``with_callbacks`` of 1.9, which is public, does the second half.
    """
    return _fit_context(prefer_skip_nested_validation=True)(method)


def check_sample_weight(sample_weight: Any, X: Any, dtype: np.dtype[Any]) -> np.ndarray:
    """Weights as an array with one entry per row of X; negative ones are refused.

    Seen in 1.6 to 1.9. Without it the import fails: ``check_array`` and a comparison of lengths do the same.
    """
    return _check_sample_weight(sample_weight, X, dtype=dtype, ensure_non_negative=True)


def open_callback_context(estimator: BaseEstimator, n_tasks: int) -> Any:
    """Announce a fit of ``n_tasks`` tasks to the callbacks of ``estimator``; None before scikit-learn 1.9.

    The documentation of 1.9 tells authors of estimators to call this private method. Without it no callback is
    called.
    """
    announce = getattr(estimator, "_init_callback_context", None)
    return None if announce is None else announce(max_subtasks=n_tasks)


def has_callbacks(estimator: BaseEstimator) -> bool:
    """Whether ``set_callbacks`` gave ``estimator`` any, or a search around it handed some on.

    Seen in 1.9, where only the private list says so. Without it no callback is called.
    """
    return bool(getattr(estimator, "_skl_callbacks", None))


def hand_over_callback_context(source: BaseEstimator, target: BaseEstimator) -> None:
    """Let ``target`` tear down the callbacks that were set up for ``source``.

    Seen in 1.9, which looks for them in two private attributes of the estimator whose ``fit`` ends. Without it
    ``teardown`` of callbacks is not called, and a test of it fails.
    """
    for name in ("_callback_fit_ctx", "_skl_callbacks_to_teardown"):
        if name in vars(source):
            setattr(target, name, vars(source).pop(name))


# preprocessing


def rows_at(X: Any, rows: np.ndarray) -> Any:
    """These rows of a table of any kind: array, sparse matrix, DataFrame of pandas or polars.

    scikit-learn's ``_safe_indexing``, which it uses for its own folds; seen from 1.6 to 1.9.
    """
    return _safe_indexing(X, rows)


def output_config(estimator: Any) -> dict[str, Any]:
    """What ``set_output`` told an estimator: its outputs depend on it, and it is no parameter.

    ``_sklearn_output_config``, which ``clone`` copies; seen in 1.6 to 1.9. Without it all estimators look as if
    nobody had called ``set_output``: then `CachedTransformer` would have to tell them apart in another way, and a test
    of it fails.
    """
    return dict(getattr(estimator, "_sklearn_output_config", {}))


__all__ = [
    "EVALUATION_TASK",
    "HAS_CALLBACKS",
    "CallbackSupportMixin",
    "HasMethods",
    "Hidden",
    "Interval",
    "InvalidParameterError",
    "NamesTheNearest",
    "ObjectWith",
    "Options",
    "StrOptions",
    "check_sample_weight",
    "checks_parameters",
    "hand_over_callback_context",
    "has_callbacks",
    "open_callback_context",
    "output_config",
    "rows_at",
    "validate_parameter_constraints",
]
