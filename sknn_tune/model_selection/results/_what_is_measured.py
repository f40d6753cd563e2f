"""Whether losses of several fits can be compared: numbers of one loss say nothing about those of another.

What a loss measures is read from the parameters of an estimator, by their names, so it works for any estimator whose
parameters have the usual ones. What a ``model`` function compiles by itself cannot be read.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from functools import partial
from numbers import Number
from typing import Any

import joblib

from ...specs import LOSS_ALIASES, canonical_name, comparable_name

#: Parts of the names of parameters, between double underscores, on which depends what a loss measures.
_DECIDING = frozenset({"loss", "loss_weights", "class_weight", "label_smoothing"})

#: Objects within objects that are looked into; some have themselves as a part.
_DEEPEST = 6


def is_loss(monitor: str) -> bool:
    """Whether a recorded number is the loss, of any rows or of any output, rather than a metric."""
    return comparable_name((), monitor) in ("loss", "val_loss") or monitor.endswith("_loss")


def decides_what_a_loss_measures(parameter: str) -> bool:
    """Whether a parameter does, by its name: ``"network__loss__delta"`` does."""
    return not _DECIDING.isdisjoint(parameter.split("__"))


def what_is_measured(estimator: Any) -> dict[str, str]:
    """The parameters of ``estimator`` that decide what its loss measures, in texts that are the same in any process."""
    parameters = estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}
    found = {name: value for name, value in parameters.items() if decides_what_a_loss_measures(name)}
    return {name: _text(_known_as(name, value)) for name, value in sorted(found.items())}


def differing(measured: Iterable[Mapping[str, str]]) -> list[str]:
    """The parameters in which these differ."""
    values: dict[str, set[str | None]] = {}
    known = list(measured)
    for name in sorted({name for each in known for name in each}):
        values[name] = {each.get(name) for each in known}
    return [name for name, texts in values.items() if len(texts) > 1]


def _known_as(name: str, value: Any) -> Any:
    """A loss by its one name, where it has several, or Keras has a class and a function for it."""
    if name != "loss":
        return value
    is_of_keras = str(getattr(value, "__module__", "")).startswith("keras.") and hasattr(value, "__name__")
    called = value.__name__ if is_of_keras else value
    return canonical_name(called, LOSS_ALIASES) if isinstance(called, str) else value


def _text(value: Any, depth: int = 0) -> str:
    if depth > _DEEPEST:
        return type(value).__qualname__
    if value is None or isinstance(value, str | bool):
        return repr(value)
    if isinstance(value, Number):
        return repr(float(value)) if not isinstance(value, complex) else repr(value)  # type: ignore[arg-type]
    if isinstance(value, Mapping):
        return "{" + ", ".join(sorted(f"{_text(k, depth + 1)}: {_text(v, depth + 1)}" for k, v in value.items())) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_text(part, depth + 1) for part in value) + "]"
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, partial):
        return _text((value.func, value.args, value.keywords), depth + 1)
    if inspect.isfunction(value) or inspect.ismethod(value):
        return _text_of_function(value, depth)
    return _text_of_object(value, depth)


def _text_of_function(function: Any, depth: int) -> str:
    """With what it closes over: two that one function has made are two."""
    plain = getattr(function, "__func__", function)
    code = plain.__code__
    inside = [_content(cell) for cell in plain.__closure__ or ()]
    parts = [getattr(function, "__self__", None), inside, plain.__defaults__, plain.__kwdefaults__]
    body = joblib.hash((code.co_code, [part for part in code.co_consts if not inspect.iscode(part)], code.co_names))
    return f"{plain.__module__}.{plain.__qualname__} {body} {_text(parts, depth + 1)}"


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _text_of_object(value: Any, depth: int) -> str:
    """What it is and what it was made of; its configuration alone may lack some of that."""
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if hasattr(value, "tolist"):
        return name + _text(value.tolist(), depth + 1)
    try:
        configuration = value.get_config()
    except Exception:  # there is none, or it is the user's own and fails
        configuration = None
    own = {key: part for key, part in getattr(value, "__dict__", {}).items() if key != "name"}
    if configuration is None and not own:
        return name + re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))
    return name + _text([configuration, own], depth + 1)
