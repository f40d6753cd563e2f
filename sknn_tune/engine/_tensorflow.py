"""The one door to TensorFlow and Keras: loaded here, on the first fit, and nowhere else at import."""

from __future__ import annotations

import os
from contextlib import contextmanager

from ._compile_cache import enable_compile_cache
from ._loky_worker import allow_for_tensorflow


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


@contextmanager
def _quiet_unless_asked():
    """While TensorFlow loads, tell its C++ library to keep its lines to itself, unless the user chose a level.

    It says several lines at each start, in each worker process, and a long one for each program read
    from the compile cache. What goes wrong comes as a Python exception anyway.
    """
    name = "TF_CPP_MIN_LOG_LEVEL"
    if name in os.environ:
        yield
        return
    os.environ[name] = "3"
    try:
        yield
    finally:
        del os.environ[name]


_check_backend()
# TensorFlow reads the variable that this sets at some time between its import and its first compilation.
enable_compile_cache()
with _quiet_unless_asked():
    import keras
    import tensorflow as tf

if keras.backend.backend() != "tensorflow":
    raise RuntimeError(
        f"sknn_tune trains with TensorFlow, but Keras runs on {keras.backend.backend()!r} here. "
        'Set "backend": "tensorflow" in Keras\' configuration file, or KERAS_BACKEND=tensorflow.'
    )
_grow_gpu_memory()
allow_for_tensorflow()

__all__ = ["keras", "tf"]
