"""The built pages work offline: a script, style, picture or frame from elsewhere is a warning of the build."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.util import logging

logger = logging.getLogger(__name__)
#: Not ``a``: a link loads nothing until someone follows it.
FOREIGN = re.compile(
    r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=\"(?:https?:)?//[^>]*>"
)


def foreign_files(html: str) -> list[str]:
    """Return the tags of a page that load something from elsewhere."""
    return [found.group(0) for found in FOREIGN.finditer(html)]


def _warn_of_foreign_files(app, error) -> None:
    if error is not None or app.builder.format != "html":
        return
    for page in sorted(Path(app.outdir).rglob("*.html")):
        for tag in foreign_files(page.read_text(encoding="utf-8")):
            logger.warning(
                "%s loads a file from elsewhere: %s", page.relative_to(app.outdir), tag[:200]
            )


def setup(app) -> dict:
    """Called by Sphinx."""
    app.connect("build-finished", _warn_of_foreign_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
