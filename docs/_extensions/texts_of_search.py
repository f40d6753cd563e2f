"""The search shows where its words stand in a page, also where pages are opened as files.

Problem: Sphinx's own search fetches each page that it found, which browsers do not allow to pages that are opened as
files. Choice: the texts come with the pages, as a script that is loaded when someone searches.
"""

from __future__ import annotations

import json
from pathlib import Path

from docutils import nodes

#: Characters of a page; what comes later is found all the same, and shown without its surroundings.
_LENGTH = 40_000


def text_of(document: nodes.document) -> str:
    """Text of a page without what is not read: comments, raw HTML, the title that the result shows anyway."""
    parts = [
        " ".join(node.astext().split())
        for node in document.findall(nodes.TextElement)
        if not isinstance(node, nodes.title | nodes.comment | nodes.raw | nodes.Inline)
        and not isinstance(node.parent, nodes.TextElement)
    ]
    return " · ".join(part for part in parts if part)[:_LENGTH]


def _keep_text(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    if doctree is not None:
        app.texts_of_search[pagename] = text_of(doctree)


def _write_texts(app, error) -> None:
    if error is None and app.builder.format == "html":
        file = Path(app.outdir) / "_static" / "search-texts.js"
        texts = dict(sorted(_known(file).items())) | app.texts_of_search
        texts = {page: text for page, text in texts.items() if page in app.env.found_docs}
        file.write_text(
            f"var TEXTS = {json.dumps(texts, ensure_ascii=False)};\n", encoding="utf-8"
        )


def _known(file: Path) -> dict[str, str]:
    """Texts of an earlier build: Sphinx writes only those pages again that have changed."""
    if not file.exists():
        return {}
    return json.loads(
        file.read_text(encoding="utf-8").partition("=")[2].strip().removesuffix(";")
    )


def setup(app) -> dict:
    """Called by Sphinx."""
    app.texts_of_search = {}
    app.connect("html-page-context", _keep_text)
    app.connect("build-finished", _write_texts)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
