"""A copy of a trained network that may be changed at will, and its layers under the names that the user knows."""

from __future__ import annotations

from collections import Counter

from ..._compat.keras import direct_layers
from ...specs import CustomNetworkSpec
from .._tensorflow import keras
from .._trained import TrainedNetwork


def own_model(trained: TrainedNetwork) -> keras.Model:
    """A Keras model to do anything with: a copy with the weights and the state of the optimizer as they are now."""
    parts = trained.network, trained.training, trained.seed
    return TrainedNetwork(*parts, engine=trained.engine, arrays=trained.arrays).keras_model()


def layers_of(model: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Layers, and those within them, from input to output. Keras' own walk turns the inner ones round."""
    found: dict[int, keras.layers.Layer] = {}
    for layer in direct_layers(model):
        for part in (layer, *layers_of(layer)):
            found.setdefault(id(part), part)
    return list(found.values())


def names_of(trained: TrainedNetwork, model: keras.Model) -> dict[int, str]:
    """Names for the layers of ``model``, a copy of the network, by the identity of each layer; no name comes twice.

    They are the names in the model that the user sees: where Keras names layers itself, it goes on counting, and a
    copy of a user's model has other names.
    """
    shown = trained.keras_model() if isinstance(trained.network, CustomNetworkSpec) else model
    counts: Counter[str] = Counter()
    names = {}
    for layer, original in zip((*layers_of(model), model), (*layers_of(shown), shown), strict=True):
        counts[original.name] += 1
        names[id(layer)] = numbered(original.name, counts[original.name])
    return names


def numbered(name: str, count: int) -> str:
    """A name that comes again gets a number."""
    return f"{name} ({count})" if count > 1 else name
