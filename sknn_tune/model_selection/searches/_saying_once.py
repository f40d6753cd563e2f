"""A warning that a search of many calls would repeat in each of them is said once.

Python itself says equal warnings of one line once, but forgets what it has said whenever somebody opens
``warnings.catch_warnings``, which scikit-learn does for every fit. So the warning of a fit, or of the folds, would be
read once per candidate. What a fit in another process says is held back only where it is known
before.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import wraps
from typing import Any

from ..._held_back import put_filter


def saying_once(function: Callable, looked_over: Iterable[str] = ()) -> Callable:
    """The same function, of whose warnings those with equal texts are shown once in all its calls.

    Of parameters that are ``looked_over`` the search itself has said that they have no effect. No fit says it again,
    in no process, since scikit-learn takes filters along to its workers.
    """
    names = "|".join(map(re.escape, looked_over))
    said: set[tuple[type[Warning], str]] = set()

    @wraps(function)
    def quieter(*arguments: Any, **keywords: Any) -> Any:
        shown_once = _ShownOnce(said, warnings.showwarning)
        warnings.showwarning = shown_once
        with ExitStack() as at_the_end:
            if names:
                no_effect = re.compile(rf"The '({names})' parameter of \w+ has no effect")
                at_the_end.callback(put_filter(UserWarning, no_effect))
            try:
                return function(*arguments, **keywords)
            finally:
                shown_once.is_over = True
                _take_out_those_that_are_over()

    return quieter


class _ShownOnce:
    """Takes the place of ``warnings.showwarning`` while a function runs."""

    def __init__(self, said: set[tuple[type[Warning], str]], before: Callable[..., None]) -> None:
        self._said, self.before, self.is_over = said, before, False

    def __call__(self, message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if self.is_over or (category, str(message)) not in self._said:
            self._said.add((category, str(message)))
            self.before(message, category, *place, **more)


def _take_out_those_that_are_over() -> None:
    """Searches in threads end in any order: one that is not the last to have begun goes with the one after it."""
    while isinstance(warnings.showwarning, _ShownOnce) and warnings.showwarning.is_over:
        warnings.showwarning = warnings.showwarning.before
