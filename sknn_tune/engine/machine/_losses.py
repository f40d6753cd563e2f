"""Gradients of losses as loops over a batch, each compiled when a fit first uses it.

A function is ``gradient_of(outputs, y, gradient, n_rows, n_outputs, delta)``, with pointers to arrays of shape
(n_rows, n_outputs); class numbers come as one column of ``y``. A loss behind its own activation takes the weighted
sums as ``outputs``. Values of losses are in `arrays/_losses`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from ..formulas import LOSSES
from ._arithmetic import arithmetic
from ._exponentials import exp
from ._functions import inlined


@cache
def loop_of_loss(name: str, combined: bool, dtype: str) -> Callable[..., None]:
    """The function to compile for a loss; ``combined`` if it stands behind its own activation."""
    loss = LOSSES[name]
    formula = loss.of_sums if combined else loss.of_outputs
    assert formula is not None
    _, slope = formula(arithmetic(dtype))
    if combined and loss.own_activation == "softmax":
        return (_of_class_numbers if loss.takes_indices else _of_rows)(inlined(slope))
    return _of_each_output(inlined(slope))


def _of_each_output(slope: Any) -> Callable[..., None]:
    """A row's loss is the mean over its outputs."""

    def gradient_of(outputs, y, gradient, n_rows, n_outputs, delta):
        share = type(delta)(1) / type(delta)(n_outputs)
        for i in range(n_rows * n_outputs):
            gradient[i] = slope(y[i], outputs[i], delta) * share

    return gradient_of


@inlined
def _shares(z, out, start, n_outputs):
    """Softmax of a row."""
    largest = z[start]
    for unit in range(1, n_outputs):
        largest = largest if z[start + unit] <= largest else z[start + unit]
    total = type(largest)(0)
    for unit in range(n_outputs):
        each = exp(z[start + unit] - largest)
        out[start + unit] = each
        total += each
    for unit in range(n_outputs):
        out[start + unit] /= total


def _of_rows(slope: Any) -> Callable[..., None]:
    """A row's loss is the sum over its outputs."""

    def gradient_of(outputs, y, gradient, n_rows, n_outputs, delta):
        for row in range(n_rows):
            start = row * n_outputs
            _shares(outputs, gradient, start, n_outputs)
            for unit in range(n_outputs):
                gradient[start + unit] = slope(y[start + unit], gradient[start + unit])

    return gradient_of


def _of_class_numbers(slope: Any) -> Callable[..., None]:
    """The same where the target is one for the class of a row, and zero for the others."""

    def gradient_of(outputs, y, gradient, n_rows, n_outputs, delta):
        number = type(delta)
        for row in range(n_rows):
            start = row * n_outputs
            _shares(outputs, gradient, start, n_outputs)
            own = start + int(y[row])
            share = gradient[own]
            for unit in range(n_outputs):
                gradient[start + unit] = slope(number(0), gradient[start + unit])
            gradient[own] = slope(number(1), share)

    return gradient_of
