"""TensorFlow: what of it is private. Loads TensorFlow, so only the engine may import this file."""

from __future__ import annotations


def clear_kernel_cache() -> None:
    """Give back what TensorFlow keeps for each operation and shape that it has met.

    ``tensorflow.python.eager.context``: seen in TensorFlow 2.18 to 2.21. If it is gone, half a megabyte stays behind
    after each fit through Keras.
    """
    try:
        from tensorflow.python.eager import context
    except ImportError:
        return
    if hasattr(context.context(), "clear_kernel_cache"):
        context.context().clear_kernel_cache()
