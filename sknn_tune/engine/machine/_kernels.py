"""Compiled functions by name and type of number: compiled on first use, then read from disk by later processes.

Each has a folder of its own in the cache, because Numba's index of several functions can be mixed up by processes
that write at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import cfunc, njit

from ..code import SETTINGS, compiled_once
from ..formulas import is_combined
from ._activations import loops_of_activation
from ._first_layer import gather, sparse_gradient, sparse_sums
from ._gradients import adjust_gradient, batch_gradients_of
from ._layers import LAYERS
from ._losses import loop_of_loss
from ._member_gradients import member_gradients
from ._optimizers import UPDATES
from ._signatures import called_by_address, called_from_python
from ._training import train_rows


def entry(dtype: str) -> Callable[..., None]:
    """The function `train_rows`, for numbers of one type."""

    def compile_with(options: dict) -> Any:
        return njit(called_from_python(train_rows, dtype), **SETTINGS, **options)(train_rows)

    return compiled_once("train_rows", dtype, compile_with)


def activation_addresses(name: str, dtype: str) -> tuple[int, int]:
    """Of its forward and backward function."""
    loops = loops_of_activation(name, dtype)
    return (
        _address(loops.forward, f"{loops.name}-forward", dtype),
        _address(loops.backward, f"{loops.name}-backward", dtype),
    )


def loss_address(loss: str, output_activation: str, dtype: str) -> int:
    """Of the gradient of a loss behind an activation."""
    combined = is_combined(loss, output_activation)
    return _address(loop_of_loss(loss, combined, dtype), f"{loss}-of-{'sums' if combined else 'outputs'}", dtype)


def update_address(form: str, dtype: str) -> int:
    """Of the update of a form of optimizer."""
    return _address(UPDATES[form], f"{form}-update", dtype)


def layer_address(name: str, dtype: str) -> int:
    """Of a function of `_layers`."""
    return _address(LAYERS[name], name, dtype)


def gradients_address(dtype: str, has_extras: bool) -> int:
    """Of `batch_gradients`."""
    name = "batch_gradients-with_extras" if has_extras else "batch_gradients"
    return _address(batch_gradients_of(has_extras), name, dtype)


def member_gradients_address(dtype: str) -> int:
    """Of `member_gradients`."""
    return _address(member_gradients, "member_gradients", dtype)


def adjust_address(dtype: str) -> int:
    """Of `adjust_gradient`."""
    return _address(adjust_gradient, "adjust_gradient", dtype)


def gather_address(dtype: str, of_table: str) -> int:
    """Of `gather` from a table of such numbers."""
    return _address(gather, f"gather-{of_table}", dtype, table=of_table)


def sparse_addresses(dtype: str, of_index: str) -> tuple[int, int]:
    """Of the products of CSR rows whose places are such numbers: forward and backward."""
    of_table = {"entries": dtype, "places": of_index, "starts": of_index}
    return (
        _address(sparse_sums, f"sparse_sums-{of_index}", dtype, **of_table),
        _address(sparse_gradient, f"sparse_gradient-{of_index}", dtype, **of_table),
    )


def _address(function: Callable, name: str, dtype: str, **of_table: str) -> int:
    def compile_with(options: dict) -> Any:
        return cfunc(called_by_address(function, dtype, **of_table), **SETTINGS, **options)(function)

    return compiled_once(name, dtype, compile_with).address
