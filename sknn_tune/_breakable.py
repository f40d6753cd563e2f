"""Long names in HTML, which are broken where a reader would, and not in the middle of a word."""

from __future__ import annotations

import re
from html import escape


def breakable(label: str) -> str:
    """Where there is little room, a name is broken after its underscores, and a call after its brackets."""
    return re.sub(r"(_+|\w\()", r"\1<wbr>", escape(label))
