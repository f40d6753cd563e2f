"""Which layers of a model are trained: a user may freeze some, before a fit or between two."""

from __future__ import annotations

from collections.abc import Sequence

from ..._compat.keras import all_layers
from .._tensorflow import keras


def trainable_flags(model: keras.Model) -> tuple[bool, ...]:
    """Of the model and each layer in it, those of containers before those of what they contain."""
    return tuple(bool(layer.trainable) for layer in all_layers(model))


def flags_by_name(model: keras.Model, other: keras.Model) -> tuple[bool, ...]:
    """For ``model`` the flags of the layers of the same names in ``other``; what that has not is trained."""
    known = {layer.name: bool(layer.trainable) for layer in all_layers(other)}
    return tuple(known.get(layer.name, True) for layer in all_layers(model))


def set_trainable(model: keras.Model, flags: Sequence[bool]) -> None:
    """The inverse, for a model that is built alike."""
    for layer, flag in zip(all_layers(model), flags, strict=True):
        if layer.trainable != flag:
            layer.trainable = flag
