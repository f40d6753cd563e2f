"""Beside a page of the reference stand all names, room by room as on ``api.md``, and not in one long list."""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import toctree

_PAGE = "api"


def rooms(env) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Of each room: its heading, the anchor of it, and the pages of its names with the names."""
    found = []
    document = env.get_doctree(_PAGE)
    for section in document.findall(nodes.section):
        pages = [page for tree in section.findall(toctree) for _, page in tree["entries"]]
        if isinstance(section.parent, nodes.section) and pages:
            names = [(page, page.rsplit(".", 1)[-1]) for page in pages]
            found.append((section[0].astext(), section["ids"][0], names))
    return found


def _add_rooms(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    if pagename == _PAGE or pagename.startswith("generated/"):
        if not hasattr(app, "rooms_of_reference"):
            app.rooms_of_reference = rooms(app.env)
        context["rooms"] = app.rooms_of_reference


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("html-page-context", _add_rooms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
