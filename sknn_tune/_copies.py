"""Copies of parameters that keep all that was given.

Problem: ``copy.deepcopy`` and ``pickle`` ask the objects of Keras for copies, and Keras makes them from
configurations that may lack what the user gave (see `_compat.keras_objects`). Choice: where an estimator is cloned,
copied or pickled, each object of Keras among its parameters is handed over within a `Kept`, which copies and pickles
as the parts of the object and comes back as the object itself. Not taken: other ``__reduce__`` methods for the classes
of Keras, or entries in ``copyreg``: both change what all other packages of the process do.

A model, or a layer, is shared by copies in a process: a fit works on a copy of its own and never changes it.

Callbacks are copied by a rule of their own, since people look into them. A copy shares with the original what the
callback was given, to report to it: a list, a file, a trial. What it has made for itself, it has for itself.
"""

from __future__ import annotations

import copy
import copyreg
import functools
import inspect
import io
import random
import types
import weakref
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from ._compat.keras_objects import (
    is_copied_by_its_class,
    is_of_keras,
    kind_of,
    parts_of,
    plain_list_or_dict,
)

#: Values with nothing of Keras in them, or that are never copied.
_PLAIN = (
    *(str, bytes, int, float, complex, type(None), type, np.ndarray, np.generic, io.IOBase),
    *(types.ModuleType, types.FunctionType, types.BuiltinFunctionType),
)

#: Packages whose objects hold nothing of a user's Keras objects, or copy and store themselves as they should.
_FOREIGN = frozenset(
    {*("sknn_tune", "sklearn", "numpy", "pandas", "polars", "scipy", "joblib", "optuna", "tensorflow", "logging")}
)

#: How deep an object of the user's is looked into.
_DEPTH = 8


class Kept:
    """Stands for an object where it is to be copied or pickled, and is the object again in what comes of it.

    Parameters
    ----------
    given : object
    """

    __slots__ = ("__weakref__", "given")

    def __init__(self, given: Any) -> None:
        self.given = given

    def __reduce__(self) -> tuple[Any, ...]:
        function, arguments, *more = _parts(self.given)
        return function, tuple(map(kept, arguments)), *map(kept, more)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            kind = kind_of(self.given)
            if kind == "layer":
                return self.given
            if kind == "callback":
                return _copied_callback(self, memo)
            memo[id(self)] = _made_again(*copy.deepcopy(self.__reduce__(), memo))
        return memo[id(self)]

    def __sklearn_clone__(self) -> Any:
        return copy.deepcopy(self)


#: One for each object at a time: where it stands twice in what is stored, it does so afterwards.
_KEPT: weakref.WeakValueDictionary[int, Kept] = weakref.WeakValueDictionary()


def kept(value: Any) -> Any:
    """The value with all objects of Keras in it ready to be copied or pickled; itself, if there are none."""
    if isinstance(value, _PLAIN):
        return value
    if _is_kept(value) or (not _is_container(value) and holds_keras_objects(value)):
        found = _KEPT.get(id(value))
        if found is None:
            found = _KEPT[id(value)] = Kept(value)
        return found
    value = plain_list_or_dict(value)
    if type(value) in (list, tuple, set):
        parts = [kept(part) for part in value]
        return value if _same(parts, value) else type(value)(parts)
    if type(value) is dict:
        changed = {name: kept(part) for name, part in value.items()}
        return value if _same(changed.values(), value.values()) else changed
    return value


def copy_of(value: Any) -> Any:
    """A copy that has all that the value has."""
    return copy.deepcopy(kept(value))


def made_again(value: Any) -> Any:
    """A copy of an object of Keras, also where copies share it: of a layer, or a model."""
    return _made_again(*copy.deepcopy(Kept(value).__reduce__()))


def holds_keras_objects(value: Any, depth: int = _DEPTH) -> bool:
    """Whether there are objects of Keras in a value: in its items, its attributes, its bound arguments."""
    return any(True for _ in keras_objects_in(value, depth))


def keras_objects_in(value: Any, depth: int = _DEPTH) -> Iterable[Any]:
    """Those that are copied as `Kept`."""
    if _is_kept(value):
        yield value
    elif depth and not isinstance(value, _PLAIN):
        for part in _inside(value):
            yield from keras_objects_in(part, depth - 1)


class StoredWithObjects:
    """A class whose objects may have objects of Keras among their attributes, and are stored with them."""

    def __getstate__(self) -> dict[str, Any]:
        return {name: kept(value) for name, value in vars(self).items()}

    def __copy__(self) -> Any:
        return with_attributes(self, {})


def with_attributes(value: Any, attributes: dict[str, Any]) -> Any:
    """A shallow copy, with some attributes replaced."""
    made = object.__new__(type(value))
    vars(made).update({**vars(value), **attributes})
    return made


def described(value: Any) -> Any:
    """Plain data that are the same for the same settings, also in the next process: to know a value again."""
    if isinstance(value, Kept):
        return described(value.given)
    if _is_kept(value) or (not _is_container(value) and holds_keras_objects(value)):
        _, arguments, *more = _parts(value)
        return _name(value), described(list(arguments)), described(more)
    if isinstance(value, functools.partial):
        return described([value.func, value.args, value.keywords])
    if is_dataclass(value) and not isinstance(value, type):
        return _name(value), {field.name: described(getattr(value, field.name)) for field in fields(value)}
    value = plain_list_or_dict(value)
    if type(value) is dict:
        return {name: described(part) for name, part in value.items()}
    return [described(part) for part in value] if type(value) in (list, tuple) else value


def _name(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _parts(value: Any) -> tuple[Any, ...]:
    if kind_of(value):
        return parts_of(value)
    function, *more = value.__reduce_ex__(4)
    # Which ``pickle`` takes only from an object of the class itself.
    return new if function is copyreg.__newobj__ else function, *more  # type: ignore[attr-defined]


def new(cls: Any, *arguments: Any) -> Any:
    """An object of the class whose attributes are still to come."""
    return cls.__new__(cls, *arguments)


def _is_kept(value: Any) -> bool:
    kind = kind_of(value)
    return kind is not None and not (kind != "callback" and is_copied_by_its_class(value))


def _is_container(value: Any) -> bool:
    return isinstance(value, list | tuple | dict | set)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if isinstance(value, functools.partial):
        return value.func, *value.args, *value.keywords.values()
    if isinstance(value, types.MethodType):
        return (value.__self__,)
    if type(value).__module__.partition(".")[0] in _FOREIGN or type(value).__reduce_ex__ is not object.__reduce_ex__:
        return ()
    return getattr(value, "__dict__", {}).values()


def _same(one: Iterable[Any], other: Iterable[Any]) -> bool:
    return all(left is right for left, right in zip(one, other, strict=True))


def _made_again(
    function: Callable[..., Any], arguments: tuple[Any, ...], state: Any = None, items: Any = None, pairs: Any = None
) -> Any:
    """What ``pickle`` would make of the parts."""
    made = function(*arguments)
    if state is not None:
        _set_state(made, state)
    for item in items or ():
        made.append(item)
    for key, value in pairs or ():
        made[key] = value
    return made


def _set_state(made: Any, state: Any) -> None:
    if hasattr(made, "__setstate__"):
        made.__setstate__(state)
        return
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    if kind_of(made) in ("metric", "optimizer"):  # they look at what is set
        slots, attributes = attributes, None
    made.__dict__.update(attributes or {})
    for name, value in (slots or {}).items():
        setattr(made, name, value)


# --- callbacks ------------------------------------------------------------------------------------------------


def _copied_callback(callback: Kept, memo: dict[int, Any]) -> Any:
    given = callback.given
    if hasattr(given, "__deepcopy__"):
        return copy.deepcopy(given, memo)
    function, arguments, state = parts_of(given)
    memo[id(callback)] = made = function(*arguments)
    if not isinstance(state, dict):
        _set_state(made, copy.deepcopy(state, memo))
        return made
    names = _names_of_arguments(type(given))
    for name, value in state.items():
        is_given = name.strip("_") in names
        made.__dict__[name] = value if _is_shared(value, is_given) else _copied_if_possible(value, memo)
    return made


def _names_of_arguments(cls: type) -> set[str]:
    """Those of its constructor and the constructors before it."""
    constructors = [vars(each)["__init__"] for each in cls.__mro__[:-1] if "__init__" in vars(each)]
    return {name for constructor in constructors for name in inspect.signature(constructor).parameters} - {"self"}


def _is_shared(value: Any, is_given: bool) -> bool:
    """Whether a copy of a callback has the same value, not a copy."""
    if isinstance(value, io.IOBase) or type(value).__module__.partition(".")[0] == "optuna":
        return True
    # Generators of random numbers would make a fit depend on those before it.
    return is_given and not isinstance(value, _GENERATORS) and not holds_keras_objects(value)


_GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)


def _copied_if_possible(value: Any, memo: dict[int, Any]) -> Any:
    """A lock, a connection and their like cannot be copied: these are shared."""
    try:
        return copy.deepcopy(kept(value), memo)
    except Exception:
        return value


def settings_of_callbacks(value: Any) -> Any:
    """The same for callbacks of Keras' own before and after a fit, which gives them other attributes."""
    if type(value) in (list, tuple):
        return [settings_of_callbacks(part) for part in value]
    if type(value) is dict:
        return {name: settings_of_callbacks(part) for name, part in value.items()}
    if kind_of(value) == "callback" and is_of_keras(value):
        names = sorted(_names_of_arguments(type(value)) & set(vars(value)))
        if set(inspect.signature(type(value)).parameters) <= {*names, "kwargs"}:
            return _name(value), {name: described(getattr(value, name)) for name in names}
    return described(value)
