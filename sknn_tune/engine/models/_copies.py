"""Copies of Keras objects that a user gave: a fit works on these and never changes the user's own."""

from __future__ import annotations

import copy
from typing import Any

from ..._compat.keras import arguments_of_compile
from .._tensorflow import keras
from ._weights import assign_all, set_weights


def same_again(given: Any) -> Any:
    """A new object of the same class and configuration, without what the given one has learnt."""
    return type(given).from_config(given.get_config())


def copied_metric(metric: Any) -> Any:
    """A metric object of its own, since these add up over batches; a name or a function as it is."""
    return same_again(metric) if isinstance(metric, keras.metrics.Metric) else metric


def copied_layer(layer: keras.layers.Layer) -> keras.layers.Layer:
    """A layer with the same configuration and, where the given one has any, the same weights."""
    copied = same_again(layer)
    if layer.built and layer.weights:
        copied.build(layer.get_build_config()["input_shape"])
        set_weights(copied, layer.get_weights())
    return copied


def copied_model(model: keras.Model) -> keras.Model:
    """A model with the same layers and weights, compiled in the same way."""
    try:
        copied = keras.models.clone_model(model)
    except (TypeError, ValueError, NotImplementedError):  # by subclassing, without a get_config that its maker takes
        return copy.deepcopy(model)
    set_weights(copied, model.get_weights())
    if model.compiled:
        arguments = arguments_of_compile(model)
        arguments["optimizer"] = _copied_optimizer(model.optimizer, copied)
        for name in ("metrics", "weighted_metrics"):
            arguments[name] = keras.tree.map_structure(copied_metric, arguments[name])
        copied.compile(**arguments)
    return copied


def _copied_optimizer(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> keras.optimizers.Optimizer:
    """An optimizer for ``model`` that goes on where the given one stands."""
    copied = same_again(optimizer)
    if optimizer.built:
        copied.build(model.trainable_variables)
        if len(copied.variables) == len(optimizer.variables):  # not if layers were frozen since
            assign_all(copied.variables, optimizer.variables)
    return copied
