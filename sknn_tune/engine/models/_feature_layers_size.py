"""How large feature layers are, and what they make of a row: only Keras knows."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import NamedTuple

from ..._compat.keras import without_allocating
from ...specs import LayerSpec, NetworkSpec
from .._tensorflow import keras
from ._build_network import network_without_values


class FeatureLayersSize(NamedTuple):
    """Units that feature layers end with, their weights, and the numbers that they make of a row."""

    n_units: int
    n_weights: int
    n_signals: int


def size_of_feature_layers(spec: NetworkSpec) -> FeatureLayersSize | None:
    """None if Keras does not say. Nothing is allocated.

    Layers of the user's that have their weights already have found room for them.
    """
    if any(getattr(layer, "built", False) for layer in spec.feature_layers):
        return None
    alone = replace(
        spec,
        hidden_layer_sizes=(),
        activations=(),
        dropouts=(),
        kernel_initializers=("zeros",),
        output_activation="linear",
        n_outputs=1,
    )
    are_names = all(isinstance(layer, LayerSpec) for layer in spec.feature_layers)
    try:
        return (_measured if are_names else _measured.__wrapped__)(alone)
    except Exception:  # what is wrong with them is said when they are built
        return None


@functools.lru_cache(maxsize=32)
def _measured(spec: NetworkSpec) -> FeatureLayersSize:
    """A search asks for the same ones again and again."""
    with without_allocating():
        *layers, _ = network_without_values(spec, seed=0).layers
        shapes = [keras.tree.flatten(layer.output)[0].shape for layer in layers]
        weights = [weight.shape for layer in layers for weight in layer.weights]
    signals = [_product(shape) for shape in shapes]
    return FeatureLayersSize(signals[-1], sum(map(_product, weights)), sum(signals))


def _product(shape: tuple[int | None, ...]) -> int:
    """What is not known counts as one."""
    return math.prod(length or 1 for length in shape)
