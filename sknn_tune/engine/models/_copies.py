"""Copies of Keras objects that a user gave: a fit works on these and never changes the user's own."""

from __future__ import annotations

import inspect
from typing import Any

from ..._compat.keras import arguments_of_compile
from ..._compat.keras_objects import is_of_keras
from ..._copies import copy_of, made_again
from .._tensorflow import keras
from ._weights import assign_all, set_weights


def copied_metric(metric: Any) -> Any:
    """A metric object of its own, since these add up over batches; a name or a function as it is."""
    if not isinstance(metric, keras.metrics.Metric):
        return metric
    copied = copy_of(metric)
    copied.reset_state()
    return copied


def copied_layer(layer: keras.layers.Layer, name: str | None = None) -> keras.layers.Layer:
    """A layer with the same configuration and, where the given one has any, the same weights."""
    copied = type(layer).from_config({**layer.get_config(), **({} if name is None else {"name": name})})
    _check_is_same(layer, copied)
    if layer.built and layer.weights:
        copied.build(layer.get_build_config()["input_shape"])
        set_weights(copied, layer.get_weights())
    return copied


def _check_is_same(layer: keras.layers.Layer, copied: keras.layers.Layer) -> None:
    """Refuse a layer of the user's whose configuration forgets some of what it was made with."""
    if is_of_keras(layer):
        return
    for name in inspect.signature(type(layer).__init__).parameters:
        value = vars(layer).get(name)
        if isinstance(value, _SETTINGS) and getattr(copied, name, value) != value:
            raise ValueError(
                f"The layer {layer.name!r} cannot be copied, since get_config of {type(layer).__name__} does not tell "
                f"that {name!r} is {value!r}: a copy has {getattr(copied, name)!r}. Let its get_config have {name!r}, "
                "or give a function as 'model' that makes the layer anew."
            )


#: Of the attributes of a layer, those that are compared.
_SETTINGS = (str, int, float, bool, tuple)


def copied_model(model: keras.Model) -> keras.Model:
    """A model with the same layers and weights, compiled in the same way."""
    try:
        copied = keras.models.clone_model(model)
    except (TypeError, ValueError, NotImplementedError):  # by subclassing, without a get_config that its maker takes
        return made_again(model)
    for layer, its_copy in zip(model.layers, copied.layers, strict=True):
        _check_is_same(layer, its_copy)
    set_weights(copied, model.get_weights())
    if model.compiled:
        arguments = arguments_of_compile(model)
        arguments["optimizer"] = _copied_optimizer(model.optimizer, copied)
        arguments["loss"] = copy_of(arguments["loss"])
        for name in ("metrics", "weighted_metrics"):
            arguments[name] = keras.tree.map_structure(copied_metric, arguments[name])
        copied.compile(**arguments)
    return copied


def _copied_optimizer(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> keras.optimizers.Optimizer:
    """An optimizer for ``model`` that goes on where the given one stands."""
    copied = copy_of(optimizer)
    if optimizer.built:
        copied.build(model.trainable_variables)
        if len(copied.variables) == len(optimizer.variables):  # not if layers were frozen since
            assign_all(copied.variables, optimizer.variables)
    return copied
