"""Keras' global settings, by which the same model computes other numbers."""

from __future__ import annotations

from collections.abc import Hashable

from .._tensorflow import keras


def global_settings() -> Hashable:
    """Those that a model or its training may read, as they are now."""
    config = keras.config
    return config.floatx(), config.epsilon(), config.dtype_policy().name, config.image_data_format()
