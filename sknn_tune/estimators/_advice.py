"""What was probably meant by a value that a parameter cannot have: a sentence behind that which refuses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def _of_learning_rate(given: Any) -> str:
    if hasattr(given, "get_config") or isinstance(given, type):
        return " Give a schedule as 'learning_rate_schedule', as an object with its own initial rate."
    return " Give a function of the epoch as callbacks=keras.callbacks.LearningRateScheduler(...)." * callable(given)


def _of_schedule(given: Any) -> str:
    return " Give an object of this class." * isinstance(given, type)


def _of_validation_split(given: Any) -> str:
    if isinstance(given, list | tuple | Iterator):
        return (
            " For rows that are known beforehand give sklearn.model_selection.PredefinedSplit, with 0 for each row to "
            "hold out and -1 for each to train on; or give them to fit, as X_val and y_val."
        )
    return " A number of folds is that of a search: for one in five give 0.2, or KFold(5)." * isinstance(given, int)


def _of_dtype(given: Any) -> str:
    name = given.__name__ if isinstance(given, type) else getattr(given, "name", "")
    return f" Give its name, dtype={name!r}." * (name in ("float32", "float64"))


def _of_model(given: Any) -> str:
    return " ``model`` must be a function that returns a Keras model, or a Keras model, or None for a network of ours."


def _of_optimizer(given: Any) -> str:
    if given is None:
        return " You must provide an optimizer, such as 'adam'."
    return ""


#: Parameter -> what is said of a value.
ADVICE: dict[str, Callable[[Any], str]] = {
    "dtype": _of_dtype,
    "learning_rate": _of_learning_rate,
    "learning_rate_schedule": _of_schedule,
    "model": _of_model,
    "optimizer": _of_optimizer,
    "validation_split": _of_validation_split,
}
