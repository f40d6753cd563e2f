"""The one door to TensorFlow and Keras: loaded here, on the first fit, and nowhere else at import."""

from __future__ import annotations

import os


def _check_backend() -> None:
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise RuntimeError(
            f"sknn_tune trains with TensorFlow, but the environment variable KERAS_BACKEND is {backend!r}. "
            "Unset it, or set it to 'tensorflow', before Python starts."
        )


def _grow_gpu_memory() -> None:
    """Let TensorFlow take GPU memory as it needs it, so that several processes can share a card."""
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # the card is in use already: whoever took it has decided
            return


_check_backend()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

if keras.backend.backend() != "tensorflow":
    raise RuntimeError(
        f"sknn_tune trains with TensorFlow, but Keras runs on {keras.backend.backend()!r} here. "
        'Set "backend": "tensorflow" in Keras\' configuration file, or KERAS_BACKEND=tensorflow.'
    )
_grow_gpu_memory()

__all__ = ["keras", "tf"]
