"""A network in training between two calls, and its way to and from Keras' order of arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...specs import NetworkSpec, TrainingSpec
from .._network_arrays import NetworkArrays
from ..formulas import (
    MOMENTS,
    Optimizer,
    WeightSlot,
    flatten_weights,
    layer_widths,
    network_structure,
    resolve_optimizer,
    restore_weights,
    unflatten,
    weight_slots,
)

Array = np.ndarray


class State(NamedTuple):
    """Weights and what the optimizer remembers. Its arrays never change, so keeping one is keeping the state."""

    weights: Array
    moments: list[Array]
    moving: Array
    iterations: int
    u_product: float

    def with_weights_of(self, other: State) -> State:
        """The weights of another, the optimizer of this one."""
        return self._replace(weights=other.weights, moving=other.moving)


class Layout:
    """Keras' list of arrays <-> one vector of what is trained, one of moving statistics, one for each moment."""

    def __init__(self, network: NetworkSpec, training: TrainingSpec):
        self.slots: list[WeightSlot] = weight_slots(network_structure(network), layer_widths(network))
        self.n_trained = sum(slot.size for slot in self.slots if slot.is_trainable)
        self.n_moving = sum(slot.size for slot in self.slots if not slot.is_trainable)
        self._dtype = network.dtype
        self._moments = MOMENTS[resolve_optimizer(training).form]

    def state(self, arrays: NetworkArrays, optimizer: Optimizer) -> State:
        """From Keras' order; without a state of the optimizer, as before the first update."""
        trained, moving = flatten_weights(arrays.weights, self.slots, self._dtype)
        if arrays.optimizer is None:
            moments = [np.full_like(trained, optimizer.initial_moment) for _ in self._moments]
            return State(trained, moments, moving, 0, 1.0)
        lists, iterations, u_product = optimizer.read_variables(arrays.optimizer)
        moments = [np.concatenate([np.ravel(array) for array in each], dtype=self._dtype) for each in lists]
        if any(moment.size != trained.size for moment in moments):  # of a training in which layers were frozen
            return self.state(NetworkArrays(arrays.weights, None, None), optimizer)
        return State(trained, moments, moving, iterations, u_product)

    def arrays(self, state: State, optimizer: Optimizer) -> NetworkArrays:
        """To Keras' order."""
        shapes = [slot.shape for slot in self.slots if slot.is_trainable]
        moments = [unflatten(moment, shapes) for moment in state.moments]
        variables = optimizer.write_variables(moments, state.iterations, state.u_product, self._dtype)
        return NetworkArrays(self.weights(state), variables, None)

    def weights(self, state: State) -> list[Array]:
        """The weights alone."""
        return restore_weights(state.weights, state.moving, self.slots)

    def with_weights(self, state: State, weights: list[Array]) -> State:
        """The state with other weights."""
        trained, moving = flatten_weights(weights, self.slots, self._dtype)
        return state._replace(weights=trained, moving=moving)
