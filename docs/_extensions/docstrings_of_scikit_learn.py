"""Docstrings inherited from scikit-learn refer to pages of its own documentation, which are not here."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r":(?:ref|term):`([^`<]+?)(?:\s*<[^`]*>)?`")
#: Metadata routing, the same for every estimator of scikit-learn.
_ROUTING = re.compile(r"set_\w+_request|get_metadata_routing")


def without_references(line: str) -> str:
    """Keep the words of a reference and drop where it leads."""
    return _REFERENCE.sub(r"*\1*", line)


def _drop_references(app, what, name, obj, options, lines: list[str]) -> None:
    lines[:] = [without_references(line) for line in lines]


def _skip_routing(app, what, name: str, obj, skip: bool, options) -> bool | None:
    return True if _ROUTING.fullmatch(name) else None


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _drop_references)
    app.connect("autodoc-skip-member", _skip_routing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
