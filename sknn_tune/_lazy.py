"""Rooms whose names are loaded on first use (PEP 562), so that importing one loads none of the heavy packages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str], *, first: str | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` for the ``__init__`` of a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    homes : mapping of str to str
        Name -> the module in which it is, seen from the package: ``{"train": "._train"}``. A module itself is its
        own home: ``{"display": ".display"}``.
    first : str, default=None
        Module that is loaded before any of them: the one that says how a heavy package is to be loaded.
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if first is not None:
            import_module(first, package)
        module = import_module(homes[name], package)
        value = module if homes[name] == f".{name}" else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*homes, *(name for name in vars(sys.modules[package]) if not name.startswith("_"))})

    return load, names
