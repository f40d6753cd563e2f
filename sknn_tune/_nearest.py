"""The known names that are spelt most like one that is not known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

_NOWHERE: Mapping[str, Sequence[str]] = MappingProxyType({})


def nearest(name: str, known: Iterable[str], n: int = 2) -> list[str]:
    """At most ``n`` names, the most similar first: capitals and what stands between words do not count."""
    by_letters = {_letters(each): each for each in sorted(known)}
    letters = _letters(name)
    if letters in by_letters:
        return [by_letters[letters]]
    if len(letters) > 1:
        longer = [each for each in by_letters if each.startswith(letters)] or [
            each for each in by_letters if letters in each
        ]
        if longer:
            return [by_letters[each] for each in longer[:n]]
    return [by_letters[each] for each in difflib.get_close_matches(letters, by_letters, n=n, cutoff=0.6)]


def meant_by(name: str, known: Iterable[str], elsewhere: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """What others call so, or else the `nearest` names.

    ``elsewhere`` has the names of others in small letters, without what stands between words.
    """
    return elsewhere.get(_letters(name)) or nearest(name, known)


def did_you_mean(name: object, known: Iterable[str], elsewhere: Mapping[str, Sequence[str]] = _NOWHERE) -> str:
    """``" (did you mean 'relu'?)"``, for the middle of a sentence; empty if nothing is meant by ``name``."""
    found = meant_by(name, known, elsewhere) if isinstance(name, str) else []
    return f" (did you mean {' or '.join(map(repr, found))}?)" if found else ""


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
