"""The next update of a trained network: the gradient of its loss, and what its optimizer makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..._compat.keras import own_trainable_variables
from ...specs import ArrayData
from .._devices import placed_on
from .._rows import dense_rows
from .._tensorflow import keras, tf
from .._trained import TrainedNetwork
from ..models import current_learning_rate
from ._layers import layers_of, names_of, own_model
from ._signals import rows_to_hold

#: Values of a variable, their gradient, and the change of the values.
_Parts: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class LayerUpdate:
    """Weights of one layer that are trained, their gradient, and the update that the optimizer makes of it.

    Attributes
    ----------
    layer : str
    weights, gradient, update : ndarray of shape (n_weights,)
        Kernel, bias and so on, one after the other.
    """

    layer: str
    weights: np.ndarray
    gradient: np.ndarray
    update: np.ndarray


@dataclass(frozen=True, eq=False)
class NextUpdate:
    """One update of a network from all rows at once.

    Attributes
    ----------
    layers : tuple of LayerUpdate
        Layers with weights that are trained, from input to output.
    loss : float
        Over all rows, penalties included.
    learning_rate : float
        Of this update.
    optimizer : str
        Name of its class.
    """

    layers: tuple[LayerUpdate, ...]
    loss: float
    learning_rate: float
    optimizer: str


def next_update(trained: TrainedNetwork, data: ArrayData, *, device: str | Sequence[str] | None = None) -> NextUpdate:
    """The gradient of the loss over all rows, penalties included, and what the optimizer makes of it.

    Network and optimizer are copies. The optimizer has the momentum, moments and rate that it had after the last
    update.
    """
    with placed_on(device, must_exist=False) as placement, placement.for_tensorflow():
        model = own_model(trained)
        names = names_of(trained, model)
        loss, gradients = _gradients(model, data, rows_to_hold(model, names, data.X))
        variables = model.trainable_variables
        learning_rate = current_learning_rate(model.optimizer)
        before = [np.array(variable) for variable in variables]
        model.optimizer.apply(gradients, variables)
        after = [np.array(variable) for variable in variables]
        by_variable = {
            id(variable): (old, np.asarray(gradient), new - old)
            for variable, old, gradient, new in zip(variables, before, gradients, after, strict=True)
        }
        layers = tuple(_layer_updates(model, names, by_variable))
    return NextUpdate(layers, loss, learning_rate, type(model.optimizer).__name__)


def _gradients(model: keras.Model, data: ArrayData, n_rows: int) -> tuple[float, list[tf.Tensor]]:
    """Loss and gradients of all rows: means over blocks, each by its share of the rows. Penalties are in each."""
    loss, gradients = 0.0, [tf.zeros_like(variable) for variable in model.trainable_variables]
    for start in range(0, data.n_rows, n_rows):
        rows = slice(start, start + n_rows)
        x, y = (keras.ops.convert_to_tensor(part) for part in (dense_rows(data.X, rows), data.y[rows]))
        weights = None if data.sample_weight is None else keras.ops.convert_to_tensor(data.sample_weight[rows])
        share = x.shape[0] / data.n_rows
        with tf.GradientTape() as tape:
            block_loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=False), sample_weight=weights)
        block = tape.gradient(block_loss, [variable.value for variable in model.trainable_variables])
        loss += share * float(block_loss)
        gradients = [
            total if part is None else total + share * tf.convert_to_tensor(part)
            for total, part in zip(gradients, block, strict=True)
        ]
    return loss, gradients


def _layer_updates(model: keras.Model, names: dict[int, str], by_variable: dict[int, _Parts]) -> Iterator[LayerUpdate]:
    """By layer, in the order of the layers; a weight that several layers share counts for the first."""
    for layer in (*layers_of(model), model):
        own = [
            by_variable.pop(id(variable)) for variable in own_trainable_variables(layer) if id(variable) in by_variable
        ]
        if own:
            weights, gradient, update = (
                np.concatenate([np.ravel(part) for part in parts]) for parts in zip(*own, strict=True)
            )
            yield LayerUpdate(names[id(layer)], weights, gradient, update)
