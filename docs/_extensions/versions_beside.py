"""The version in the header; a choice of versions where several are built beside each other.

Problem: the theme's own switch fetches a JSON file, which browsers do not allow to pages that are opened as files.
Choice: a script beside the versions' folders, ``versions.js``, which lists them with their pages; it works from files.
The build of each version writes it anew from the folders that are there: ``make -C docs versions``.
"""

from __future__ import annotations

import json
from pathlib import Path

from packaging.version import Version  # Sphinx brings it

#: In the folder of each version: what the list is made of.
_PAGES = "pages.json"


def list_of_versions(folder: Path) -> list[dict]:
    """Of each version built in the folder, the newest first: its name, its folder, its pages."""
    found = [
        {"folder": file.parent.name, **json.loads(file.read_text(encoding="utf-8"))}
        for file in folder.glob(f"*/{_PAGES}")
    ]
    return sorted(found, key=lambda version: Version(version["version"]), reverse=True)


def _write_list(app, error) -> None:
    if error is not None or app.builder.format != "html" or not app.config.versions_beside:
        return
    out = Path(app.outdir)
    facts = {"version": app.config.release, "pages": sorted(app.env.found_docs)}
    (out / _PAGES).write_text(json.dumps(facts), encoding="utf-8")
    versions = json.dumps(list_of_versions(out.parent))
    (out.parent / "versions.js").write_text(f"var VERSIONS = {versions};\n", encoding="utf-8")


def _say_whether(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    context["versions_beside"] = app.config.versions_beside


def setup(app) -> dict:
    """Called by Sphinx."""
    app.add_config_value("versions_beside", False, "html", bool)
    app.connect("html-page-context", _say_whether)
    app.connect("build-finished", _write_list)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
