"""Activations and their slopes as loops over a layer, each compiled when a network first uses it.

Arrays come as pointers. ``forward(z, bias, out, n_rows, n_units, slope)`` adds the bias to ``z`` and writes the
activations to ``out``, or over ``z`` if it works in place; ``backward(gradient, z, h, n_rows, n_units, slope)``
multiplies the gradient by the derivative. What works in place gets its values for ``z``, too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from ..formulas import ACTIVATIONS, ROW_ACTIVATIONS
from ._arithmetic import arithmetic
from ._exponentials import exp
from ._functions import inlined


class Loops(NamedTuple):
    """The functions to compile for an activation; those of one name are the same."""

    name: str
    forward: Callable[..., None]
    backward: Callable[..., None]


def works_in_place(name: str) -> bool:
    """Whether a layer with this activation keeps its values in the place of the weighted sums."""
    return name in ROW_ACTIVATIONS or ACTIVATIONS[name].in_place


@cache
def loops_of_activation(name: str, dtype: str) -> Loops:
    """For an activation by its formula, in numbers of one type."""
    if name in ROW_ACTIVATIONS:
        value, part, to_sum = map(inlined, ROW_ACTIVATIONS[name](arithmetic(dtype)))
        return Loops(name, _forward_of_rows(value), _backward_of_rows(part, to_sum))
    activation = ACTIVATIONS[name]
    value, slope = map(inlined, activation.formula(arithmetic(dtype)))
    forward = (_forward_in_place if activation.in_place else _forward)(value)
    return Loops(activation.name, forward, _backward(slope))


def _forward_in_place(value: Any) -> Callable[..., None]:
    def forward(z, bias, out, n_rows, n_units, slope):
        for row in range(n_rows):
            for unit in range(n_units):
                z[row * n_units + unit] = value(z[row * n_units + unit] + bias[unit], slope)

    return forward


def _forward(value: Any) -> Callable[..., None]:
    def forward(z, bias, out, n_rows, n_units, slope):
        for row in range(n_rows):
            for unit in range(n_units):
                total = z[row * n_units + unit] + bias[unit]
                z[row * n_units + unit] = total
                out[row * n_units + unit] = value(total, slope)

    return forward


def _backward(slope_of: Any) -> Callable[..., None]:
    def backward(gradient, z, h, n_rows, n_units, slope):
        for i in range(n_rows * n_units):
            gradient[i] *= slope_of(z[i], h[i], slope)

    return backward


@inlined
def _shift(z, bias, start, n_units):
    """Add the bias and take off the largest; the sum of the exponentials, which are not kept."""
    number = type(z[0])
    largest = z[start] + bias[0]
    for unit in range(n_units):
        value = z[start + unit] + bias[unit]
        z[start + unit] = value
        largest = largest if value <= largest else value  # NaN becomes the largest
    total = number(0)
    for unit in range(n_units):
        z[start + unit] -= largest
        total += exp(z[start + unit])
    return total


def _forward_of_rows(value: Any) -> Callable[..., None]:
    def forward(z, bias, out, n_rows, n_units, slope):
        for row in range(n_rows):
            start = row * n_units
            total = _shift(z, bias, start, n_units)
            for unit in range(n_units):
                shifted = z[start + unit]
                z[start + unit] = value(shifted, exp(shifted), total)

    return forward


def _backward_of_rows(part: Any, to_sum: Any) -> Callable[..., None]:
    def backward(gradient, z, h, n_rows, n_units, slope):
        for row in range(n_rows):
            start = row * n_units
            parts = type(z[0])(0)
            for unit in range(n_units):
                parts += part(gradient[start + unit], h[start + unit])
            for unit in range(n_units):
                gradient[start + unit] = to_sum(gradient[start + unit], h[start + unit], parts)

    return backward
