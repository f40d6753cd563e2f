"""Rows times a kernel by machine code. A kernel is kept in panels of the columns of a tile, filled up with zeros."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit, types
from scipy import sparse

from .._rows import RowsInMemory
from ..code import (
    COLUMNS,
    ROWS,
    SETTINGS,
    at,
    compiled,
    compiled_once,
    tile_of_one_row,
    tile_of_rows,
    tile_of_sparse_row,
)

Array = np.ndarray

#: Inputs of rows that go through all panels together, and so lie in the second cache of the processor: 256 KB.
_INPUTS_AT_A_TIME = 65_536


def multiply(x, panels, bias, out):
    """``out = x @ kernel + bias``."""
    n_rows, n_inputs = x.shape
    n_panels, _, width = panels.shape
    n_columns = out.shape[1]
    rows_at_a_time = max(_INPUTS_AT_A_TIME // n_inputs // ROWS, 1) * ROWS
    spare = np.empty(ROWS * width, out.dtype)
    for first in range(0, n_rows, rows_at_a_time):
        stop = min(first + rows_at_a_time, n_rows)
        for panel in range(n_panels):
            weights, shift, column = at(panels, panel * n_inputs * width), at(bias, panel * width), panel * width
            is_whole = column + width <= n_columns
            step = n_columns if is_whole else width
            for row in range(first, stop, ROWS):
                n_own = min(stop - row, ROWS)
                target = at(out, row * n_columns + column) if is_whole else at(spare, 0)
                if n_own == ROWS:
                    tile_of_rows(at(x, row * n_inputs), n_inputs, weights, shift, target, step)
                else:
                    for own in range(n_own):
                        inputs = at(x, (row + own) * n_inputs)
                        tile_of_one_row(inputs, n_inputs, weights, shift, at(target, own * step), step)
                if not is_whole:
                    _copy(spare, out, row, n_own, column, n_columns - column, width)


def multiply_sparse(inputs, places, starts, panels, bias, out):
    """The same where row ``i`` has the inputs between ``starts[i]`` and ``starts[i + 1]``, in rising order."""
    n_panels, n_inputs, width = panels.shape
    n_rows, n_columns = out.shape
    spare = np.empty(width, out.dtype)
    for row in range(n_rows):
        begin = np.intp(starts[row])
        n_own = np.intp(starts[row + 1]) - begin
        own_inputs, own_places = at(inputs, begin), at(places, begin)
        for panel in range(n_panels):
            weights, shift, column = at(panels, panel * n_inputs * width), at(bias, panel * width), panel * width
            is_whole = column + width <= n_columns
            target = at(out, row * n_columns + column) if is_whole else at(spare, 0)
            tile_of_sparse_row(own_inputs, own_places, n_own, weights, shift, target)
            if not is_whole:
                _copy(spare, out, row, 1, column, n_columns - column, width)


@compiled
def _copy(spare, out, row, n_rows, column, n_columns, width):
    for own in range(n_rows):
        for place in range(n_columns):
            out[row + own, column + place] = spare[own * width + place]


class MachineProduct:
    """A `Product`."""

    def __init__(self, kernel: Array, bias: Array | None, dtype: str):
        kernel, width = np.asarray(kernel, dtype), COLUMNS[dtype]
        n_inputs, self._n_columns = kernel.shape
        n_panels = -(-self._n_columns // width)
        filled = np.zeros((n_inputs, n_panels * width), dtype)
        filled[:, : self._n_columns] = kernel
        self._panels = np.ascontiguousarray(filled.reshape(n_inputs, n_panels, width).swapaxes(0, 1))
        self._bias = np.zeros(n_panels * width, dtype)
        if bias is not None:
            self._bias[: self._n_columns] = bias
        self._dtype, self._multiply = dtype, _compiled_multiply(dtype)

    def __call__(self, rows: RowsInMemory) -> Array:
        """``rows @ kernel + bias``."""
        out = np.empty((rows.shape[0], self._n_columns), self._dtype)
        if sparse.issparse(rows):
            self._multiply_sparse(rows, out)
        else:
            self._multiply(_readable(rows, self._dtype), self._panels, self._bias, out)
        return out

    def _multiply_sparse(self, rows: Any, out: Array) -> None:
        if not rows.has_canonical_format:
            rows = rows.copy()  # it is the user's
            rows.sum_duplicates()
        inputs = _readable(rows.data, self._dtype)
        multiply = _compiled_multiply_sparse(self._dtype, rows.indices.dtype.name)
        multiply(inputs, rows.indices, rows.indptr, self._panels, self._bias, out)


def _readable(array: Array, dtype: str) -> Array:
    array = np.ascontiguousarray(array, dtype)
    return array if array.flags.aligned else array.copy()


@cache
def _compiled_multiply(dtype: str) -> Callable[..., None]:
    number = _number(dtype)
    arguments = [_read(number, 2), _read(number, 3), _read(number, 1), types.Array(number, 2, "C")]
    return _compiled("multiply", dtype, multiply, arguments)


@cache
def _compiled_multiply_sparse(dtype: str, integer: str) -> Callable[..., None]:
    number, place = _number(dtype), _number(integer)
    entries = [_read(number, 1), _read(place, 1), _read(place, 1)]
    arguments = [*entries, _read(number, 3), _read(number, 1), types.Array(number, 2, "C")]
    return _compiled(f"multiply_sparse-{integer}", dtype, multiply_sparse, arguments)


def _compiled(name: str, dtype: str, function: Callable[..., None], arguments: list[Any]) -> Callable[..., None]:
    def compile_with(options: dict) -> Any:
        return njit(types.void(*arguments), **SETTINGS, **options)(function)

    return compiled_once(name, dtype, compile_with)


def _number(name: str) -> Any:
    return getattr(types, name)


def _read(number: Any, n_axes: int) -> Any:
    return types.Array(number, n_axes, "C", readonly=True)
