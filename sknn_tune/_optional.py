"""Import an optional package, or say what to install."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ._min_dependencies import DEPENDENCIES


def import_optional(module: str, *, purpose: str) -> ModuleType:
    """Return ``module``, or raise an ImportError that names the package to install, or what it lacks itself."""
    package = module.split(".")[0]
    try:
        return import_module(module)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and (error.name or package).split(".")[0] == package:
            raise ImportError(
                f"{purpose} needs the package '{package}', which is not installed. Install it with: "
                f"pip install '{requirement(package)}'"
            ) from error
        raise ImportError(
            f"{purpose} needs the package '{package}', which is installed but cannot be imported: {error}. Install it "
            f"anew with: pip install --force-reinstall '{requirement(package)}'"
        ) from error


def requirement(package: str) -> str:
    """The package as pip reads it, with the versions that work."""
    dependency = DEPENDENCIES[package]
    return f"{package}>={dependency.minimum}" + (f",<{dependency.below}" if dependency.below else "")
