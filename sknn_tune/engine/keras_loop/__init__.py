"""Keras' own training step: many updates in one compiled call, and ``keras.Model.fit`` where it must be."""

from ._train import train_by_keras

__all__ = ["train_by_keras"]
