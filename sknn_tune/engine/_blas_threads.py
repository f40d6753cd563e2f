"""BLAS works on one thread while a fit of ours runs.

Measured on two cores: products of a small network's size are hardly faster on two BLAS threads than on one, and
several times slower when anything else wants the other core. And BLAS rounds differently on one thread than on
several, while the same seed must give the same weights in threads and in processes.

So other cores are used in another way: see `_jit_training`. Whether there are any to use is read from BLAS, to which
joblib says in its workers how many threads each may have.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_n_fits = 0
_limit: Any = None  # what to lift when the last fit ends
_n_threads = 1  # that BLAS may have outside of fits


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Inside, BLAS has one thread, in the whole process."""
    global _n_fits, _limit, _n_threads
    with _lock:
        if _n_fits == 0:
            libraries = _controller().lib_controllers
            _n_threads = min((library.num_threads for library in libraries), default=1)
            _limit = _controller().limit(limits=1, user_api="blas")
        _n_fits += 1
    try:
        yield
    finally:
        with _lock:
            _n_fits -= 1
            if _n_fits == 0:
                _limit.restore_original_limits()


def n_free_cores() -> int:
    """How many more threads the only fit inside may use; none if there are several."""
    return _n_threads - 1 if _n_fits == 1 else 0


@cache
def _controller():
    """Finding the libraries takes milliseconds, setting a limit microseconds."""
    import scipy.linalg.cython_blas  # noqa: F401 - the BLAS of machine code, which must be loaded to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
