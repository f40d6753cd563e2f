"""Several arrays in one: the inputs of a model that has several, or its targets, as a list, tuple or dict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def map_arrays(function: Callable[[Any], Any], nested: Any) -> Any:
    """The same structure with what ``function`` makes of each array; a single array is a structure, too."""
    if isinstance(nested, dict):
        return {name: map_arrays(function, part) for name, part in nested.items()}
    if isinstance(nested, list | tuple):
        return type(nested)([map_arrays(function, part) for part in nested])
    return function(nested)


def arrays_in(nested: Any) -> list[Any]:
    """All arrays of a structure, in order."""
    if isinstance(nested, dict):
        return [array for part in nested.values() for array in arrays_in(part)]
    if isinstance(nested, list | tuple):
        return [array for part in nested for array in arrays_in(part)]
    return [nested]
