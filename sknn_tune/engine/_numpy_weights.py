"""All weights of a network in one vector, in the layout that NumPy's products are fastest in.

Keras keeps a kernel as (inputs, units). Here a layer is a matrix (units, inputs + 1) whose last
column is the bias: with activations as (units, rows) and a last row of ones, forward pass, gradient
of kernel and bias, and gradient of the inputs are one product each, and all but the last of them
read memory in order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._fused_structure import NetworkStructure

Array = np.ndarray


class LayerArrays(NamedTuple):
    """A layer's part of the vector, as views."""

    affine: Array  # (units, inputs), or (units, inputs + 1) where there is a bias
    normalisation: tuple[Array, Array] | None  # gamma and beta

    def parts(self, has_bias: bool) -> list[Array]:
        """Views in Keras' order and shapes."""
        found = [self.affine[:, :-1].T, self.affine[:, -1]] if has_bias else [self.affine.T]
        return [*found, *(self.normalisation or ())]


class VectorLayout:
    """Where each layer's arrays lie in a vector of all that is trained."""

    def __init__(self, structure: NetworkStructure, widths: tuple[int, ...]):
        self._layers = [
            (fan_out, fan_in, layer is None or layer.has_bias, layer is not None and layer.batch_norm is not None)
            for layer, fan_in, fan_out in zip((*structure.layers, None), widths[:-1], widths[1:], strict=True)
        ]
        self.size = sum(
            units * (inputs + has_bias + 2 * normalised) for units, inputs, has_bias, normalised in self._layers
        )

    def views(self, vector: Array) -> list[LayerArrays]:
        """The vector's parts, layer by layer."""
        found, start = [], 0
        for units, inputs, has_bias, normalised in self._layers:
            stop = start + units * (inputs + has_bias)
            affine = vector[start:stop].reshape(units, inputs + has_bias)
            start, normalisation = stop, None
            if normalised:
                normalisation = vector[start : start + units], vector[start + units : start + 2 * units]
                start += 2 * units
            found.append(LayerArrays(affine, normalisation))
        return found

    def pack(self, arrays: list[Array], dtype: str) -> Array:
        """A vector of the arrays that are trained, which come in Keras' order."""
        vector = np.empty(self.size, dtype)
        for part, array in zip(self._parts(vector), arrays, strict=True):
            np.copyto(part, array, casting="same_kind")
        return vector

    def unpack(self, vector: Array) -> list[Array]:
        """The inverse of `pack`."""
        return [np.array(part, order="C") for part in self._parts(vector)]

    def kernel_mask(self, dtype: str) -> Array:
        """One where the vector holds a kernel, which penalties are for, else zero."""
        mask = np.zeros(self.size, dtype)
        for layer, (_, inputs, _, _) in zip(self.views(mask), self._layers, strict=True):
            layer.affine[:, :inputs] = 1
        return mask

    def _parts(self, vector: Array) -> list[Array]:
        return [
            part
            for layer, (_, _, has_bias, _) in zip(self.views(vector), self._layers, strict=True)
            for part in layer.parts(has_bias)
        ]
