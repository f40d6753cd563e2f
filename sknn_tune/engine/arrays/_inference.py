"""Outputs of a network without TensorFlow: products of our own (see `products`), and all else by NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import sparse

from ...specs import ChosenRows, NetworkSpec
from .._rows import Rows, RowsInMemory
from ..formulas import EPSILON, LayerStructure, NetworkStructure, Numbers, layer_widths, network_structure
from ..products import product_of
from ._activations import activate

Array = np.ndarray

#: Values of the widest layer that are worked out together: 256 KB in float32, which stay near the processor.
_VALUES_AT_A_TIME = 65_536

#: Outputs of the layer before -> activations, and what the next layer sees of them.
_Layer = Callable[[Any], tuple[Array, Array]]


class ForwardPass:
    """A network with its weights at one time.

    Parameters
    ----------
    structure : NetworkStructure
    weights : list of ndarray
        In the order of ``keras.Model.get_weights``. They are copied.
    numbers : Numbers
    """

    def __init__(self, structure: NetworkStructure, weights: list[Array], numbers: Numbers):
        remaining, is_shared = iter(weights), structure.n_members > 1
        make_layer = _shared_layer if is_shared else _dense_layer
        self._layers = [make_layer(layer, remaining, structure.dtype, numbers) for layer in structure.layers]
        make_output = _outputs_of_members if is_shared else product_of
        self._output_sums = make_output(next(remaining), next(remaining), structure.dtype)

    def __call__(self, rows: RowsInMemory) -> tuple[Array, list[Array]]:
        """Weighted sums of the output layer, shape (..., rows, outputs), and activations of the hidden layers.

        Members that share weights have an axis of their own before the rows.
        """
        values: Any = rows
        activations = []
        for layer in self._layers:
            active, values = layer(values)
            activations.append(active)
        return self._output_sums(values), activations


def _dense_layer(layer: LayerStructure, remaining: Iterator[Array], dtype: str, numbers: Numbers) -> _Layer:
    kernel = next(remaining)
    product = product_of(kernel, next(remaining) if layer.has_bias else None, dtype)
    normalise = _normalisation(remaining, numbers) if layer.batch_norm else None
    is_before = layer.batch_norm == "before"

    def outputs(values: RowsInMemory) -> tuple[Array, Array]:
        z = product(values)
        if normalise and is_before:
            z = normalise(z)
        active = activate(layer.activation, z, numbers.negative_slope)
        return active, normalise(active) if normalise and not is_before else active

    return outputs


def _normalisation(remaining: Iterator[Array], numbers: Numbers) -> Callable[[Array], Array]:
    gamma, beta, mean, variance = (next(remaining) for _ in range(4))
    factor = gamma / np.sqrt(variance + numbers.batch_norm_epsilon)
    shift = beta - mean * factor
    return lambda z: z * factor + shift


def _shared_layer(layer: LayerStructure, remaining: Iterator[Array], dtype: str, numbers: Numbers) -> _Layer:
    """The same where members share kernels, with scales and biases for each."""
    kernel, input_scale, output_scale, bias = (next(remaining) for _ in range(4))
    product = product_of(kernel, None, dtype)

    def outputs(values: RowsInMemory) -> tuple[Array, Array]:
        z = _each_times(values, input_scale, product)
        z *= output_scale[:, None]
        z += bias[:, None]
        active = activate(layer.activation, z, numbers.negative_slope)
        return active, active

    return outputs


def _each_times(values: RowsInMemory, scales: Array, product: Callable[[Any], Array]) -> Array:
    """Products of the rows of each member, times its scales; the first layer gets the rows alone, the same for all."""
    if sparse.issparse(values):
        return np.stack([product(_scaled(values, scale)) for scale in scales])
    scaled = values * scales[:, None]
    return product(scaled.reshape(-1, scaled.shape[-1])).reshape(*scaled.shape[:-1], -1)


def _scaled(rows: Any, scale: Array) -> Any:
    return type(rows)((rows.data * scale[rows.indices], rows.indices, rows.indptr), shape=rows.shape)


def _outputs_of_members(kernels: Array, biases: Array, dtype: str) -> Callable[[Array], Array]:
    products = [product_of(kernel, bias, dtype) for kernel, bias in zip(kernels, biases, strict=True)]

    def sums(values: Any) -> Array:
        if values.ndim == 2:  # no hidden layer: the rows, the same for all
            return np.stack([product(values) for product in products])
        return np.stack([product(own) for product, own in zip(products, values, strict=True)])

    return sums


def outputs_of_sums(structure: NetworkStructure, z: Array, numbers: Numbers) -> Array:
    """The output activation, and where there are members the mean over these."""
    outputs = activate(structure.output_activation, z, numbers.negative_slope)
    return outputs if structure.n_members == 1 else _mean_of_members(outputs)


def _mean_of_members(outputs: Array) -> Array:
    """One after the other: NumPy's own sum has another order where there is one row."""
    total = outputs[0] + outputs[1]
    for own in outputs[2:]:
        total += own
    return total / len(outputs)


def sums_of_mean(structure: NetworkStructure, z: Array, numbers: Numbers) -> Array:
    """Weighted sums for which a crossentropy behind its own activation is that of the mean over the members."""
    share = np.clip(outputs_of_sums(structure, z, numbers), EPSILON, 1 - EPSILON)
    return np.log(share) if structure.output_activation == "softmax" else np.log(share / (1 - share))


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
        self._sums = ForwardPass(self._structure, self._weights, self._numbers)
        self._dtype, self._n_outputs = network.dtype, network.n_outputs
        values_of_a_row = max(layer_widths(network)[1:]) * self._structure.n_members
        self._rows_at_a_time = max(_VALUES_AT_A_TIME // values_of_a_row, 1)

    def has(self, weights: list[Array]) -> bool:
        """Whether these are its weights."""
        return all(map(np.array_equal, self._weights, weights))

    def __call__(self, X: Rows, batch_rows: int | None = None) -> Array:
        """Raw outputs for the rows of ``X``, of shape (n_rows, n_outputs), some rows at a time."""
        n_rows, size = X.shape[0], batch_rows or self._rows_at_a_time
        with np.errstate(all="ignore"):
            if n_rows <= size:
                return self._outputs(X[:] if isinstance(X, ChosenRows) else X)
            outputs = np.empty((n_rows, self._n_outputs), self._dtype)
            for start in range(0, n_rows, size):
                rows = slice(start, start + size)
                outputs[rows] = self._outputs(X[rows])
        return outputs

    def _outputs(self, rows: RowsInMemory) -> Array:
        z, _ = self._sums(rows)
        return outputs_of_sums(self._structure, z, self._numbers)
