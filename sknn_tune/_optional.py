"""Import a package that may be missing, or say what to install.

It is named as it is found on the package index, with the versions that work: ``pip install 'sknn_tune[plot]'`` would
find nothing where this package was installed from a checkout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from ._min_dependencies import DEPENDENCIES

#: What needs TensorFlow, Keras and SciKeras, for a message that one of them is missing.
WHAT_KERAS_DOES = "All but the training of dense networks by machine code"


def import_optional(module: str, *, purpose: str) -> ModuleType:
    """Return ``module``, or raise an ImportError that names the package to install, or what it lacks itself."""
    with saying_what_to_install(module.split(".")[0], purpose=purpose):
        return import_module(module)


@contextmanager
def saying_what_to_install(package: str, *, purpose: str) -> Iterator[None]:
    """Within, ``package`` is imported; if it cannot be, the error says what to do."""
    try:
        yield
    except ImportError as error:
        missing = (error.name or "").split(".")[0] if isinstance(error, ModuleNotFoundError) else ""
        if missing in DEPENDENCIES:
            raise ImportError(
                f"{purpose} needs the package '{missing}', which is not installed. Install it with: "
                f"pip install '{requirement(missing)}'"
            ) from error
        raise ImportError(
            f"{purpose} needs the package '{package}', which is installed but cannot be imported: {error}. Install it "
            f"anew with: pip install --force-reinstall '{requirement(package)}'"
        ) from error


def requirement(package: str) -> str:
    """The package as pip reads it, with the versions that work."""
    dependency = DEPENDENCIES[package]
    return f"{package}>={dependency.minimum}" + (f",<{dependency.below}" if dependency.below else "")
