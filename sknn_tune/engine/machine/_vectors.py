"""Loops that every update needs, as machine code. Arrays come as pointers."""

from __future__ import annotations

from ..code import compiled, compiled_sum


@compiled
def sum_columns(values, out, n_rows, n_columns):
    for column in range(n_columns):
        out[column] = 0
    for row in range(n_rows):
        for column in range(n_columns):
            out[column] += values[row * n_columns + column]


@compiled
def add_to_columns(values, shift, n_rows, n_columns):
    for row in range(n_rows):
        for column in range(n_columns):
            values[row * n_columns + column] += shift[column]


@compiled
def multiply_columns(values, scales, out, n_rows, n_columns):
    """``out = values * scales``; ``out`` may be ``values``."""
    for row in range(n_rows):
        for column in range(n_columns):
            out[row * n_columns + column] = values[row * n_columns + column] * scales[column]


@compiled
def sum_columns_of_product(values, others, out, n_rows, n_columns):
    for column in range(n_columns):
        out[column] = 0
    for row in range(n_rows):
        for column in range(n_columns):
            out[column] += values[row * n_columns + column] * others[row * n_columns + column]


@compiled_sum
def sum_rows_of_product(values, others, out, n_rows, n_columns):
    for row in range(n_rows):
        total = type(values[0])(0)
        for column in range(n_columns):
            total += values[row * n_columns + column] * others[row * n_columns + column]
        out[row] = total


@compiled
def add_scaled_rows(values, scales, out, n_rows, n_columns):
    """``out += scales[:, None] * values``."""
    for row in range(n_rows):
        scale_of_row = scales[row]
        for column in range(n_columns):
            out[row * n_columns + column] += scale_of_row * values[row * n_columns + column]


@compiled
def multiply(values, factors, size):
    for i in range(size):
        values[i] *= factors[i]


@compiled
def add(values, others, size):
    for i in range(size):
        values[i] += others[i]


@compiled_sum
def penalty(values, gradient, size, l1, l2):
    """``l1 * sum(|x|) + l2 * sum(x * x)``, whose gradient is added to ``gradient``."""
    number = type(l1)
    total_1, total_2 = number(0), number(0)
    for i in range(size):
        x = values[i]
        sign = number(1) if x > 0 else (number(-1) if x < 0 else number(0))
        total_1 += abs(x)
        total_2 += x * x
        gradient[i] += l1 * sign + number(2) * l2 * x
    return l1 * total_1 + l2 * total_2


@compiled_sum
def sum_of_squares(values, size):
    total = type(values[0])(0)
    for i in range(size):
        total += values[i] * values[i]
    return total


@compiled
def scale(values, factor, size):
    for i in range(size):
        values[i] *= factor


@compiled
def clip(values, limit, size):
    for i in range(size):
        x = values[i]
        x = limit if x > limit else x
        values[i] = -limit if x < -limit else x
