"""Outputs of a network by NumPy: a row costs microseconds, and TensorFlow need not be loaded."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..specs import NetworkSpec
from ._fused_structure import NetworkStructure, Numbers, by_kind, layer_widths, network_structure, weight_slots
from ._numpy_activations import ACTIVATIONS, logistic
from ._numpy_losses import softmax
from ._numpy_weights import LayerArrays, VectorLayout
from ._row_blocks import dense_rows, rows_at_a_time

Array = np.ndarray

#: Products are made in blocks of so many rows, the last one filled up with zeros: BLAS takes other routines
#: for other numbers of rows, which round differently, and a row's prediction must not depend on the others.
_ROWS_OF_A_BLOCK = 64


def infer(
    structure: NetworkStructure, layers: list[LayerArrays], moving: list[Array], x: Array, numbers: Numbers
) -> tuple[Array, list[Array]]:
    """Weighted sums of the output layer, shape (..., rows, outputs), and activations of the hidden layers."""
    statistics = iter(moving)
    activations = []
    for layer, own in zip(structure.layers, layers[:-1], strict=True):
        z = _affine(x, own.affine, layer.has_bias)
        if layer.batch_norm == "before":
            z = _normalised(z, own, next(statistics), next(statistics), numbers)
        x = np.empty_like(z)
        ACTIVATIONS[layer.activation].forward(z, x, np.empty_like(z), numbers.negative_slope)
        activations.append(x)
        if layer.batch_norm == "after":
            x = _normalised(x, own, next(statistics), next(statistics), numbers)
    return _affine(x, layers[-1].affine, True), activations


def _affine(x: Array, affine: Array, has_bias: bool) -> Array:
    if not has_bias:
        return x @ affine.T
    z = x @ affine[:, :-1].T
    z += affine[:, -1]
    return z


def _normalised(z: Array, own: LayerArrays, mean: Array, variance: Array, numbers: Numbers) -> Array:
    assert own.normalisation is not None
    gamma, beta = own.normalisation
    factor = gamma / np.sqrt(variance + numbers.batch_norm_epsilon)
    return z * factor + (beta - mean * factor)


def outputs_of(activation: str, z: Array) -> Array:
    """The output activation of weighted sums of shape (rows, outputs)."""
    if activation == "softmax":
        return softmax(z.T).T
    if activation == "sigmoid":
        outputs = np.empty_like(z)
        logistic(z, outputs)
        return outputs
    return z


class NumpyPredictor:
    """A network ready to predict.

    Parameters
    ----------
    network : NetworkSpec
    weights : list of ndarray
        In the order of ``keras.Model.get_weights``.
    """

    def __init__(self, network: NetworkSpec, weights: list[Array]):
        self._structure, widths = network_structure(network), layer_widths(network)
        trained, self._moving = by_kind(weights, weight_slots(self._structure, widths))
        layout = VectorLayout(self._structure, widths)
        self._layers = layout.views(layout.pack(trained, network.dtype))
        self._numbers, self._dtype, self._n_outputs = Numbers.of(network), network.dtype, network.n_outputs

    def __call__(self, X: Any, batch_rows: int | None = None) -> Array:
        """Raw outputs for the rows of ``X``, of shape (n_rows, n_outputs), some rows at a time."""
        size = batch_rows or rows_at_a_time(X)
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
            z, _ = infer(self._structure, self._layers, self._moving, blocks, self._numbers)
            return outputs_of(self._structure.output_activation, z.reshape(-1, self._n_outputs)[: len(rows)])
