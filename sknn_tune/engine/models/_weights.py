"""The numbers of a Keras model out of it and into it."""

from __future__ import annotations

import numpy as np

from ..._compat.keras import all_layers
from .._network_arrays import NetworkArrays, check_same_shapes
from .._tensorflow import keras


def read_arrays(model) -> NetworkArrays:
    """Copies of weights, optimizer state and generator states."""
    optimizer = model.optimizer
    state = None
    if optimizer is not None and optimizer.built:
        state = [_number(variable) for variable in optimizer.variables]
    return NetworkArrays(model.get_weights(), state, [_number(variable) for variable in _generators(model)])


def write_arrays(model, arrays: NetworkArrays) -> None:
    """Set weights, optimizer state and generator states."""
    set_weights(model, arrays.weights)
    if arrays.optimizer is not None:
        model.optimizer.build(model.trainable_variables)
        for variable, value in zip(model.optimizer.variables, arrays.optimizer, strict=True):
            variable.assign(value)
    if arrays.seeds is not None:
        for variable, value in zip(_generators(model), arrays.seeds, strict=True):
            variable.assign(value)


def set_weights(layer, weights) -> None:
    """Set the weights of a layer or model, with what Normalization layers have computed from theirs."""
    layer.set_weights(weights)
    for inner in all_layers(layer):
        if isinstance(inner, keras.layers.Normalization):
            inner.finalize_state()


def carry_over(old, new) -> None:
    """Let ``new`` go on where ``old`` stands, under its own learning rate.

    The state of the optimizer goes along if both have the same kind of optimizer.
    """
    check_same_shapes(old.weights, new.weights)
    set_weights(new, old.get_weights())
    _assign_if_alike(_generators(new), _generators(old))
    if type(old.optimizer) is type(new.optimizer) and old.optimizer.built:
        new.optimizer.build(new.trainable_variables)
        _assign_if_alike(_slots(new.optimizer), _slots(old.optimizer))


def _assign_if_alike(targets: list, sources: list) -> None:
    """Other parameters may need other states (dropout, momentum): these then start from their own."""
    if [tuple(target.shape) for target in targets] == [tuple(source.shape) for source in sources]:
        for target, source in zip(targets, sources, strict=True):
            target.assign(source)


def _slots(optimizer) -> list:
    return [variable for variable in optimizer.variables if variable.name != "learning_rate"]


def _number(variable) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(variable))  # a copy: Keras hands out its own memory


def _generators(model) -> list:
    """States of the random generators of layers, in the order of the layers."""
    return [variable for variable in model.variables if variable.name == "seed_generator_state"]
