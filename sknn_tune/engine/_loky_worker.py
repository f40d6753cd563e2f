"""Loky's worker processes must not take the loading of TensorFlow for a memory leak.

joblib's workers measure themselves after their first task, and end, with a warning and at times for
good, once they have grown by 300 MB. A worker whose first fit needed no TensorFlow grows by more than that
when a later one needs TensorFlow. That memory is used once and for all, so the worker is allowed it.
"""

from __future__ import annotations

import multiprocessing
import sys
from typing import Any

#: What TensorFlow takes, its first programs included.
_BYTES_OF_TENSORFLOW = 1_000_000_000


def allow_for_tensorflow() -> None:
    """Raise the limit of this process, if it is such a worker."""
    loky: Any = sys.modules.get("joblib.externals.loky.process_executor")
    if loky is not None and multiprocessing.current_process().name.startswith("LokyProcess"):
        loky._MAX_MEMORY_LEAK_SIZE += _BYTES_OF_TENSORFLOW
