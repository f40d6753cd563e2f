"""Watches the layers of a Keras model at work, by standing in for the activation or the ``call`` of each.

The other way, a second Keras model with every layer as an output, sees neither what an activation inside a Dense layer
took, nor into models by subclassing. A model that has been watched is changed for good: watch a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..._compat.keras import own_trainable_variables
from .._tensorflow import keras, tf
from ._layers import layers_of

Stage = Literal["inputs", "weighted_sum", "normalized", "activated", "output"]

#: Layers that are nothing but an activation, besides ``Activation``.
_ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "PReLU": "prelu",
    "Softmax": "softmax",
}
_NORMALISATIONS = tuple(
    getattr(keras.layers, name)
    for name in ("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization")
    if hasattr(keras.layers, name)
)
#: What is in these runs once for each step, in a loop that cannot be looked into.
_LOOPS = (keras.layers.RNN, keras.layers.TimeDistributed)


@dataclass(frozen=True, eq=False)
class Call:
    """What a layer, or the activation in it, gave for a batch of rows.

    Attributes
    ----------
    layer : str
    stage : Stage
    after : tensor
        What it gave.
    activation, function : str or None, callable or None
        Name of the activation and the activation itself, for the stage ``"activated"``.
    before : tensor or None
        What the activation took.
    """

    layer: str
    stage: Stage
    after: Any
    activation: str | None = None
    before: Any = None
    function: Callable[..., Any] | None = None

    def values(self) -> np.ndarray:
        """``after`` as an array."""
        return _as_array(self.after, self.layer)

    def values_before(self) -> np.ndarray:
        """``before`` as an array."""
        return _as_array(self.before, self.layer)


class Watch:
    """Stands in for activations and calls of a model's layers, and notes what goes through them while `run` runs.

    Parameters
    ----------
    model : keras.Model
        Its layers are changed, but compute the same.
    names : dict
        What each layer is called, by its identity.
    """

    def __init__(self, model: keras.Model, names: dict[int, str]) -> None:
        self._model = model
        self._seen: list[Call] | None = None  # a list while it watches
        layers = layers_of(model)
        inside = {id(inner) for layer in layers if isinstance(layer, _LOOPS) for inner in layers_of(layer)}
        for layer in layers:
            if id(layer) not in inside:
                self._attend(layer, names[id(layer)])

    def run(self, batch: np.ndarray) -> tuple[list[Call], Any]:
        """Let the model predict a batch: the calls in their order, and the outputs as a tensor."""
        seen = self._seen = []
        try:
            return seen, self._model(keras.ops.convert_to_tensor(batch), training=False)
        finally:
            self._seen = None

    def _note(self, call: Call) -> None:
        if self._seen is not None:
            self._seen.append(call)

    def _attend(self, layer: keras.layers.Layer, name: str) -> None:
        """Stand in for what tells most of a layer: its activation if it has one, otherwise its ``call``."""
        kind = type(layer).__name__
        activation = vars(layer).get("activation")
        if isinstance(layer, _NORMALISATIONS):
            layer.call = self._noting_values(name, layer.call, "normalized")
        elif kind in _ACTIVATION_LAYERS:
            layer.call = self._noting_activation(name, layer.call, _ACTIVATION_LAYERS[kind])
        elif callable(activation) and not isinstance(activation, keras.layers.Layer):
            called = getattr(activation, "__name__", type(activation).__name__)
            alone = isinstance(layer, keras.layers.Activation)
            layer.activation = self._noting_activation(name, activation, called, of_weights=not alone)
        elif own_trainable_variables(layer) or isinstance(layer, _LOOPS):
            layer.call = self._noting_values(name, layer.call, "output")

    def _noting_values(self, name: str, call: Callable[..., Any], stage: Stage) -> Callable[..., Any]:
        """``call``, with a note of what it gave."""

        def noting(*args: Any, **kwargs: Any) -> Any:
            after = call(*args, **kwargs)
            if hasattr(after, "shape"):
                self._note(Call(name, stage, after))
            return after

        return noting

    def _noting_activation(
        self, name: str, function: Callable[..., Any], activation: str, of_weights: bool = False
    ) -> Callable[..., Any]:
        """``function``, with notes of what it took, if that is the weighted sum of a layer, and of what it gave."""

        def noting(before: Any, *args: Any, **kwargs: Any) -> Any:
            after = function(before, *args, **kwargs)
            if of_weights:
                self._note(Call(name, "weighted_sum", before))
            if not (of_weights and activation == "linear"):  # the sum is all there is
                self._note(Call(name, "activated", after, activation, before, function))
            return after

        return noting


def _as_array(tensor: Any, layer: str) -> np.ndarray:
    if tf.is_symbolic_tensor(tensor):
        raise ValueError(
            f"The layer {layer!r} cannot be looked into: the model given as 'model' runs it inside a tf.function. "
            "Call it directly; Keras compiles the whole model anyway."
        )
    return np.asarray(tensor)
