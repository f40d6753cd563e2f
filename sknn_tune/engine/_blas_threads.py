"""NumPy fits take turns, and BLAS works for them on one thread.

Measured on two cores: products of a small network's size are no faster on two BLAS threads than on
one, and several times slower when anything else wants the other core. Two Python threads that call
NumPy in turn, one operation each, together get half of what one gets alone. And results cannot
depend on how many threads BLAS has if it always has one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_turn = threading.Lock()


@contextmanager
def alone_on_one_thread() -> Iterator[None]:
    """Wait for the other fits of this process, then let BLAS use one thread inside this block."""
    with _turn, _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller():
    """Finding the libraries takes milliseconds, setting a limit microseconds."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
