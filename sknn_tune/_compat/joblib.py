"""joblib: what of it is private."""

from __future__ import annotations

import multiprocessing
import sys
from typing import Any


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
