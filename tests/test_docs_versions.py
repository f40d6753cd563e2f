"""The list of versions that the built pages offer: the newest first, each with its pages."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

EXTENSION = Path(__file__).parents[1] / "docs" / "_extensions" / "versions_beside.py"


def test_versions_beside_each_other_are_listed_with_the_newest_first(tmp_path):
    for version in ("0.9.0", "0.10.0", "0.10.0.dev0", "0.10.1rc1", "stable"):
        (tmp_path / version).mkdir()
        pages = {"version": "0.8.0" if version == "stable" else version, "pages": ["index"]}
        (tmp_path / version / "pages.json").write_text(json.dumps(pages))
    (tmp_path / "no pages").mkdir()
    found = runpy.run_path(str(EXTENSION))["list_of_versions"](tmp_path)
    assert [version["folder"] for version in found] == ["0.10.1rc1", "0.10.0", "0.10.0.dev0", "0.9.0", "stable"]
    assert found[-1] == {"folder": "stable", "version": "0.8.0", "pages": ["index"]}
