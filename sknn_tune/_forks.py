"""Locks that a forked child can use.

A fork copies the memory of a process and only the thread that forks. A lock that another thread held at that moment
stays locked in the child for good. So each lock of ours is a new one there.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from types import TracebackType


class ForkSafeLock:
    """A lock that is free again in a forked child; for ``with``.

    Parameters
    ----------
    make : callable, default=None
        Makes it. None: `threading.Lock`; ``threading.RLock`` where a thread may enter twice.
    """

    def __init__(self, make: Callable | None = None) -> None:
        self._make = make or threading.Lock
        self.renew()
        _locks.add(self)

    def renew(self) -> None:
        """Free it, whoever holds it."""
        self._lock = self._make()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


_locks: weakref.WeakSet[ForkSafeLock] = weakref.WeakSet()


def in_forked_child(renew: Callable[[], None]) -> None:
    """Have ``renew`` called at the start of every child that this process forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)


@in_forked_child
def _renew_locks() -> None:
    for lock in tuple(_locks):
        lock.renew()
