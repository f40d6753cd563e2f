"""A page of the reference says which pages of the guide are about its name: those that name it most."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

#: Further pages, on which a name is mentioned in passing, are left out.
_PAGES_OF_A_NAME = 2


def guides_of_names(docs: Path) -> dict[str, list[str]]:
    """Name -> pages of the guide, with the one first that names it most often."""
    mentions: dict[str, Counter] = {}
    for page in sorted((docs / "guide").glob("*.md")):
        for name in re.findall(r"\b[A-Za-z_]\w+\b", page.read_text(encoding="utf-8")):
            mentions.setdefault(name, Counter())[f"/guide/{page.stem}"] += 1
    return {
        name: [page for page, _ in counts.most_common(_PAGES_OF_A_NAME)]
        for name, counts in mentions.items()
    }


def _offer_to_templates(app, config) -> None:
    config.autosummary_context["guides"] = guides_of_names(Path(app.srcdir))


def setup(app) -> dict:
    """Called by Sphinx."""
    app.setup_extension("sphinx.ext.autosummary")
    app.connect("config-inited", _offer_to_templates)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
