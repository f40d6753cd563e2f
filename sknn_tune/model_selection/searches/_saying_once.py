"""A warning that a search of many calls would repeat in each of them is said once.

Python itself says equal warnings of one line once, but forgets what it has said whenever somebody opens
``warnings.catch_warnings``, which scikit-learn does for every fit. So the warning of a fit, or of the folds, would be
read once per candidate. What a fit in another process says cannot be held back here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any


def saying_once(function: Callable) -> Callable:
    """The same function, of whose warnings those with equal texts are shown once in all its calls."""
    said: set[tuple[type[Warning], str]] = set()

    @wraps(function)
    def quieter(*arguments: Any, **keywords: Any) -> Any:
        show, is_over = warnings.showwarning, False

        def show_once(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            # Searches in threads end in any order, and this may be left behind: then it says everything.
            if is_over or (category, str(message)) not in said:
                said.add((category, str(message)))
                show(message, category, *place, **more)

        warnings.showwarning = show_once
        try:
            return function(*arguments, **keywords)
        finally:
            is_over = True
            if warnings.showwarning is show_once:
                warnings.showwarning = show

    return quieter
