"""Losses and accuracies by NumPy, for the numbers that an epoch records.

Arrays are ``(rows, outputs)``; class numbers come as one column. A crossentropy behind its own activation is worked
out from the weighted sums, as Keras does, and any other loss from the outputs: either is called ``values`` here.
"""

from __future__ import annotations

import numpy as np

from ..formulas import LOSSES
from ._activations import shifted_sums
from ._arithmetic import ARITHMETIC

Array = np.ndarray

_OF_OUTPUTS = {name: loss.of_outputs(ARITHMETIC)[0] for name, loss in LOSSES.items() if loss.of_outputs is not None}
_OF_SUMS = {name: loss.of_sums(ARITHMETIC)[0] for name, loss in LOSSES.items() if loss.of_sums is not None}


def _mean_of_outputs(each: Array) -> Array:
    return each[:, 0] if each.shape[1] == 1 else each.mean(axis=1)


def loss_of_rows(loss: str, combined: bool, y: Array, values: Array, delta: float) -> Array:
    """Loss of each row, without its weight."""
    if not combined:
        return _mean_of_outputs(_OF_OUTPUTS[loss](y, values, delta))
    value = _OF_SUMS[loss]
    if LOSSES[loss].own_activation != "softmax":
        return _mean_of_outputs(value(y, values, delta))
    shifted, _, total = shifted_sums(values)
    log_total = np.log(total)
    if LOSSES[loss].takes_indices:
        return value(1.0, shifted[np.arange(len(y)), y[:, 0].astype(np.intp)], log_total[:, 0])
    return value(y, shifted, log_total).sum(axis=1)


def accuracy_of_rows(kind: str, combined: bool, y: Array, values: Array) -> Array:
    """Share of right outputs of each row, as Keras' ``accuracy`` counts them."""
    if kind == "binary":
        return _mean_of_outputs((values > (0 if combined else 0.5)) == y)
    return values.argmax(axis=1) == (y[:, 0] if kind == "index" else y.argmax(axis=1))
