"""The products of an update: of rows and a kernel, forward and backward.

Problem: OpenBLAS takes a lock of the whole process in every product, so two threads that train small networks wait for
each other: eight members in two threads took up to six times one. And it first copies what it multiplies, which small
products do not repay. Choice: tiles of our own (see `_tiles`) for small products, and BLAS for larger ones. The sizes
alone decide, so that the same seed gives the same bits whatever else runs. Not taken: tiles for all. They copy nothing,
and so are slower where a kernel does not fit the processor's cache.

Few columns leave most of a vector empty. So what has fewer than half a vector is worked out by sums along the rows of
both factors, or is made transposed.

Arrays come as pointers. ``spare`` has `size_of_spare` numbers and begins a line of the cache; small products use it.
"""

from __future__ import annotations

import numpy as np
from numba import carray

from ..code import (
    COLUMNS,
    ROWS_OF_PRODUCT,
    VECTORS_OF_ONE_ROW,
    VECTORS_OF_PRODUCT,
    at,
    compiled,
    compiled_sum,
    half_product_of_one_row,
    half_product_of_rows,
    half_width,
    product_of_one_row,
    product_of_rows,
    transpose_block,
    wide_product_of_one_row,
    wide_product_of_rows,
)

#: A step from number to number. A plain 1 would have Numba compile a product for this step alone.
_ONE = np.intp(1)

#: What small products have at most, for each number in a line of the cache: numbers in the kernel (512 KB) and terms
#: in all sums together (in float32 four millions, as of 256 rows and 128 x 128 weights). Measured: up to there tiles
#: take .3 to .65 of the seconds of BLAS, where there are registers of a line; without these .6 to .9, and as long as
#: BLAS at the limit in float64. Where both use such registers, from .5 to as long.
_SMALL_KERNEL, _SMALL = 2**13, 2**18


def size_of_spare(n_in: int, n_out: int, dtype: str) -> int:
    """What products with a kernel of this shape need."""
    per_line = COLUMNS[dtype]
    return n_out * (n_in + 2 * per_line) if n_in * n_out <= _SMALL_KERNEL * per_line else 0


@compiled
def _is_small(n_rows, n_in, n_out, half_line):
    of_kernel, per_line = n_in * n_out, 2 * half_line
    return of_kernel <= _SMALL_KERNEL * per_line and n_rows * of_kernel <= _SMALL * per_line


@compiled
def _step_of_transposed(n_in, n_of_line):
    """From row to row of a transposed kernel: whole lines, and an odd number of them.

    A cache has places for few lines whose addresses differ by a multiple of a power of two.
    """
    return (-(-n_in // n_of_line) | 1) * n_of_line


@compiled
def layer_sums(x, kernel, spare, out, n_rows, n_in, n_out):
    """``out = x @ kernel``."""
    if not _is_small(n_rows, n_in, n_out, half_width(out)):
        np.dot(carray(x, (n_rows, n_in)), carray(kernel, (n_in, n_out)), carray(out, (n_rows, n_out)))
    elif n_out >= half_width(out):
        _product(x, n_in, _ONE, kernel, n_out, out, n_rows, n_in, n_out)
    elif n_out == 1:
        _products_of_rows(x, kernel, out, n_rows, n_in, n_out)
    else:
        _transpose(kernel, spare, n_in, n_out, n_in)
        _products_of_rows(x, spare, out, n_rows, n_in, n_out)


@compiled
def gradient_of_kernel(x, to_sums, spare, out, n_rows, n_in, n_out):
    """``out = x.T @ to_sums``."""
    width = half_width(out)
    if not _is_small(n_rows, n_in, n_out, width):
        np.dot(carray(x, (n_rows, n_in)).T, carray(to_sums, (n_rows, n_out)), carray(out, (n_in, n_out)))
    elif n_out >= width:
        _product(x, _ONE, n_in, to_sums, n_out, out, n_in, n_rows, n_out)
    elif n_in >= width:
        transposed = out if n_out == 1 else spare
        _product(to_sums, _ONE, n_out, x, n_in, transposed, n_out, n_rows, n_in)
        if n_out > 1:
            _transpose(spare, out, n_out, n_in, n_out)
    else:
        _narrow_gradient(x, to_sums, out, n_rows, n_in, n_out)


@compiled
def gradient_of_inputs(to_sums, kernel, spare, out, n_rows, n_in, n_out):
    """``out = to_sums @ kernel.T``."""
    if not _is_small(n_rows, n_in, n_out, half_width(out)):
        np.dot(carray(to_sums, (n_rows, n_out)), carray(kernel, (n_in, n_out)).T, carray(out, (n_rows, n_in)))
    elif n_in < half_width(out):
        _products_of_rows(to_sums, kernel, out, n_rows, n_out, n_in)
    elif n_out == 1:
        _product(to_sums, n_out, _ONE, kernel, n_in, out, n_rows, n_out, n_in)
    else:
        step = _step_of_transposed(n_in, 2 * half_width(out))
        _transpose(kernel, spare, n_in, n_out, step)
        _product(to_sums, n_out, _ONE, spare, step, out, n_rows, n_out, n_in)


# --- by tiles ------------------------------------------------------------------------------------------------------


@compiled
def _product(a, row_step, inner_step, b, b_step, out, n_rows, n_inner, n_columns):
    """``out = a @ b``, where ``b`` has at least the columns of half a vector; ``a`` may stand transposed.

    The last tiles begin early enough to be whole: what two of them work out is the same to the last bit.
    """
    is_block = n_rows >= ROWS_OF_PRODUCT
    n_together = ROWS_OF_PRODUCT if is_block else 1
    half = half_width(out)
    widest = 2 * half * (VECTORS_OF_PRODUCT if is_block else VECTORS_OF_ONE_ROW)
    for begin in range(0, n_rows, n_together):
        row = min(begin, n_rows - n_together)
        of_a, of_row, column = at(a, row * row_step), at(out, row * n_columns), 0
        while column < n_columns:
            left, width = n_columns - column, half
            if left > half and n_columns >= 2 * half:
                width = widest if left > 2 * half and n_columns >= widest else 2 * half
            column = min(column, n_columns - width)
            of_b, of_out, n_halves = at(b, column), at(of_row, column), width // half
            if is_block:
                _tile_of_block(of_a, row_step, inner_step, of_b, b_step, of_out, n_columns, n_inner, n_halves)
            else:
                _tile_of_one_row(of_a, row_step, inner_step, of_b, b_step, of_out, n_columns, n_inner, n_halves)
            column += width


@compiled
def _tile_of_block(a, row_step, inner_step, b, b_step, out, out_step, n_inner, n_halves):
    """Of so many halves of a vector."""
    if n_halves > 2:
        wide_product_of_rows(a, row_step, inner_step, b, b_step, out, out_step, n_inner)
    elif n_halves == 2:
        product_of_rows(a, row_step, inner_step, b, b_step, out, out_step, n_inner)
    else:
        half_product_of_rows(a, row_step, inner_step, b, b_step, out, out_step, n_inner)


@compiled
def _tile_of_one_row(a, row_step, inner_step, b, b_step, out, out_step, n_inner, n_halves):
    """The same."""
    if n_halves > 2:
        wide_product_of_one_row(a, row_step, inner_step, b, b_step, out, out_step, n_inner)
    elif n_halves == 2:
        product_of_one_row(a, row_step, inner_step, b, b_step, out, out_step, n_inner)
    else:
        half_product_of_one_row(a, row_step, inner_step, b, b_step, out, out_step, n_inner)


# --- of few columns ------------------------------------------------------------------------------------------------


@compiled_sum
def _products_of_rows(a, b, out, n_rows, n_inner, n_columns):
    """``out = a @ b.T``."""
    for row in range(n_rows):
        for column in range(n_columns):
            total = type(out[0])(0)
            for i in range(n_inner):
                total += a[row * n_inner + i] * b[column * n_inner + i]
            out[row * n_columns + column] = total


@compiled
def _narrow_gradient(x, to_sums, out, n_rows, n_in, n_out):
    for i in range(n_in * n_out):
        out[i] = 0
    for row in range(n_rows):
        for i in range(n_in):
            for unit in range(n_out):
                out[i * n_out + unit] += x[row * n_in + i] * to_sums[row * n_out + unit]


@compiled
def _transpose(a, out, n_rows, n_columns, step):
    """``out = a.T``, whose rows are ``step`` apart: by blocks, and what is left one by one."""
    width = half_width(out)
    whole_rows, whole_columns = n_rows - n_rows % width, n_columns - n_columns % width
    for first in range(0, whole_rows, 2 * width):
        for column in range(0, whole_columns, width):
            for row in range(first, min(first + 2 * width, whole_rows), width):  # two blocks fill a line of ``out``
                transpose_block(at(a, row * n_columns + column), n_columns, at(out, column * step + row), step)
    for row in range(n_rows):
        for column in range(whole_columns if row < whole_rows else 0, n_columns):
            out[column * step + row] = a[row * n_columns + column]
