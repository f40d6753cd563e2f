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
        return _of_rows(inlined(slope), loss.takes_indices)
    return _of_each_output(inlined(slope))


def _of_each_output(slope: Any) -> Callable[..., None]:
    """A row's loss is the mean over its outputs."""

    def gradient_of(outputs, y, gradient, n_rows, n_outputs, delta):
        share = type(delta)(1) / type(delta)(n_outputs)
        for i in range(n_rows * n_outputs):
            gradient[i] = slope(y[i], outputs[i], delta) * share

    return gradient_of


@inlined
def _exponentials(z, out, start, n_outputs):
    """Those of a row, less the largest; their sum."""
    largest = z[start]
    for unit in range(1, n_outputs):
        largest = largest if z[start + unit] <= largest else z[start + unit]
    total = type(largest)(0)
    for unit in range(n_outputs):
        each = exp(z[start + unit] - largest)
        out[start + unit] = each
        total += each
    return total


def _of_rows(slope: Any, takes_indices: bool) -> Callable[..., None]:
    """A row's loss is the sum over its outputs."""

    def gradient_of(outputs, y, gradient, n_rows, n_outputs, delta):
        number = type(delta)
        for row in range(n_rows):
            start = row * n_outputs
            total = _exponentials(outputs, gradient, start, n_outputs)
            for unit in range(n_outputs):
                target = number(unit == int(y[row])) if takes_indices else y[start + unit]
                gradient[start + unit] = slope(target, gradient[start + unit] / total)

    return gradient_of
