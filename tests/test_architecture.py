"""The house rules of docs/design.md: which file may import which, and what may be loaded when.

The rules are functions from a graph of imports to a list of offences. Each is shown twice: the
package has no offence, and a small package that breaks the rule has one.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import sknn_tune
from sknn_tune._min_dependencies import DEPENDENCIES, REQUIRED

PACKAGE = "sknn_tune"

#: A room may import from lower levels only. Files beside the rooms are rooms of one file.
LEVELS = {
    "_version": 0,
    "_min_dependencies": 0,
    "exceptions": 0,
    "_compat": 0,
    "_documentation": 0,
    "_optional": 0,
    "_lazy": 0,
    "_forks": 0,
    "_held_back": 0,
    "_accepted": 0,
    "_code": 0,
    "_copies": 0,
    "_breakable": 0,
    "_nearest": 0,
    "_temporary_memory": 0,
    "tables": 0,
    "specs": 1,
    "search_space": 1,
    "preprocessing": 1,
    "engine": 2,
    "estimators": 3,
    "model_selection": 3,
    "inspection": 3,
    "display": 4,
    "export": 4,
    "": 5,  # the package's own __init__
}

#: Packages that cost seconds to load: only the engine may.
HEAVY = {"tensorflow", "keras", "scikeras"}
#: Import name -> name on the package index, where they differ.
DISTRIBUTIONS = {"sklearn": "scikit-learn"}


@dataclass(frozen=True)
class Import:
    """``source`` imports ``target``, both by full name, and of it ``name``, if it names anything.

    ``optional`` if ``source`` can do without.
    """

    source: str
    target: str
    name: str | None = None
    optional: bool = False

    @property
    def distribution(self) -> str:
        """What has to be installed for it."""
        package = self.target.split(".")[0]
        return DISTRIBUTIONS.get(package, package)


def read_package(folder: Path) -> dict[str, str]:
    """Source code by module name; the ``__init__`` of a folder keeps that name as its last part."""
    sources = {}
    for path in sorted(folder.rglob("*.py")):
        parts = [PACKAGE, *path.relative_to(folder).with_suffix("").parts]
        sources[".".join(parts)] = path.read_text(encoding="utf-8")
    return sources


@cache
def _nodes(source: str) -> list[ast.AST]:
    """Each file is looked at by several rules."""
    return list(ast.walk(ast.parse(source)))


def imports_of(module: str, sources: dict[str, str]) -> Iterator[Import]:
    """What one module imports, also in functions and for types only, down to the module a ``from`` import reaches."""
    for node in _nodes(sources[module]):
        if isinstance(node, ast.Import):
            yield from (Import(module, _as_file(alias.name, sources)) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One dot is the folder of the file: drop as many parts as there are dots.
            base = ".".join(module.split(".")[: -node.level]) if node.level else ""
            origin = ".".join(part for part in (base, node.module) if part)
            for alias in node.names:
                target = _as_file(f"{origin}.{alias.name}", sources, or_else=origin)
                yield Import(module, target, alias.name)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rsplit(".")[-1]
            constant = node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value
            if called in {"import_module", "__import__", "import_optional"} and isinstance(constant, str):
                yield Import(module, constant, optional=called == "import_optional")


def _as_file(name: str, sources: dict[str, str], or_else: str | None = None) -> str:
    """The module file behind an imported name: itself, a package's ``__init__``, or where it is from."""
    if name in sources:
        return name
    if f"{name}.__init__" in sources:
        return f"{name}.__init__"
    return name if or_else is None else _as_file(or_else, sources)


def room_of(module: str) -> str:
    """``sknn_tune.specs._network`` is in ``specs``; the package's own ``__init__`` is in ``""``."""
    room = module.split(".")[1]
    return "" if room == "__init__" else room


def folder_of(module: str) -> tuple[str, ...]:
    """The folder in which the file of a module is."""
    return tuple(module.split(".")[:-1])


def _inner_imports(sources: dict[str, str]) -> list[Import]:
    return [
        found
        for module in sources
        for found in imports_of(module, sources)
        if found.target.split(".")[0] == PACKAGE and found.target != module
    ]


def upward_or_sideways(sources: dict[str, str]) -> list[Import]:
    return [
        found
        for found in _inner_imports(sources)
        if room_of(found.source) != room_of(found.target)
        and LEVELS[room_of(found.target)] >= LEVELS[room_of(found.source)]
        and not LEVELS[room_of(found.source)] == LEVELS[room_of(found.target)] == 0
    ]


def own_room_through_its_door(sources: dict[str, str]) -> list[Import]:
    return [
        found
        for found in _inner_imports(sources)
        if found.target == ".".join((*folder_of(found.source), "__init__")) and found.target != f"{PACKAGE}.__init__"
    ]


def past_a_door(sources: dict[str, str]) -> list[Import]:
    """What is taken from another room, or from a folder of one, must be listed in an ``__init__`` there.

    A folder may take from the files of the folder that it is in: it is a part of that room.
    """
    offences = []
    for found in _inner_imports(sources):
        here, there = folder_of(found.source), folder_of(found.target)
        if here[: len(there)] == there or room_of(found.target) == "_compat":  # whose files are its doors
            continue
        is_door = found.target.endswith(".__init__")
        is_the_room = is_door and found.name in (None, found.target.split(".")[-2])
        if not is_door or not (is_the_room or found.name in _listed(sources[found.target])):
            offences.append(found)
    return offences


def _listed(source: str) -> set[str]:
    """What an ``__init__`` has in ``__all__``."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def cycles(sources: dict[str, str]) -> list[list[str]]:
    """Ways from a module back to itself, found by walking depth first, be it in a function or for types only."""
    targets: dict[str, list[str]] = {module: [] for module in sources}
    for found in _inner_imports(sources):
        if found.target in targets:
            targets[found.source].append(found.target)
    found_cycles, finished = [], set()

    def walk(module: str, way: list[str]) -> None:
        if module in way:
            found_cycles.append([*way[way.index(module) :], module])
        elif module not in finished:
            for target in targets[module]:
                walk(target, [*way, module])
            finished.add(module)

    for module in sources:
        walk(module, [])
    return found_cycles


def heavy_outside_engine(sources: dict[str, str]) -> list[Import]:
    """Heavy packages, and the files of ``_compat`` that load them, are for the engine."""
    own = {f"{PACKAGE}._compat.{package}" for package in HEAVY}
    return [
        found
        for module in sources
        for found in imports_of(module, sources)
        if (found.target.split(".")[0] in HEAVY or found.target in own)
        and room_of(module) != "engine"
        and module not in own
    ]


def undeclared(sources: dict[str, str]) -> list[Import]:
    """Imports of packages that `_min_dependencies` does not name, or names only in an extra."""
    required = {name for name, dependency in DEPENDENCIES.items() if REQUIRED in dependency.needed_by}
    return [
        found
        for module in sources
        for found in imports_of(module, sources)
        if found.distribution not in sys.stdlib_module_names | {PACKAGE} | required
        if not (found.optional and found.distribution in DEPENDENCIES)
    ]


def private_names_of_others(sources: dict[str, str]) -> list[tuple[str, str]]:
    """Modules and attributes of other packages that begin with an underscore, or are known to be private.

    They stand in ``_compat``, one file for each package, and nowhere else. An attribute counts as ours if the package
    defines anything of that name.
    """
    ours = {name for source in sources.values() for name in _private_definitions(source)}
    offences = []
    for module, source in sources.items():
        if room_of(module) == "_compat":
            continue
        for found in imports_of(module, sources):
            if found.target.split(".")[0] == PACKAGE:
                continue
            parts = [*found.target.split("."), *([] if found.name is None else [found.name])]
            if any(_is_private(part) for part in parts) or found.target.startswith(PRIVATE_MODULES):
                offences.append((module, ".".join(parts)))
        offences += [(module, name) for name in _private_uses(source) if name not in ours]
    return offences


#: Modules that are private by what their packages say, though not by their names.
PRIVATE_MODULES = ("keras.src", "tensorflow.python")


def _is_private(name: str) -> bool:
    named_tuple = ("_replace", "_fields", "_asdict")  # public, with an underscore so that fields may have any name
    return name.startswith("_") and not name.startswith("__") and name not in ("_", *named_tuple)


def _private_definitions(source: str) -> Iterator[str]:
    for node in _nodes(source):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if ast.unparse(node.value) in ("self", "cls"):
                yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _private_uses(source: str) -> Iterator[str]:
    for node in _nodes(source):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr", "setattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant) and _is_private(name.value):
                yield name.value


RULES = [
    upward_or_sideways,
    own_room_through_its_door,
    past_a_door,
    cycles,
    heavy_outside_engine,
    undeclared,
    private_names_of_others,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_package_follows(rule):
    assert rule(read_package(Path(sknn_tune.__file__).parent)) == []


BROKEN = [
    (upward_or_sideways, {"specs._a": "from ..engine import train"}),
    (upward_or_sideways, {"engine._a": "def f():\n    from sknn_tune.estimators._base import x"}),
    (upward_or_sideways, {"specs._a": "from ..search_space import uniform"}),
    (upward_or_sideways, {"_compat.joblib": "from ..specs import NetworkSpec"}),
    (own_room_through_its_door, {"specs._a": "from . import b", "specs.__init__": "b = 1"}),
    (own_room_through_its_door, {"specs._a": "from ..specs import b", "specs.__init__": "b = 1"}),
    (past_a_door, {"engine._a": "from ..specs._b import b", "specs._b": "b = 1"}),
    (past_a_door, {"engine._a": "from ..specs import b", "specs.__init__": "from ._b import b", "specs._b": "b = 1"}),
    (past_a_door, {"engine._a": "from .loop._b import b", "engine.loop._b": "b = 1"}),
    (past_a_door, {"engine.machine._a": "from ..loop._b import b", "engine.loop._b": "b = 1"}),
    (cycles, {"specs._a": "from ._b import b", "specs._b": "from . import _a"}),
    (cycles, {"specs._a": "from ._b import b", "specs._b": "from ._c import c", "specs._c": "from ._a import a"}),
    (cycles, {"specs._a": "def f():\n    from ._b import b", "specs._b": "from ._a import a"}),
    (cycles, {"specs._a": "if TYPE_CHECKING:\n    from ._b import b", "specs._b": "from ._a import a"}),
    (heavy_outside_engine, {"estimators._a": "def f():\n    import keras.layers"}),
    (heavy_outside_engine, {"estimators._a": "from tensorflow.python import eager"}),
    (heavy_outside_engine, {"_optional": "from importlib import import_module\nimport_module('scikeras.wrappers')"}),
    (heavy_outside_engine, {"estimators._a": "from .._compat.keras import x", "_compat.keras": "import keras"}),
    (undeclared, {"engine._a": "import requests"}),
    (undeclared, {"estimators._a": "import pandas as pd"}),
    (private_names_of_others, {"engine._a": "from keras.src import backend"}),
    (private_names_of_others, {"estimators._a": "from sklearn.utils._param_validation import Interval"}),
    (private_names_of_others, {"estimators._a": "from sklearn.base import _fit_context"}),
    (private_names_of_others, {"engine._a": "def f(model):\n    return model._layers"}),
    (private_names_of_others, {"engine._a": "def f(model):\n    return getattr(model, '_layers', [])"}),
]


@pytest.mark.parametrize(("rule", "broken"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_rule_notices(rule, broken):
    assert rule({f"{PACKAGE}.{module}": source for module, source in broken.items()}) != []


ALLOWED = {
    "specs.__init__": "from ._a import a\n__all__ = ['a']",
    "specs._a": "from ._b import a",
    "specs._b": "import numpy as np\nfrom ..exceptions import Error",
    "exceptions": "class Error(Exception): ...",
    "engine.__init__": "from ._c import c\n__all__ = ['c']",
    "engine._c": "import keras\nfrom ..specs import a\nfrom .loop import d\nc = a",
    "engine.loop.__init__": "from ._d import d\n__all__ = ['d']",
    "engine.loop._d": "from .._rows import rows\nfrom ..._compat.keras import inside\nd = inside(rows)",
    "engine._rows": "class Rows:\n    def __init__(self):\n        self._kept = 1\ndef rows(r):\n    return r._kept",
    "_compat.keras": "def inside(model):\n    return model._layers",
    "estimators._d": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..engine import c",
    "display._e": "from .._optional import import_optional\nimport_optional('matplotlib.pyplot')",
    "_optional": "import_optional = None",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_lets_pass(rule):
    assert rule({f"{PACKAGE}.{module}": source for module, source in ALLOWED.items()}) == []


def test_every_file_has_a_level():
    assert {room_of(module) for module in read_package(Path(sknn_tune.__file__).parent)} <= set(LEVELS)


LAZINESS = """
import sys

def loaded():
    return {"tensorflow", "keras", "scikeras", "optuna", "matplotlib"} & set(sys.modules)

import sknn_tune
assert not loaded(), f"import: {loaded()}"
from sklearn.base import clone
for name in ("KerasClassifier", "KerasRegressor"):
    estimator = getattr(sknn_tune, name)(hidden_layer_sizes=(8, 4), activation="selu", optimizer="sgd")
    assert not loaded(), f"{name}(...): {loaded()}"
    estimator.set_params(learning_rate=0.1, dropout=0.2)
    assert estimator.get_params()["learning_rate"] == 0.1
    assert not loaded(), f"get_params, set_params: {loaded()}"
    assert "0.1" in repr(clone(estimator))
    assert not loaded(), f"clone, repr: {loaded()}"
    assert name in estimator._repr_html_()
    assert not loaded(), f"_repr_html_: {loaded()}"
"""


def test_nothing_heavy_is_loaded_before_fit():
    result = subprocess.run([sys.executable, "-c", LAZINESS], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
