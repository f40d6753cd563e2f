"""TensorFlow does not survive a fork: say so instead of waiting for ever.

Its threads are not copied into a forked child, and its first operation there waits for them. It is harmless to have
imported TensorFlow before; to have computed anything with it is not. Asked without importing it.
"""

from __future__ import annotations

from .._compat.tensorflow_state import has_computed
from .._forks import in_forked_child

_cannot_compute = False


@in_forked_child
def _look_back() -> None:
    global _cannot_compute
    _cannot_compute = _cannot_compute or has_computed()


def check_tensorflow_can_compute() -> None:
    """Refuse in a child that was forked after TensorFlow had computed something."""
    if _cannot_compute:
        raise RuntimeError(
            "TensorFlow had computed something before this process was forked, and would wait in it for ever. Start "
            "processes anew instead: backend 'loky' of joblib (its default), or the start method 'spawn' of "
            "multiprocessing. What machine code trains and predicts works in a forked process, too."
        )
