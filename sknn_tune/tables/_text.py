"""Text in a column of numbers: a number that was written for people, a sign for a missing value, a date, or text."""

from __future__ import annotations

import datetime
import re
from typing import Literal

TextKind = Literal["number", "written number", "sign for a missing value", "date in text", "text"]

#: What files write where a value is missing, without spaces around it.
_MISSING = frozenset(
    {"", "?", "-", "--", ".", "n/a", "na", "nan", "#n/a", "null", "none", "nil", "missing", "<na>", "nat"}
)

#: 1,234.5 · 1.234,5 · 1 234 · 12% · $3 · (3) · 3 kg
_WRITTEN = re.compile(
    r"""\(?[-+−]?\s*[$€£¥₹]?\s*[-+−]?
        (\d{1,3}([.,'’_\s]\d{3})+([.,]\d+)?|\d*[.,]?\d+)
        ([eE][-+]?\d+)?
        (\s?[%‰$€£¥₹]|\s[A-Za-zµ°²³/]{1,3})?\)?""",
    re.VERBOSE,
)


def kind_of_text(text: str) -> TextKind:
    """What a text in a column of numbers is."""
    bare = text.strip()
    if bare.lower() in _MISSING:
        return "sign for a missing value"
    try:
        float(bare)
    except ValueError:
        if is_written_number(bare):
            return "written number"
        return "date in text" if _is_date(bare) else "text"
    return "number"


def is_written_number(text: str) -> bool:
    """Whether it is a number as people write it, which Python does not read: with separators, a sign or a unit."""
    if not _WRITTEN.fullmatch(text.strip()):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def _is_date(text: str) -> bool:
    if len(text) < len("2026-01-31"):
        return False
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
