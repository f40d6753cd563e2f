"""joblib: what of it is private."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import joblib


def allow_memory_in_worker(n_bytes: int) -> None:
    """Let this process grow by so much more, if it is a worker of loky.

    Loky's workers measure themselves after their first task, and end, with a warning and at times for good, once they
    have grown by 300 MB, which they take for a leak. A library that is loaded late is none. There is no public way to
    say so. ``process_executor._MAX_MEMORY_LEAK_SIZE``: seen in joblib 1.3 to 1.6. If it is gone, such a worker is
    replaced by a new one, which costs some seconds.
    """
    loky: Any = sys.modules.get("joblib.externals.loky.process_executor")
    if hasattr(loky, "_MAX_MEMORY_LEAK_SIZE") and is_loky_worker():
        loky._MAX_MEMORY_LEAK_SIZE += n_bytes


def is_loky_worker() -> bool:
    """Whether loky has started this process; by its name, which no public function gives (joblib 1.3 to 1.6)."""
    return multiprocessing.current_process().name.startswith("LokyProcess")


class _Terminated(BaseException):
    """SIGTERM has come."""


@contextmanager
def workers_end_at_sigterm() -> Iterator[None]:
    """SIGTERM inside this block ends the workers of joblib, too, and then this process as ever.

    Without it, loky's workers wait for five minutes for a process that is gone. joblib ends them at any exception, so
    the signal becomes one. Nothing is changed where somebody else handles the signal, nor in other threads than the
    main one, which hear of no signals.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a second one does not wait
        raise _Terminated

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    except _Terminated:
        os.kill(os.getpid(), signal.SIGTERM)
        raise  # not reached, where the signal ends the process
    finally:
        if signal.getsignal(signal.SIGTERM) is end:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


# --- the folder of a `joblib.Memory` ------------------------------------------------------------------


def kept_item(memory: joblib.Memory, where: tuple[str, ...]) -> Any:
    """What `keep_item` put there; None if there is nothing, and whatever error reading a damaged file raises.

    `joblib.Memory.cache` keeps what functions return beside the source of the function, and believes both: a damaged
    source is an error or loses all entries, and a damaged result is a result. There is no public way to read and write
    items oneself. ``store_backend``, with ``contains_item``, ``load_item`` and ``dump_item`` of its base class for
    backends that others write: seen in joblib 1.3 to 1.6. If one is gone, ``memory=`` raises an AttributeError.
    """
    if not memory.store_backend.contains_item(where):
        return None
    return memory.store_backend.load_item(where, verbose=0)


def keep_item(memory: joblib.Memory, where: tuple[str, ...], item: Any) -> None:
    """Write in one step, so that no process reads a part. What prevents it (a full disk) is joblib's `CacheWarning`.

    ``Memory.reduce_size`` counts and removes items whose last name is a hash of 32 hexadecimal digits.
    """
    memory.store_backend.dump_item(where, item, verbose=0)


def keeps_nothing(memory: joblib.Memory) -> bool:
    """Whether it is ``joblib.Memory(None)``."""
    return memory.store_backend is None
