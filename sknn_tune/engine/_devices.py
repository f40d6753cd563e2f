"""Which device a fit runs on, and how several fits share several."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import NamedTuple

_in_use: Counter = Counter()
_lock = threading.Lock()

#: Where the drivers of NVIDIA's cards, AMD's, and those under WSL show themselves on Linux.
_DRIVERS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")


class Placement(NamedTuple):
    """A device by its full name, such as ``"CPU:0"``, and whether it was asked for."""

    name: str
    chosen: bool

    @property
    def on_gpu(self) -> bool:
        return self.name.startswith("GPU")

    def for_tensorflow(self):
        """A context in which TensorFlow computes there; it does as it likes if nothing was asked for."""
        if not self.chosen:
            return nullcontext()
        from ._tensorflow import tf

        return tf.device(f"/{self.name}")


@contextmanager
def placed_on(device, *, must_exist: bool = True) -> Iterator[Placement]:
    """Take a device for this block.

    A sequence of devices is shared out: each fit takes the one that fewest fits of this process use.
    Processes do not see each other, so each starts counting at another place of the sequence.
    """
    wanted = [_short_name(name) for name in ([device] if isinstance(device, str) else device or [])]
    available = _available(wanted)
    missing = [name for name in wanted if name not in available]
    if missing and must_exist:
        raise ValueError(
            f"The 'device' parameter asks for {missing[0]}, but TensorFlow sees only: {', '.join(available)}. "
            "Choose one of these, or None."
        )
    wanted = [name for name in wanted if name in available]
    if not wanted:
        gpus = [name for name in available if name.startswith("GPU")]
        yield Placement((gpus or available)[0], chosen=False)
        return
    chosen = _take(wanted)
    try:
        yield Placement(chosen, chosen=True)
    finally:
        with _lock:
            _in_use[chosen] -= 1


def _available(wanted: list[str]) -> list[str]:
    """What TensorFlow sees. It need not be loaded for a machine that can only have one CPU."""
    if "tensorflow" not in sys.modules and set(wanted) <= {"CPU:0"} and not _may_have_gpu():
        return ["CPU:0"]
    from ._tensorflow import tf

    return [_short_name(found.name) for found in tf.config.list_logical_devices()]


@cache
def _may_have_gpu() -> bool:
    return sys.platform != "linux" or any(Path(driver).exists() for driver in _DRIVERS)


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
