"""Give back what TensorFlow keeps after many fits in one process.

A Keras model and its graphs refer to each other in circles, which only Python's collector frees, and
TensorFlow caches a kernel for every shape it has met. Left alone, each small fit adds about half a
megabyte. Collecting takes some tens of milliseconds, so it is done after every few fits.
"""

from __future__ import annotations

import gc
from itertools import count

from ..._compat.tensorflow import clear_kernel_cache
from ..._forks import ForkSafeLock

_FITS_BETWEEN_COLLECTIONS = 5
_fits = count(1)
_lock = ForkSafeLock()


def release_after_fit() -> None:
    """Call once after each fit through Keras."""
    with _lock:
        due = next(_fits) % _FITS_BETWEEN_COLLECTIONS == 0
    if due:
        gc.collect()
        clear_kernel_cache()
