"""Locks that a forked child can use, and an attribute that needs none.

A fork copies the memory of a process and only the thread that forks. A lock that another thread held at that moment
stays locked in the child for good. So each lock of ours is a new one there.
"""

from __future__ import annotations

import functools
import os
import threading
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any


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


if TYPE_CHECKING:
    from functools import cached_property
else:

    class cached_property(functools.cached_property):
        """That of functools without its lock, which before Python 3.12 is one for all instances of a class.

        A child that is forked while another thread works out the attribute of any of them would wait for it for ever,
        and members of a fit in threads wait for one another. Two threads may work out the same, which gives the same.
        """

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            values, name = vars(instance), self.func.__name__
            if name not in values:
                values[name] = self.func(instance)
            return values[name]
