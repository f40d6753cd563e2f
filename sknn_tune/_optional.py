"""Import an optional package, or say what to install."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def import_optional(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Return ``module``, or raise an ImportError that names the extra that brings it."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.split(".")[0]
        raise ImportError(
            f"{purpose} needs the package '{package}', which is not installed. "
            f"Install it with: pip install 'sknn_tune[{extra}]'"
        ) from error
