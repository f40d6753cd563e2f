"""Names of scikit-learn lead to its pages: their inventory is made of the scikit-learn that is installed.

Problem: Sphinx asks each project's site for its inventory, and the build needs no network. Choice: scikit-learn's pages
are named after its public names, so the inventory can be written from these. A copy in the repository would say the
same, and grow old.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from importlib import import_module
from inspect import isclass
from pathlib import Path
from pkgutil import iter_modules

SITE = "https://scikit-learn.org/stable/"
#: Public, but without a page of their own.
_WITHOUT_PAGE = {
    "sklearn.conftest",
    "sklearn.experimental",
    "sklearn.externals",
    "sklearn.tests",
}


def public_names() -> Iterator[tuple[str, str]]:
    """Full name of each public class and function, and which of both it is."""
    import_module(
        "sklearn.experimental.enable_halving_search_cv"
    )  # else their names raise an error
    import_module("sklearn.experimental.enable_iterative_imputer")
    sklearn = import_module("sklearn")
    found = [module.name for module in iter_modules(sklearn.__path__, "sklearn.")]
    for module_name in sorted(
        name for name in found if name not in _WITHOUT_PAGE and "._" not in name
    ):
        module = import_module(module_name)
        for name in getattr(module, "__all__", None) or vars(module):
            value = getattr(module, name, None)
            its_own = getattr(value, "__module__", "").startswith(module_name)
            if callable(value) and its_own and not name.startswith("_"):
                yield f"{module_name}.{name}", "class" if isclass(value) else "function"


def inventory() -> bytes:
    """Return what ``objects.inv`` of scikit-learn's site has for its classes and functions."""
    head = "# Sphinx inventory version 2\n# Project: scikit-learn\n# Version: stable\n"
    head += "# The remainder of this file is compressed using zlib.\n"
    lines = [
        f"{name} py:{kind} 1 modules/generated/{name}.html#$ -\n"
        for name, kind in public_names()
    ]
    return head.encode() + zlib.compress("".join(lines).encode())


def _write_inventory(app, config) -> None:
    file = Path(app.srcdir) / "_build" / "scikit-learn.inv"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(inventory())
    config.intersphinx_mapping["sklearn"] = (SITE, str(file))


def setup(app) -> dict:
    """Called by Sphinx."""
    app.setup_extension("sphinx.ext.intersphinx")
    app.connect(
        "config-inited", _write_inventory, priority=100
    )  # before intersphinx reads what is to be loaded
    return {"parallel_read_safe": True, "parallel_write_safe": True}
