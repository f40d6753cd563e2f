"""The layers of a network for NumPy: buffers for a batch of one size, filled anew by every update.

Arrays are ``(units, rows)``. Each layer hands on its outputs with a last row of ones, which meets
the bias (see `_numpy_weights`); a layer without a bias leaves that row out. Nothing is allocated in
an update but what a few rows cost.
"""

from __future__ import annotations

import numpy as np

from ._fused_structure import LayerStructure, Numbers
from ._numpy_activations import ACTIVATIONS
from ._numpy_dropout import DropoutMask
from ._numpy_penalties import activity_penalty
from ._numpy_weights import LayerArrays

Array = np.ndarray


class HiddenLayer:
    """A hidden layer in training.

    Parameters
    ----------
    layer : LayerStructure
    weights, gradient : LayerArrays
        Views of the vectors of all weights and gradients.
    moving : tuple of two ndarray, or None
        Moving mean and variance, changed in place.
    numbers : Numbers
    rate : float
        Of dropout.
    n_rows : int
        Rows that the layer sees.
    of_rows : int
        Rows of the whole batch, over which penalties are averaged.
    penalised : bool
        Whether there is a penalty on the activations.
    """

    def __init__(
        self,
        layer: LayerStructure,
        weights: LayerArrays,
        gradient: LayerArrays,
        moving: tuple[Array, Array] | None,
        numbers: Numbers,
        rate: float,
        n_rows: int,
        of_rows: int,
        penalised: bool,
    ):
        dtype, shape = weights.affine.dtype, (len(weights.affine), n_rows)
        self._layer, self._weights, self._gradient, self._numbers = layer, weights, gradient, numbers
        self._activation = ACTIVATIONS[layer.activation]
        self._slope, self._penalised, self._of_rows = numbers.negative_slope, penalised, of_rows
        self.outputs = np.ones((shape[0] + 1, n_rows), dtype)
        self._active = self._last = self.outputs[:-1]
        self.gradient, self._scratch = np.empty(shape, dtype), np.empty(shape, dtype)
        if layer.dropout or layer.batch_norm == "after":
            self._active = np.empty(shape, dtype)
        self._sums = np.empty(shape, dtype) if self._activation.needs_sums else self._active
        normalisation = None
        if moving is not None and weights.normalisation and gradient.normalisation:
            normalisation = Normalisation(weights.normalisation, gradient.normalisation, moving, numbers, shape)
        self._before = normalisation if layer.batch_norm == "before" else None
        self._after = normalisation if layer.batch_norm == "after" else None
        self._dropout = DropoutMask(rate, shape, dtype, alpha=layer.alpha_dropout) if layer.dropout else None
        self.activity_penalty = 0.0

    def draw(self, bits: np.random.BitGenerator) -> None:
        """A new mask of dropout."""
        if self._dropout is not None:
            self._dropout.draw(bits)

    def forward(self, inputs: Array) -> None:
        """From inputs with a row of ones."""
        self._inputs = inputs if self._layer.has_bias else inputs[:-1]
        np.matmul(self._weights.affine, self._inputs, out=self._sums)
        if self._before is not None:
            self._before.forward(self._sums, self._sums, self._scratch)
        self._activation.forward(self._sums, self._active, self._scratch, self._slope)
        outputs = self._active
        if self._after is not None:
            self._after.forward(outputs, self._last, self._scratch)
            outputs = self._last
        if self._dropout is not None:
            self._dropout.forward(outputs, self._last)
        if self._penalised:
            self.activity_penalty = activity_penalty(self._active, self._numbers) / self._of_rows

    def backward(self) -> None:
        """From ``self.gradient`` by the outputs, to that by the weighted sums and by the weights."""
        gradient, scratch, numbers = self.gradient, self._scratch, self._numbers
        if self._dropout is not None:
            self._dropout.backward(gradient)
        if self._after is not None:
            self._after.backward(gradient, scratch)
        if self._penalised:
            share = 1 / self._of_rows
            np.multiply(self._active, 2 * numbers.activity_l2 * share, out=scratch)
            np.add(gradient, scratch, out=gradient)
            np.multiply(np.sign(self._active, out=scratch), numbers.activity_l1 * share, out=scratch)
            np.add(gradient, scratch, out=gradient)
        self._activation.backward(gradient, self._sums, self._active, scratch, self._slope)
        if self._before is not None:
            self._before.backward(gradient, scratch)
        np.matmul(gradient, self._inputs.T, out=self._gradient.affine)

    def gradient_of_inputs(self, out: Array) -> None:
        """Through the kernel."""
        through_kernel(self._weights.affine, self.gradient, out)


class OutputLayer:
    """The last, affine layer."""

    def __init__(self, weights: LayerArrays, gradient: LayerArrays):
        self._weights, self._gradient = weights.affine, gradient.affine

    def forward(self, inputs: Array) -> Array:
        """Weighted sums, shape (outputs, rows)."""
        self._inputs = inputs
        return np.matmul(self._weights, inputs)

    def backward(self, gradient: Array) -> None:
        np.matmul(gradient, self._inputs.T, out=self._gradient)

    def gradient_of_inputs(self, gradient: Array, out: Array) -> None:
        through_kernel(self._weights, gradient, out)


def through_kernel(affine: Array, gradient: Array, out: Array) -> None:
    """Gradient of a layer's inputs, from that of its weighted sums."""
    kernel = affine[:, : len(out)]
    if len(kernel) == 1:  # a product with one row is slow for BLAS
        np.multiply(kernel.T, gradient, out=out)
    else:
        np.matmul(kernel.T, gradient, out=out)


class Normalisation:
    """Batch normalisation over the rows of a batch."""

    def __init__(
        self,
        weights: tuple[Array, Array],
        gradient: tuple[Array, Array],
        moving: tuple[Array, Array],
        numbers: Numbers,
        shape: tuple[int, int],
    ):
        dtype = weights[0].dtype
        self._gamma, self._beta = weights
        self._to_gamma, self._to_beta = gradient
        self._moving = moving
        self._momentum, self._epsilon = numbers.batch_norm_momentum, numbers.batch_norm_epsilon
        self._normalised = np.empty(shape, dtype)
        self._ones = np.ones(shape[1], dtype)
        self._share = self._ones / dtype.type(shape[1])

    def forward(self, z: Array, out: Array, scratch: Array) -> None:
        """``out`` may be ``z``."""
        mean = z @ self._share
        np.subtract(z, mean[:, None], out=self._normalised)
        np.multiply(self._normalised, self._normalised, out=scratch)
        variance = scratch @ self._share
        self._inverse_deviation = 1 / np.sqrt(variance + self._epsilon)
        np.multiply(self._normalised, self._inverse_deviation[:, None], out=self._normalised)
        np.multiply(self._normalised, self._gamma[:, None], out=out)
        np.add(out, self._beta[:, None], out=out)
        for moving, now in zip(self._moving, (mean, variance), strict=True):
            moving *= self._momentum
            moving += now * (1 - self._momentum)

    def backward(self, gradient: Array, scratch: Array) -> None:
        """In place, and the gradients of gamma and beta."""
        np.multiply(gradient, self._normalised, out=scratch)
        np.matmul(scratch, self._ones, out=self._to_gamma)
        np.matmul(gradient, self._ones, out=self._to_beta)
        share = self._share[0]
        np.multiply(self._normalised, (self._to_gamma * share)[:, None], out=scratch)
        np.subtract(gradient, scratch, out=gradient)
        np.subtract(gradient, (self._to_beta * share)[:, None], out=gradient)
        np.multiply(gradient, (self._gamma * self._inverse_deviation)[:, None], out=gradient)
