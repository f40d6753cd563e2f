"""The numbers of a Keras model: read, written, and carried over to another model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..._compat.keras import all_layers, generator_states, variables_without_rate
from .._network_arrays import NetworkArrays, check_same_shapes
from .._tensorflow import keras, tf


def read_arrays(model: keras.Model) -> NetworkArrays:
    """Copies of weights, optimizer state and generator states."""
    optimizer = model.optimizer
    state = None
    if optimizer is not None and optimizer.built:
        state = _numbers(optimizer.variables)
    return NetworkArrays(model.get_weights(), state, _numbers(generator_states(model)))


def read_weights(model: keras.Model) -> list[np.ndarray]:
    """Copies of the weights alone: ``keras.Model.get_weights`` in a third of its time, which one row would wait for."""
    return [_read(variable) for variable in model.weights]


def _read(variable: keras.Variable) -> np.ndarray:
    held = variable.value
    if not hasattr(held, "handle"):  # no variable of TensorFlow's, as inside a scope without state
        return np.array(variable)
    return tf.raw_ops.ReadVariableOp(resource=held.handle, dtype=held.dtype).numpy()


def write_arrays(model: keras.Model, arrays: NetworkArrays) -> None:
    """Set weights, optimizer state and generator states."""
    set_weights(model, arrays.weights)
    if arrays.optimizer is not None:
        model.optimizer.build(model.trainable_variables)
        _assign_if_alike(model.optimizer.variables, arrays.optimizer)  # not if layers were frozen since
    if arrays.seeds is not None:
        assign_all(generator_states(model), arrays.seeds)


def set_weights(layer: keras.layers.Layer, weights: Sequence[np.ndarray]) -> None:
    """Set the weights of a layer or model, with what Normalization layers have computed from theirs."""
    layer.set_weights(weights)
    for inner in all_layers(layer):
        if isinstance(inner, keras.layers.Normalization):
            inner.finalize_state()


def assign_all(variables: Iterable[keras.Variable], values: Iterable[Any]) -> None:
    """Give each variable its value: arrays, or other variables to take it from, as many as there are variables."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def copy_state(source: keras.Model, target: keras.Model) -> None:
    """Give one model all numbers of another that is built and compiled alike, the optimizer's rate included."""
    assign_all(target.variables, source.variables)
    assign_all(target.optimizer.variables, source.optimizer.variables)


def carry_over(old: keras.Model, new: keras.Model) -> None:
    """Let ``new`` go on where ``old`` stands, under its own learning rate.

    The state of the optimizer goes along if both have the same kind of optimizer.
    """
    check_same_shapes(old.weights, new.weights)
    set_weights(new, old.get_weights())
    _assign_if_alike(generator_states(new), generator_states(old))
    if type(old.optimizer) is type(new.optimizer) and old.optimizer.built:
        new.optimizer.build(new.trainable_variables)
        _assign_if_alike(variables_without_rate(new.optimizer), variables_without_rate(old.optimizer))


def _assign_if_alike(targets: list[keras.Variable], sources: Sequence[Any]) -> None:
    """Other parameters may need other states (dropout, momentum): these then start from their own."""
    if [tuple(target.shape) for target in targets] == [tuple(source.shape) for source in sources]:
        assign_all(targets, sources)


def _numbers(variables: Iterable[keras.Variable]) -> list[np.ndarray]:
    """Copies, since Keras hands out its own memory."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
