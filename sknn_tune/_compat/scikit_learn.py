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
    InvalidParameterError,
    Options,
)
from sklearn.utils._param_validation import Interval as _Interval
from sklearn.utils._param_validation import StrOptions as _StrOptions
from sklearn.utils._param_validation import validate_parameter_constraints as _validate_parameter_constraints
from sklearn.utils.multiclass import check_classification_targets as _check_classification_targets
from sklearn.utils.multiclass import type_of_target as _type_of_target
from sklearn.utils.validation import _check_sample_weight

from .._nearest import did_you_mean

try:  # scikit-learn >= 1.9
    from sklearn.callback import CallbackSupportMixin as _CallbackSupportMixin

    HAS_CALLBACKS = True

    class CallbackSupportMixin(_CallbackSupportMixin):
        """scikit-learn's, which says what is wrong with what is no callback of scikit-learn's."""

        def set_callbacks(self, *callbacks: Any) -> Any:
            """Set scikit-learn's callbacks for the estimator; Keras' own go to the ``callbacks`` parameter.

            Parameters
            ----------
            *callbacks : callback instances
                The callbacks to set; none takes away those that are set.

            Returns
            -------
            self : estimator instance
                The estimator.
            """
            for callback in callbacks:
                sentence = _why_no_callback(callback)
                if sentence:
                    raise TypeError(f"set_callbacks of {type(self).__name__} {sentence}")
            return super().set_callbacks(*callbacks)

except ImportError:
    HAS_CALLBACKS = False

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in before scikit-learn 1.9: ``set_callbacks`` is simply absent."""


def _why_no_callback(callback: Any) -> str:
    if hasattr(callback, "on_epoch_end"):
        name = callback.__name__ if isinstance(callback, type) else type(callback).__name__
        return (
            f"takes scikit-learn's callbacks, but {name} is one of Keras': give it as the 'callbacks' parameter of the "
            "network."
        )
    if isinstance(callback, type):
        return f"takes callback objects, but {callback.__name__} is a class. Give {callback.__name__}(...)."
    if isinstance(callback, list | tuple):
        return "takes callbacks one by one: set_callbacks(*callbacks)."
    if not hasattr(callback, "on_fit_task_end"):
        return f"takes callbacks of scikit-learn, such as MedianPruner(...). Got {callback!r} instead."
    return ""


#: What scikit-learn's searches call the task of fitting and scoring a candidate in a fold.
EVALUATION_TASK = "candidate-split-evaluation"
#: And that of fitting the best on all rows.
REFIT_TASK = "refit-with-best-params"


class StrOptions(_StrOptions):
    """Names that a parameter may have, in alphabetical order: scikit-learn's own prints them as its set has them."""

    def __str__(self) -> str:
        return f"a str among {{{', '.join(map(repr, sorted(self.options)))}}}"


class Interval(_Interval):
    """Numbers that a parameter may be. True is none, though 1 to Python: who writes ``l2=True`` means a switch."""

    def is_satisfied_by(self, val: Any) -> bool:
        return not (isinstance(val, bool | np.bool_) and val) and super().is_satisfied_by(val)


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

    #: Parameter -> what to add to the sentence about a value, a sentence or nothing.
    _parameter_advice: dict[str, Callable[[Any], str]] = {}

    def _validate_params(self) -> None:
        try:
            super()._validate_params()  # type: ignore[misc]
        except InvalidParameterError as error:
            given = self.get_params(deep=False)  # type: ignore[attr-defined]
            said = _with_nearest(error, self._parameter_constraints, given)
            for name, advice in self._parameter_advice.items():
                if name in given and str(said).startswith(f"The {name!r} parameter of "):
                    said = InvalidParameterError(f"{said}{advice(given[name])}")
            raise said from None


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


def type_of_target(y: Any, **options: Any) -> str:
    """scikit-learn's, without the warning of NumPy's that numbers are no integers: it makes some, to see."""
    with np.errstate(invalid="ignore"):
        return _type_of_target(y, **options)


def check_classification_targets(y: Any) -> None:
    """Likewise."""
    with np.errstate(invalid="ignore"):
        _check_classification_targets(y)


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
    "REFIT_TASK",
    "CallbackSupportMixin",
    "HasMethods",
    "Hidden",
    "Interval",
    "InvalidParameterError",
    "NamesTheNearest",
    "ObjectWith",
    "Options",
    "StrOptions",
    "check_classification_targets",
    "check_sample_weight",
    "checks_parameters",
    "hand_over_callback_context",
    "has_callbacks",
    "open_callback_context",
    "output_config",
    "rows_at",
    "type_of_target",
    "validate_parameter_constraints",
]
