"""The one door to TensorFlow and Keras: loaded here, on the first fit that needs them, and nowhere else at import."""

from __future__ import annotations

import os
import warnings

from .._compat.joblib import allow_memory_in_worker
from .._optional import WHAT_KERAS_DOES, saying_what_to_install
from ._startup_lines import quiet_unless_asked

#: What TensorFlow takes, its first programs included: a worker process must not take that for a memory leak.
_BYTES_OF_TENSORFLOW = 1_000_000_000


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
        if tf.config.experimental.get_memory_growth(gpu):
            continue
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # the card is in use already: whoever took it has decided
            warnings.warn(
                f"TensorFlow has taken the memory of {gpu.name} before sknn_tune was used, so other processes may find "
                "none left on this card. Call tf.config.experimental.set_memory_growth(gpu, True) before anything else "
                "of TensorFlow.",
                UserWarning,
                stacklevel=2,
            )


_check_backend()
with quiet_unless_asked(), saying_what_to_install("tensorflow", purpose=WHAT_KERAS_DOES):
    import keras
    import tensorflow as tf

if keras.backend.backend() != "tensorflow":
    raise RuntimeError(
        f"sknn_tune trains with TensorFlow, but Keras runs on {keras.backend.backend()!r} here. "
        'Set "backend": "tensorflow" in Keras\' configuration file, or KERAS_BACKEND=tensorflow.'
    )
_grow_gpu_memory()
allow_memory_in_worker(_BYTES_OF_TENSORFLOW)


def logical_devices() -> list[str]:
    """Names such as ``"GPU:0"``. TensorFlow itself would take every card to answer that."""
    names = []
    for kind in ("CPU", "GPU"):
        parts = [tf.config.get_logical_device_configuration(found) for found in tf.config.get_visible_devices(kind)]
        names += [f"{kind}:{number}" for number in range(sum(len(each) if each else 1 for each in parts))]
    return names


def check_place_of_call() -> None:
    """Refuse to make or train a model where TensorFlow computes nothing at once, or shares it out."""
    if tf.distribute.has_strategy():
        raise RuntimeError(
            "A network is trained on one device, but this was called inside the scope of a tf.distribute.Strategy. "
            "Call it outside: the 'device' parameter names one, or several for the fits of a search."
        )
    if not tf.executing_eagerly():
        raise RuntimeError(
            "This was called inside a tf.Graph or a tf.function, where TensorFlow computes nothing yet. Call it "
            "outside."
        )


def see_only(card: str) -> None:
    """Hide all cards but one from TensorFlow; nothing if it has taken them already."""
    number = int(card.partition(":")[2])
    cards = tf.config.get_visible_devices("GPU")
    try:
        tf.config.set_visible_devices([cards[number]], "GPU")
    except RuntimeError:
        return


__all__ = ["check_place_of_call", "keras", "logical_devices", "see_only", "tf"]
