"""Compiled functions by name and type of number: compiled on first use, then read from disk by later processes.

Each has a folder of its own in the cache, because Numba's index of several functions can be mixed up by processes
that write at once.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from numba import cfunc, njit, types

from ..formulas import is_combined
from . import _gradients, _layers, _training
from ._activations import loops_of_activation
from ._cache import cached_compilation
from ._compiler import SETTINGS
from ._losses import loop_of_loss
from ._optimizers import UPDATES

_lock = threading.RLock()


def entry(name: str, dtype: str) -> Callable[..., None]:
    """A function of `_training` for numbers of one type."""
    with _lock:
        return _entry(name, dtype)


def activation_addresses(name: str, dtype: str) -> tuple[int, int]:
    """Of its forward and backward function."""
    forward, backward = loops_of_activation(name, dtype)
    return (
        _address(forward, f"{name}-forward", "activation", dtype),
        _address(backward, f"{name}-backward", "activation", dtype),
    )


def loss_address(loss: str, output_activation: str, dtype: str) -> int:
    """Of the gradient of a loss behind an activation."""
    combined = is_combined(loss, output_activation)
    name = f"{loss}-of-{'sums' if combined else 'outputs'}"
    return _address(loop_of_loss(loss, combined, dtype), name, "loss", dtype)


def update_address(form: str, dtype: str) -> int:
    """Of the update of a form of optimizer."""
    return _address(UPDATES[form], f"{form}-update", "update", dtype)


def layer_address(name: str, dtype: str) -> int:
    """Of a function of `_layers`."""
    return _address(getattr(_layers, name), name, name, dtype)


def gradients_address(dtype: str, has_extras: bool) -> int:
    """Of `batch_gradients`."""
    name = "batch_gradients-with_extras" if has_extras else "batch_gradients"
    return _address(_gradients.batch_gradients_of(has_extras), name, "batch_gradients", dtype)


def adjust_address(dtype: str) -> int:
    """Of `adjust_gradient`."""
    return _address(_gradients.adjust_gradient, "adjust_gradient", "adjust_gradient", dtype)


@cache
def _entry(name: str, dtype: str) -> Callable[..., None]:
    function = getattr(_training, name).py_func
    signature = types.void(*(_argument(each, dtype) for each in inspect.signature(function).parameters))

    def compiled(options: dict) -> Any:
        return njit(signature, **SETTINGS, **options)(function)

    return cached_compilation(compiled, f"{name}-{dtype}")


def _argument(name: str, dtype: str) -> Any:
    """The type of an argument of an entry, by its name."""
    number, vector = _types(dtype)
    if name in ("X", "y"):
        return types.Array(number, 2, "C", readonly=True)
    if name in ("factors", "outputs", "coefficients", "gradients", "rooms"):
        return types.Array(number, 2, "C")
    others = {
        "order": types.Array(types.intp, 1, "C", readonly=True),
        "table": types.Array(types.intp, 2, "C"),
        "settings": types.Array(types.intp, 1, "C"),
        "shared": types.Array(types.intp, 1, "C"),
        "keys": types.Array(types.uint64, 1, "C"),
        "found": types.Array(types.float64, 1, "C"),
        "starts": types.Array(types.intp, 1, "C"),
        "penalties": types.Array(types.float64, 1, "C"),
        "is_helper": types.boolean,
    }
    return others.get(name, vector)


_functions: dict[tuple[str, str], Any] = {}


def _address(function: Callable, name: str, kind: str, dtype: str) -> int:
    with _lock:
        if (name, dtype) not in _functions:
            signature = _signatures(dtype)[kind]

            def compiled(options: dict) -> Any:
                return cfunc(signature, **SETTINGS, **options)(function)

            _functions[name, dtype] = cached_compilation(compiled, f"{name}-{dtype}")
        return _functions[name, dtype].address


def _signatures(dtype: str) -> dict[str, Any]:
    number, _ = _types(dtype)
    pointer, integer = types.CPointer(number), types.intp
    integers = types.CPointer(integer)
    batch = [pointer, integers, pointer, pointer, integers, pointer, integers, *[pointer] * 6]
    drop = types.void(*[pointer] * 3, integer, types.uint64, *[integer] * 3, number, number)
    return {
        "activation": types.void(*[pointer] * 3, integer, integer, number),
        "loss": types.void(*[pointer] * 3, integer, integer, number),
        "update": types.void(*[pointer] * 4, integer, pointer),
        "normalise": types.void(*[pointer] * 6, integer, integer, number, number),
        "normalise_backward": types.void(*[pointer] * 6, integer, integer, number),
        "batch_gradients": types.void(*batch, types.CPointer(types.float64), integer, types.uint64, integer, integer),
        "adjust_gradient": types.void(
            *(integers, integers, pointer, pointer, pointer), types.CPointer(types.float64), integer
        ),
        "drop": drop,
        "drop_to_floor": drop,
    }


def _types(dtype: str) -> tuple[Any, Any]:
    number = types.float32 if dtype == "float32" else types.float64
    return number, types.Array(number, 1, "C")
