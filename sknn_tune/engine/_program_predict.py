"""Outputs of a network by a program that is open in widths and rows: nothing is traced for a new network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..specs import NetworkSpec
from ._fused_structure import Numbers, flatten_weights, layer_widths, network_structure, weight_slots
from ._program import build_prediction_program
from ._program_cache import PROGRAMS
from ._row_blocks import dense_rows, never_alone, rows_at_a_time
from ._tensorflow import tf


class ProgramPredictor:
    """A network ready to predict: its weights stand on the device, so a single row costs one call.

    Parameters
    ----------
    network : NetworkSpec
    weights : list of ndarray
        In the order of ``keras.Model.get_weights``.
    """

    def __init__(self, network: NetworkSpec, weights: list[np.ndarray]):
        structure, widths = network_structure(network), layer_widths(network)
        structure = replace(structure, layers=tuple(replace(layer, dropout=False) for layer in structure.layers))
        structure = replace(structure, input_dropout=False)
        trained, moving = flatten_weights(weights, weight_slots(structure, widths), network.dtype)
        self._program = PROGRAMS.get("prediction", structure, build_prediction_program)
        self._weights = tf.constant(trained), tf.constant(moving)
        self._numbers = tf.constant(np.array(Numbers.of(network), network.dtype)), tf.constant(widths, tf.int32)
        self._dtype, self._n_outputs = tf.as_dtype(network.dtype), network.n_outputs

    def __call__(self, X: Any, batch_rows: int | None = None) -> np.ndarray:
        """Raw outputs for the rows of ``X``, of shape (n_rows, n_outputs), some rows at a time."""
        size = batch_rows or rows_at_a_time(X)
        outputs = [np.empty((0, self._n_outputs), self._dtype.as_numpy_dtype)]
        for start in range(0, X.shape[0], size):
            rows = dense_rows(X, slice(start, start + size))
            x = tf.constant(never_alone(rows), self._dtype)
            outputs.append(np.asarray(self._program(*self._weights, x, *self._numbers))[: len(rows)])
        return np.concatenate(outputs)
