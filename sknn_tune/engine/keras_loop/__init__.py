"""Keras' own training step in a compiled function that finds its rows, and ``keras.Model.fit`` where it must be."""

from .. import _tensorflow  # noqa: F401 - loads Keras quietly, before anything else does
from ._train import train_by_keras

__all__ = ["train_by_keras"]
