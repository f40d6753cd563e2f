"""What a search is about, in texts that are the same in the next process: to know it again.

A stored search may go on only with what it began with, or scores that cannot be compared would stand in one
table. It does not hold what changes no score: ``n_jobs``, ``pre_dispatch``, ``verbose``, ``timeout``, a larger
``n_iter``, the sampler and its seed; nor the ``n_jobs``, ``verbose`` and ``memory`` of the estimator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import joblib
import numpy as np
from scipy import sparse

from ..._compat.scikit_learn_searches import listed_folds
from ..._copies import described, holds_keras_objects
from ...search_space.translations import as_space

#: Parameters of an estimator and of its parts that change no score.
_WITHOUT_EFFECT = frozenset({"n_jobs", "verbose", "memory"})
#: Names of facts about the data: those that a search was given, and those that its ``fit`` passes on.
_IS_DATA = re.compile(r"(X|y|(estimator\.fit|splitter\.split|scorer\.score)\..+)$")
#: Letters of a value in an error message, around the place where it differs.
_SHOWN = 120
#: Differences in an error message.
_LISTED = 5


def fingerprint(search: Any, cv: Any, X: Any, y: Any, metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts that decide about the scores of a search, by name.

    Parameters
    ----------
    search : BaseSearchCV
        With ``param_distributions``.
    cv : splitter
        Its folds: what `cv` stands for.
    X, y : array-like
        The data.
    metadata : mapping
        What else was given to ``fit``, by name: weights, groups, ...

    Returns
    -------
    facts : dict of str
        Texts; data as shape and hash.
    """
    return {
        "param_distributions": _space_text(search.param_distributions),
        "scoring": _text(search.scoring),
        "refit": f"by {search.refit}" if isinstance(search.refit, str) else "by the first metric",
        "cv": _folds_text(cv),
        "return_train_score": repr(search.return_train_score),
        "X": _data_text(X),
        "y": _data_text(y),
        **{name: _data_text(value) for name, value in metadata.items()},
        **_estimator_facts(search.estimator),
    }


def data_hash(facts: Mapping[str, str]) -> str:
    """Of all facts those about the data (rows, targets, and weights or groups of them), in one word."""
    return _hash(sorted((name, text) for name, text in facts.items() if _IS_DATA.match(name)))


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Say of each fact that is not the same what it was and what it is; of many, the first."""
    found = []
    for name in dict.fromkeys((*then, *now)):
        was, is_now = then.get(name, "absent"), now.get(name, "absent")
        if was != is_now:
            shorter_was, shorter_is = _around_difference(was, is_now)
            found.append(f"{name} was {shorter_was} and is {shorter_is} now")
    return found if len(found) <= _LISTED else [*found[:_LISTED], f"and {len(found) - _LISTED} more"]


def _estimator_facts(estimator: Any) -> dict[str, str]:
    """Its class and its parameters, and those of the estimators within it."""
    parameters = {
        name: value
        for name, value in estimator.get_params(deep=True).items()
        if name.rpartition("__")[2] not in _WITHOUT_EFFECT
    }
    return {
        "estimator": _text(type(estimator)),
        **{f"estimator.{name}": _text(_outline(value)) for name, value in parameters.items()},
    }


def _outline(value: Any) -> Any:
    """Estimators by their class, in lists of steps too: their parameters are listed under names of their own."""
    if _is_estimator(value):
        return type(value)
    if not isinstance(value, list | tuple):
        return value
    return [
        [part[0], type(part[1]), *part[2:]]
        if isinstance(part, list | tuple) and len(part) > 1 and isinstance(part[0], str) and _is_estimator(part[1])
        else part
        for part in value
    ]


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "get_params") and not isinstance(value, type)


def _space_text(space: Any) -> str:
    if isinstance(space, Mapping):
        return "{" + ", ".join(f"{name!r}: {_text(as_space(given))}" for name, given in space.items()) + "}"
    return "[" + ", ".join(_space_text(part) for part in space) + "]"


def _folds_text(cv: Any) -> str:
    folds = listed_folds(cv)
    return _text(cv) if folds is None else f"folds with the hash {_hash(folds)}"


def _text(value: Any) -> str:
    """Like ``repr``, but without what changes from process to process, and with all of an array."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return _data_text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(_text(part) for part in value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_text(part) for part in value) + "]"
    if _is_estimator(value):
        parameters = {name: part for name, part in value.get_params(deep=False).items() if name not in _WITHOUT_EFFECT}
        return _text(type(value)) + _text(parameters)
    if hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    if holds_keras_objects(value):
        return _text(described(value))
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(value))
    if text == repr(value):
        return text
    # A text that names only a place: the attributes tell it apart from others of its class.
    return text + _text(getattr(value, "__dict__", {}))


def _data_text(data: Any) -> str:
    """Shape and hash. The same values have the same, however they lie in memory."""
    if data is None:
        return "None"
    shape = getattr(data, "shape", None)
    return f"{'data' if shape is None else f'of shape {tuple(shape)}'} with the hash {_hash(_plain(data))}"


def _hash(value: Any) -> str:
    return joblib.hash(value)[:12]


def _plain(data: Any) -> Any:
    if isinstance(data, np.ndarray):
        return np.ascontiguousarray(data)
    if sparse.issparse(data):
        rows = data.tocsr()
        return rows.shape, rows.data, rows.indices, rows.indptr
    if hasattr(data, "columns"):  # a table: its pickle depends on how it came about
        return [(str(name), str(data[name].dtype), np.asarray(data[name])) for name in data.columns]
    if hasattr(data, "__array__"):  # a column of a table
        return np.asarray(data)
    return list(data) if isinstance(data, Sequence) and not isinstance(data, str) else data


def _around_difference(one: str, other: str) -> tuple[str, str]:
    """Both texts, of long ones the part where they begin to differ."""
    if max(len(one), len(other)) <= _SHOWN:
        return one, other
    pairs = enumerate(zip(one, other, strict=False))
    place = next((index for index, (left, right) in pairs if left != right), min(len(one), len(other)))
    start = max(0, place - _SHOWN // 3)
    return _cut(one, start), _cut(other, start)


def _cut(text: str, start: int) -> str:
    return ("…" if start else "") + text[start : start + _SHOWN] + ("…" if len(text) > start + _SHOWN else "")
