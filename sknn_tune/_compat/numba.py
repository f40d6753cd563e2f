"""Numba: what of it is private or hardly documented. Loads Numba, so only machine code may import this file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numba
from llvmlite.binding import ffi
from numba.core.compiler_lock import global_compiler_lock


@contextmanager
def files_of_code_in(folder: str) -> Iterator[None]:
    """Inside, what is compiled with ``cache=True`` reads and writes its files there.

    The public way, the environment variable NUMBA_CACHE_DIR, is read once, when Numba is loaded, and would move the
    user's own files. ``numba.config.CACHE_DIR``: seen in Numba 0.59 to 0.68. If it is gone, the files lie beside our
    source, or in Numba's folder of the user.
    """
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, folder
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def renew_locks() -> None:
    """In a forked child: free the locks of the compiler, which a thread of the parent may hold.

    ``numba.core.compiler_lock.global_compiler_lock._lock`` and ``llvmlite.binding.ffi.lib._lock._lock``: seen in Numba
    0.59 to 0.68 and llvmlite 0.42 to 0.50. If one is gone, a child that was forked in the middle of a compilation
    waits for ever when it compiles something itself.
    """
    locks: tuple[Any, ...] = (global_compiler_lock, getattr(ffi.lib, "_lock", None))
    for lock in locks:
        if hasattr(lock, "_lock"):
            lock._lock = threading.RLock()


def first_element(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """In an intrinsic: the pointer to the data of an array.

    Numba documents how intrinsics are written and not how they see an array. ``context.make_array``: seen in Numba
    0.59 to 0.68. If it is gone, every fit by machine code fails with an AttributeError.
    """
    return context.make_array(kind)(context, builder, array).data
