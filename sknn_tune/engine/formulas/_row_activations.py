"""Activations that look at all units of a row: softmax and its logarithm, once for all that computes with them.

A formula gives three functions in an arithmetic: ``value(shifted, e, total)`` of a sum less the largest in its row, its
exponential, and the sum of the exponentials of the row; ``part(gradient, h)``, whose sum over the row goes to
``to_sum(gradient, h, parts)``, the gradient by a weighted sum. None needs a weighted sum to go back, so a layer keeps
its values in the place of the sums.
"""

from __future__ import annotations

from collections.abc import Callable

from ._arithmetic import Arithmetic, Function

RowFormula = Callable[[Arithmetic], tuple[Function, Function, Function]]


def _softmax(m: Arithmetic) -> tuple[Function, Function, Function]:
    return (
        lambda shifted, e, total: e / total,
        lambda gradient, h: gradient * h,
        lambda gradient, h, parts: h * (gradient - parts),
    )


def _log_softmax(m: Arithmetic) -> tuple[Function, Function, Function]:
    exp, log = m.exp, m.log
    return (
        lambda shifted, e, total: shifted - log(total),
        lambda gradient, h: gradient,
        lambda gradient, h, parts: gradient - exp(h) * parts,
    )


ROW_ACTIVATIONS: dict[str, RowFormula] = {"softmax": _softmax, "log_softmax": _log_softmax}
