"""Warnings that are held back for a while, without touching what other threads hear.

``warnings.catch_warnings`` puts another list of filters in the place of that of the whole process, and the old one back
at its end. Where two threads overlap, the first to end takes the other's filter away, and the last puts a list with a
filter into place for good. So a filter is put into the list, and taken out of that same list.
"""

from __future__ import annotations

import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def held_back(category: type[Warning] = Warning, message: str = "") -> Iterator[None]:
    """Within, this thread does not pass warnings of a category on.

    Parameters
    ----------
    category : type of warning, default=Warning
        And those derived from it.
    message : str, default=""
        A regular expression that their texts begin with.
    """
    take_out = put_filter(category, _TextsOfThisThread(message))
    try:
        yield
    finally:
        take_out()


def put_filter(category: type[Warning], texts: Any) -> Callable[[], None]:
    """Hold warnings back that fit.

    Parameters
    ----------
    category : type of warning
    texts : re.Pattern
        Or whatever has its ``match``.

    Returns
    -------
    take_out : callable
        Ends it.
    """
    filters: Any = warnings.filters  # it may be another list at the end
    added = ("ignore", texts, category, None, 0)
    filters.insert(0, added)

    def take_out() -> None:
        with suppress(ValueError):  # somebody has emptied the list
            filters.remove(added)

    return take_out


class _TextsOfThisThread:
    """A pattern that fits what the thread says that made this."""

    #: Of this, scikit-learn makes the filter anew for the fits of another search: there, nothing fits.
    pattern = r"(?!)"

    def __init__(self, message: str) -> None:
        self._pattern, self._who = re.compile(message, re.IGNORECASE), _who()

    def match(self, text: str) -> Any:
        """As of a compiled pattern."""
        return self._pattern.match(text) if self._who == _who() else None


def _who() -> tuple[int, int]:
    return os.getpid(), threading.get_ident()
