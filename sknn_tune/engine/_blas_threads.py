"""NumPy fits take turns, and BLAS works on one thread.

Measured on two cores: products of a small network's size are hardly faster on two BLAS threads than on
one, and several times slower when anything else wants the other core. Two Python threads that call
NumPy in turn, one operation each, together get half of what one gets alone. And BLAS rounds differently on
one thread than on several, while the same seed must give the same weights in threads and in processes.

So a second core is used in another way, and only for large updates: see `_numpy_halves`. Whether there is one
to use is read from BLAS, to which joblib says in its workers how many threads each may have.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_turn = threading.Lock()


@contextmanager
def in_turn() -> Iterator[bool]:
    """Wait for the other fits of this process; inside, BLAS has one thread. Whether there is a second core to use."""
    controller = _controller()
    with _turn:
        n_threads = min((library.num_threads for library in controller.lib_controllers), default=1)
        with controller.limit(limits=1, user_api="blas"):
            yield n_threads > 1


@cache
def _controller():
    """Finding the libraries takes milliseconds, setting a limit microseconds."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
