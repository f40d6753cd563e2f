"""Which device a fit runs on, and how several fits share several."""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import contextmanager

from ._tensorflow import tf

_in_use: Counter = Counter()
_lock = threading.Lock()


@contextmanager
def placed_on(device, *, must_exist: bool = True):
    """Run the block on ``device`` and give its full name, such as ``"CPU:0"``.

    A sequence of devices is shared out: each fit takes the one that fewest fits of this process use.
    Processes do not see each other, so each starts counting at another place of the sequence.
    """
    available = [_short_name(found.name) for found in tf.config.list_logical_devices()]
    wanted = [_short_name(name) for name in ([device] if isinstance(device, str) else device or [])]
    missing = [name for name in wanted if name not in available]
    if missing and must_exist:
        raise ValueError(
            f"The 'device' parameter asks for {missing[0]}, but TensorFlow sees only: {', '.join(available)}. "
            "Choose one of these, or None."
        )
    wanted = [name for name in wanted if name in available]
    if not wanted:
        gpus = [name for name in available if name.startswith("GPU")]
        yield (gpus or available)[0]
        return
    chosen = _take(wanted)
    try:
        with tf.device(f"/{chosen}"):
            yield chosen
    finally:
        with _lock:
            _in_use[chosen] -= 1


def _take(names: list[str]) -> str:
    first = os.getpid() % len(names)
    with _lock:
        chosen = min(names[first:] + names[:first], key=lambda name: _in_use[name])
        _in_use[chosen] += 1
    return chosen


def _short_name(name: str) -> str:
    """``"/device:GPU:0"``, ``"/GPU:0"``, ``"gpu:0"`` and ``"GPU"`` are all ``"GPU:0"``."""
    parts = name.strip("/").upper().removeprefix("DEVICE:").split(":")
    return ":".join(parts if len(parts) > 1 else [*parts, "0"])
