"""Types of arguments in machine code, by their names: one name is one thing in all functions that are called.

From Python arrays come as arrays, and between functions that are compiled apart as pointers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from numba import types

#: Element types of arrays. "number" is float32 or float64, as the network has it.
_ARRAYS = {
    "number": (
        *("y", "weight", "factors", "numbers", "weights", "moving", "m", "v", "gradient", "gradients"),
        *("room", "rooms", "outputs", "coefficients", "z", "bias", "out", "h", "values", "kept", "gamma"),
        *("normalised", "inverse_deviation", "to_gamma", "to_beta", "c", "kernel", "sums", "to_sums"),
    ),
    "integer": ("X", "order", "table", "settings", "starts", "shared"),
    "key": ("keys",),
    "double": ("found", "penalties"),
}

#: Types of what is one number.
_NUMBERS = {
    "number": ("slope", "delta", "momentum", "epsilon", "share", "scale", "shift"),
    "integer": ("n_rows", "n_units", "n_outputs", "n_columns", "size", "first", "of_rows", "layer", "threshold"),
    "key": ("key",),
    "boolean": ("is_helper",),
}

_MATRICES = frozenset({"y", "factors", "outputs", "coefficients", "gradients", "rooms", "table"})
_READ_ONLY = frozenset({"y", "order"})

_KIND_OF_ARRAY = {name: kind for kind, names in _ARRAYS.items() for name in names}
_KIND_OF_NUMBER = {name: kind for kind, names in _NUMBERS.items() for name in names}


def called_from_python(function: Callable, dtype: str) -> Any:
    """The signature of a function that gets arrays."""

    def array(name: str, element: Any) -> Any:
        return types.Array(element, 2 if name in _MATRICES else 1, "C", readonly=name in _READ_ONLY)

    return _signature(function, dtype, array)


def called_by_address(function: Callable, dtype: str, **of_table: str) -> Any:
    """The signature of a function that gets pointers, of a table to the types of number that ``of_table`` names."""
    return _signature(function, dtype, lambda name, element: types.CPointer(element), of_table)


def _signature(
    function: Callable, dtype: str, array: Callable[[str, Any], Any], of_table: Mapping[str, str] = MappingProxyType({})
) -> Any:
    kinds = {
        "number": types.float32 if dtype == "float32" else types.float64,
        "integer": types.intp,
        "key": types.uint64,
        "double": types.float64,
        "boolean": types.boolean,
    }

    def argument(name: str) -> Any:
        if name in of_table:
            return array(name, getattr(types, of_table[name]))
        return kinds[_KIND_OF_NUMBER[name]] if name in _KIND_OF_NUMBER else array(name, kinds[_KIND_OF_ARRAY[name]])

    return types.void(*map(argument, inspect.signature(function).parameters))
