"""Outputs of a network by NumPy: a row costs microseconds, and TensorFlow need not be loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...specs import NetworkSpec
from .._rows import dense_rows, rows_at_a_time
from ..formulas import EPSILON, NetworkStructure, Numbers, network_structure
from ._activations import activate

Array = np.ndarray

#: Products are made in blocks of so many rows, the last one filled up with zeros: BLAS takes other routines
#: for other numbers of rows, which round differently, and a row's prediction must not depend on the others.
_ROWS_OF_A_BLOCK = 64


def infer(structure: NetworkStructure, weights: list[Array], x: Array, numbers: Numbers) -> tuple[Array, list[Array]]:
    """Weighted sums of the output layer, shape (..., rows, outputs), and activations of the hidden layers.

    ``weights`` are in the order of ``keras.Model.get_weights``. Members that share weights have an axis of their own
    before the rows.
    """
    if structure.n_members > 1:
        return _infer_members(structure, weights, x, numbers)
    remaining = iter(weights)
    activations = []
    for layer in structure.layers:
        z = x @ next(remaining)
        if layer.has_bias:
            z += next(remaining)
        if layer.batch_norm == "before":
            z = _normalised(z, remaining, numbers)
        x = activate(layer.activation, z, numbers.negative_slope)
        activations.append(x)
        if layer.batch_norm == "after":
            x = _normalised(x, remaining, numbers)
    z = x @ next(remaining)
    z += next(remaining)
    return z, activations


def _infer_members(
    structure: NetworkStructure, weights: list[Array], x: Array, numbers: Numbers
) -> tuple[Array, list[Array]]:
    """The same where members share kernels, with scales and biases for each."""
    remaining = iter(weights)
    activations = []
    x = x[..., None, :, :]
    for layer in structure.layers:
        kernel, input_scale, output_scale, bias = (next(remaining) for _ in range(4))
        z = (x * input_scale[:, None]) @ kernel
        z *= output_scale[:, None]
        z += bias[:, None]
        x = activate(layer.activation, z, numbers.negative_slope)
        activations.append(x)
    z = x @ next(remaining)
    z += next(remaining)[:, None]
    return z, activations


def outputs_of_sums(structure: NetworkStructure, z: Array, numbers: Numbers) -> Array:
    """The output activation, and where there are members the mean over these."""
    outputs = activate(structure.output_activation, z, numbers.negative_slope)
    return outputs if structure.n_members == 1 else outputs.mean(axis=-3)


def sums_of_mean(structure: NetworkStructure, z: Array, numbers: Numbers) -> Array:
    """Weighted sums for which a crossentropy behind its own activation is that of the mean over the members."""
    share = np.clip(outputs_of_sums(structure, z, numbers), EPSILON, 1 - EPSILON)
    return np.log(share) if structure.output_activation == "softmax" else np.log(share / (1 - share))


def _normalised(z: Array, remaining: Iterator[Array], numbers: Numbers) -> Array:
    gamma, beta, mean, variance = (next(remaining) for _ in range(4))
    factor = gamma / np.sqrt(variance + numbers.batch_norm_epsilon)
    return z * factor + (beta - mean * factor)


class Predictor:
    """A network ready to predict.

    Parameters
    ----------
    network : NetworkSpec
    weights : list of ndarray
        In the order of ``keras.Model.get_weights``.
    """

    def __init__(self, network: NetworkSpec, weights: list[Array]):
        self._structure, self._numbers = network_structure(network), Numbers.of(network)
        self._weights = [np.asarray(array, network.dtype) for array in weights]
        self._dtype, self._n_outputs = network.dtype, network.n_outputs

    def __call__(self, X: Any, batch_rows: int | None = None) -> Array:
        """Raw outputs for the rows of ``X``, of shape (n_rows, n_outputs), some rows at a time."""
        size = batch_rows or rows_at_a_time(X, self._structure.n_members)
        outputs = [np.empty((0, self._n_outputs), self._dtype)]
        for start in range(0, X.shape[0], size):
            outputs.append(self._outputs(dense_rows(X, slice(start, start + size))))
        return np.concatenate(outputs)

    def _outputs(self, rows: Array) -> Array:
        """The product of a block is the same to the last bit wherever a row stands, and whatever stands beside it."""
        n_blocks = -(-len(rows) // _ROWS_OF_A_BLOCK)
        filled = np.zeros((n_blocks * _ROWS_OF_A_BLOCK, rows.shape[1]), self._dtype)
        filled[: len(rows)] = rows
        blocks = filled.reshape(n_blocks, _ROWS_OF_A_BLOCK, -1)
        with np.errstate(all="ignore"):
            z, _ = infer(self._structure, self._weights, blocks, self._numbers)
            if self._structure.n_members > 1:
                outputs = outputs_of_sums(self._structure, z, self._numbers)
                return outputs.reshape(-1, self._n_outputs)[: len(rows)]
            return outputs_of_sums(self._structure, z.reshape(-1, self._n_outputs)[: len(rows)], self._numbers)
