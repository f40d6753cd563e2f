"""Arguments of one call, as in Keras and SciKeras: ``fit(X, y, epochs=3)``, ``predict(X, batch_size=2)``.

They are parameters of the estimator, or arguments that it hands on, for that call only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._compat.scikit_learn import validate_parameter_constraints
from .._nearest import did_you_mean
from ._routing import all_defaults

#: Parameters of the estimator by the names that they have in `keras.Model.fit`.
_OF_FIT = ("batch_size", "epochs", "verbose", "callbacks", "validation_split", "shuffle", "class_weight")

#: Handed on to it as they are.
_HANDED_ON = ("validation_batch_size", "validation_freq", "validation_steps")

#: Arguments of `keras.Model.predict`.
_OF_PREDICT = ("batch_size", "verbose", "steps", "callbacks")


def take_arguments(estimator: Any, given: Mapping[str, Any], *, also: str = "") -> None:
    """Set what ``fit`` was given on its copy of the estimator; ``also`` are further names that it takes."""
    parameters = {_parameter(estimator, name, also): value for name, value in given.items()}
    if parameters.get("verbose") == "auto":  # Keras' word
        parameters["verbose"] = 1
    validate_parameter_constraints(estimator._parameter_constraints, parameters, caller_name=type(estimator).__name__)
    known = vars(estimator)
    for name in parameters:  # `fit__epochs` would win against `epochs`, but what this call says wins against both
        known.pop(f"fit__{name}", None)
    known.update(parameters)


def _parameter(estimator: Any, name: str, also: str) -> str:
    if name in _OF_FIT and name in all_defaults(estimator):
        return name
    if name in _HANDED_ON:
        return f"fit__{name}"
    known = [each for each in _OF_FIT if each in all_defaults(estimator)]
    hint = did_you_mean(name, (*known, *_HANDED_ON, "sample_weight", "validation_data", "groups"))
    raise TypeError(
        f"{type(estimator).__name__}.fit() got an unexpected keyword argument {name!r}. Besides X, y and what belongs "
        f"to them, it takes for one call: {', '.join((*known, *_HANDED_ON))}{also}{hint}."
    )


def one_epoch_only(given: Mapping[str, Any]) -> None:
    """Refuse to be told the epochs where there is always one."""
    for name in ("epochs", "initial_epoch"):
        if name in given:
            raise TypeError(
                f"Invalid argument {name!r} of partial_fit, which always goes on for one epoch. Call fit for several, "
                "with warm_start=True to go on."
            )


def validation_rows(given: Any, X_val: Any) -> tuple[Any, ...]:
    """``X_val``, ``y_val`` and their weights of Keras' ``validation_data``."""
    if X_val is not None:
        raise ValueError("validation_data and X_val are the same rows. Give one of them.")
    if not isinstance(given, tuple | list):
        return (given, None, None)  # a dataset, which brings its targets
    if len(given) not in (2, 3):
        raise ValueError(
            f"validation_data must be (X_val, y_val) or (X_val, y_val, sample_weight_val), but has {len(given)} parts."
        )
    return (*given, None)[:3]


def check_predict_arguments(estimator: str, given: Mapping[str, Any]) -> None:
    """Refuse what `keras.Model.predict` has not."""
    for name in given:
        if name not in _OF_PREDICT:
            raise TypeError(
                f"{estimator}.predict() got an unexpected keyword argument {name!r}"
                f"{did_you_mean(name, _OF_PREDICT)}. Besides X it takes: "
                f"{', '.join(_OF_PREDICT)}."
            )
