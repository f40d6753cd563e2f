"""A network over a batch of one size: gradients of all weights for one update, by NumPy."""

from __future__ import annotations

import numpy as np

from ._fused_structure import Numbers, TrainingStructure
from ._numpy_dropout import DropoutMask
from ._numpy_layers import HiddenLayer, OutputLayer
from ._numpy_losses import loss_gradient
from ._numpy_weights import VectorLayout

Array = np.ndarray


class BatchNetwork:
    """The layers with buffers for ``n_rows`` rows, on vectors of weights that batches of all sizes share.

    The rows may be a part of a batch of ``of_rows``, over which gradients are averaged.
    """

    def __init__(
        self,
        structure: TrainingStructure,
        layout: VectorLayout,
        weights: Array,
        gradient: Array,
        moving: list[Array],
        numbers: Numbers,
        rates: list[float],
        n_inputs: int,
        n_rows: int,
        of_rows: int,
    ):
        self._loss, self._delta = structure.loss, numbers.huber_delta
        self._share = weights.dtype.type(1 / of_rows)
        remaining = iter(rates)
        self._input_dropout = None
        if structure.network.input_dropout:
            self._input_dropout = DropoutMask(next(remaining), (n_rows, n_inputs), weights.dtype)
        statistics = iter(moving)
        arrays = list(zip(layout.views(weights), layout.views(gradient), strict=True))
        self._hidden = [
            HiddenLayer(
                layer,
                *own,
                moving=(next(statistics), next(statistics)) if layer.batch_norm else None,
                numbers=numbers,
                rate=next(remaining) if layer.dropout else 0.0,
                n_rows=n_rows,
                of_rows=of_rows,
                penalised=structure.activity_penalty,
            )
            for layer, own in zip(structure.network.layers, arrays[:-1], strict=True)
        ]
        self._output = OutputLayer(*arrays[-1])

    @property
    def activity_penalty(self) -> float:
        """Of the last update."""
        return sum(layer.activity_penalty for layer in self._hidden)

    def draw(self, bits: np.random.BitGenerator) -> None:
        """New masks of dropout."""
        if self._input_dropout is not None:
            self._input_dropout.draw(bits)
        for layer in self._hidden:
            layer.draw(bits)

    def gradients(self, x: Array, y: Array, sample_weight: Array | None) -> Array:
        """Fill the vector of gradients; weighted sums of the output layer, shape (outputs, rows).

        ``x`` has the shape (rows, inputs + 1), the last column being ones; input dropout changes it.
        """
        if self._input_dropout is not None:
            self._input_dropout.forward(x[:, :-1], x[:, :-1])
        outputs = x.T
        for layer in self._hidden:
            layer.forward(outputs)
            outputs = layer.outputs
        z = self._output.forward(outputs)
        gradient = loss_gradient(self._loss, y, z, self._delta)
        np.multiply(gradient, self._share if sample_weight is None else sample_weight * self._share, out=gradient)
        self._output.backward(gradient)
        if self._hidden:
            self._output.gradient_of_inputs(gradient, self._hidden[-1].gradient)
        for index in reversed(range(len(self._hidden))):
            self._hidden[index].backward()
            if index:
                self._hidden[index].gradient_of_inputs(self._hidden[index - 1].gradient)
        return z
