"""What a user's functions and classes do, in plain data: their code, and all that it looks at.

Problem: a result that is kept under the name of a function is the wrong one as soon as the function is another, be it
by a number that stands beside it in its module. Choice: the code of a function, with its defaults, and with what its
names mean: numbers, other functions, classes. What belongs to Python or to an installed package is known by its name:
such packages change with their versions, not while somebody works. Not taken: the text of the file, of which most
changes change nothing, and which a notebook does not have.
"""

from __future__ import annotations

import dis
import functools
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from ._copies import described

#: Packages that are known by their names wherever they lie.
_KNOWN = frozenset(
    {
        *("sknn_tune", "keras", "tensorflow", "numpy", "scipy", "sklearn", "numba", "joblib", "scikeras"),
        *("pandas", "polars", "optuna", "matplotlib", "jax", "torch"),
        *sys.stdlib_module_names,
    }
) - {"__main__"}

#: Under which of its attributes what wraps a function has it: of functools, Numba and TensorFlow.
_WRAPPED = ("__wrapped__", "py_func", "python_function")

#: How deep a value is looked into.
_DEPTH = 6

#: Values that nobody can write to.
_UNCHANGING = (str, bytes, int, float, complex, type(None))

#: Of a class, what Python made.
_MADE_BY_PYTHON = frozenset(
    {
        *("__dict__", "__weakref__", "__doc__", "__module__", "__annotations__", "__abstractmethods__", "_abc_impl"),
        *("__qualname__", "__firstlineno__", "__static_attributes__", "__parameters__", "__orig_bases__"),
    }
)


def code_in(value: Any, *, writes: bool = False) -> list[Any]:
    """Of each function and class of the user's in a value, also as the class of an object, what it does.

    ``writes`` if the functions report to what they look at, as callbacks do: then a list or another object that may
    change counts for nothing, and neither does a number that the code sets, or nothing would be known again.
    """
    reader = _Reader(writes)
    found = reader.found_in(value)
    return _Reader(writes, reader.written).found_in(value) if reader.written else found


class _Reader:
    """Reads each function, class and module once: they may name each other."""

    def __init__(self, writes: bool, leave_out: Set[str] = frozenset()) -> None:
        self._writes, self._leave_out = writes, leave_out
        self._read: set[int] = set()
        self.written: set[str] = set()

    def found_in(self, value: Any) -> list[Any]:
        return [fact for each in _functions_and_classes(value) for fact in self._fact(each)]

    def _is_new(self, found: Any) -> bool:
        is_new = id(found) not in self._read
        self._read.add(id(found))
        return is_new

    def _fact(self, found: Any) -> Iterator[Any]:
        if self._is_new(found):
            yield _name_of(found), self._of_class(found) if isinstance(found, type) else self._of_function(found)

    def _of_function(self, function: types.FunctionType) -> list[Any]:
        names = set(_names(function.__code__)) - self._leave_out
        if self._writes:
            self.written |= set(_set_by(function.__code__))
        looked_at = {name: function.__globals__[name] for name in sorted(names & set(function.__globals__))}
        closure = [_content(cell) for cell in function.__closure__ or ()]
        named = [*(function.__kwdefaults__ or {}).items(), *vars(function).items()]
        given = [function.__defaults__, tuple(closure), tuple(named)]
        return [_code(function.__code__), *map(self._of_value, given), self._of_names(looked_at, names)]

    def _of_names(self, looked_at: Mapping[str, Any], names: set[str]) -> list[Any]:
        """``names`` are those that are looked for in modules of the user's, too."""
        found: list[Any] = []
        for name, value in looked_at.items():
            if not isinstance(value, types.ModuleType):
                found.append((name, self._of_value(value)))
            elif not _is_known(value.__name__) and self._is_new(value):
                inside = {each: vars(value)[each] for each in sorted(names & set(vars(value)))}
                found.append((name, self._of_names(inside, names)))
        return found

    def _of_class(self, cls: type) -> list[Any]:
        own = {name: value for name, value in vars(cls).items() if name not in _MADE_BY_PYTHON | self._leave_out}
        return [(name, self._of_value(value)) for name, value in sorted(own.items())]

    def _of_value(self, value: Any) -> Any:
        """What it is, and what the functions and classes in it do."""
        if isinstance(value, dict) and not self._writes:
            return {name: self._of_value(part) for name, part in value.items()}
        if isinstance(value, tuple) or (isinstance(value, list) and not self._writes):
            return [self._of_value(part) for part in value]
        facts, parts = self.found_in(value), _parts(value)
        if parts is not None:
            return facts, [self._of_value(part) for part in parts]
        if isinstance(value, type | types.FunctionType):
            return facts, _name_of(value)
        return facts, None if self._writes and not isinstance(value, _UNCHANGING) else described(value)


def _functions_and_classes(value: Any, depth: int = 0, seen: dict[int, Any] | None = None) -> Iterator[Any]:
    """Those of the user's: the value itself, its class and those that it comes from, and those in it."""
    seen = {} if seen is None else seen
    if isinstance(value, type):
        yield from (cls for cls in value.__mro__ if not _is_known(cls.__module__))
    elif isinstance(value, types.FunctionType):
        yield from () if _is_known(value.__module__) else (value,)
    elif depth < _DEPTH and id(value) not in seen:
        seen[id(value)] = value
        if not isinstance(value, dict | list | tuple):
            yield from _functions_and_classes(type(value))
        for part in _inside(value):
            yield from _functions_and_classes(part, depth + 1, seen)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list | tuple | set | frozenset):
        return value
    parts = _parts(value)
    if parts is not None:
        return parts
    package = type(value).__module__.partition(".")[0]
    is_looked_into = not _is_known(package) or package == "keras" or is_dataclass(value)
    return list(getattr(value, "__dict__", {}).values()) if is_looked_into else ()


def _parts(value: Any) -> list[Any] | None:
    """Of what stands for a function or hands over arguments: these; None if it is something else."""
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, types.MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, property):
        return [value.fget, value.fset]
    if isinstance(value, staticmethod | classmethod):
        return [value.__func__]
    if not isinstance(value, type) and callable(value):
        wrapped = next((getattr(value, name) for name in _WRAPPED if hasattr(value, name)), None)
        return None if wrapped is None else [wrapped]
    return None


@functools.cache
def _is_known(module: str | None) -> bool:
    """Whether what a module holds is known by its name: it belongs to Python, or to a package that is installed."""
    if (module or "").partition(".")[0] in _KNOWN:
        return True
    file = getattr(sys.modules.get(module or ""), "__file__", None) or ""
    return not {"site-packages", "dist-packages"}.isdisjoint(Path(file).parts)


def _name_of(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet there
        return None


def _code(code: types.CodeType) -> list[Any]:
    constants = [
        _code(each)
        if isinstance(each, types.CodeType)
        else sorted(map(repr, each))
        if isinstance(each, frozenset)
        else each
        for each in code.co_consts
    ]
    return [code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars]


def _set_by(code: types.CodeType) -> Iterator[str]:
    """Names of the module, and attributes of whatever it be, that code sets."""
    yield from (each.argval for each in dis.get_instructions(code) if each.opname in ("STORE_ATTR", "STORE_GLOBAL"))
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _set_by(each)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _names(each)
