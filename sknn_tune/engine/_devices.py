"""Which device a fit runs on, and how several fits share several."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from .._compat.joblib import is_loky_worker
from .._forks import ForkSafeLock
from ._cards import claim

_in_use: Counter = Counter()
_lock = ForkSafeLock()

#: Where the drivers of NVIDIA's cards, AMD's, and those under WSL show themselves on Linux.
_DRIVERS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")

_CPU = "CPU:0"


class Placement(NamedTuple):
    """A device by its full name, such as ``"CPU:0"``, and whether it was asked for."""

    name: str
    chosen: bool

    @property
    def on_gpu(self) -> bool:
        return self.name.startswith("GPU")

    @property
    def processor(self) -> str:
        """Where machine code runs: a fit that could have had a card runs on the processor beside it."""
        return _CPU if self.on_gpu else self.name

    def for_tensorflow(self) -> AbstractContextManager:
        """A context in which TensorFlow computes there; it does as it likes if nothing was asked for."""
        if not self.chosen:
            return nullcontext()
        from ._tensorflow import tf

        return tf.device(f"/{self.name}")


@contextmanager
def placed_on(device: str | Sequence[str] | None, *, must_exist: bool = True) -> Iterator[Placement]:
    """Take a device for this block.

    A sequence of devices is shared out: each fit takes the one that fewest fits of this process use, and each process
    begins with the one that fewest processes have taken.
    """
    names = [device] if isinstance(device, str) else list(device or [])
    if not all(isinstance(name, str) and name.strip("/") for name in names):
        raise ValueError(
            "The 'device' parameter must be the name of a TensorFlow device such as 'GPU:0', a sequence of such names, "
            f"or None. Got {device!r} instead."
        )
    wanted = [_short_name(name) for name in names]
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
    """What TensorFlow sees. It is not loaded where only the processor is wanted, or there can be no card."""
    if set(wanted) == {_CPU} or (not wanted and not may_have_gpu()):
        return [_CPU]
    from ._tensorflow import logical_devices, see_only

    if not wanted and _is_worker():
        cards = [name for name in logical_devices() if name.startswith("GPU")]
        if len(cards) > 1:
            see_only(claim(cards))
    return logical_devices()


def may_have_gpu() -> bool:
    """Whether there can be a card that is not hidden; asked without TensorFlow."""
    if "tensorflow" in sys.modules:
        return True  # it knows
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and (not hidden.strip() or hidden.strip().startswith("-1")):
        return False
    if sys.platform == "darwin":  # Apple's cards need a package of Apple's
        return any(found.name == "tensorflow-metal" for found in distributions())
    # TensorFlow has known no card on Windows since 2.11.
    return sys.platform == "linux" and any(Path(driver).exists() for driver in _DRIVERS)


def _is_worker() -> bool:
    """Whether another process has started this one to share its work."""
    return multiprocessing.parent_process() is not None or is_loky_worker()


def _take(names: list[str]) -> str:
    with _lock:
        first = names.index(claim(names)) if len(names) > 1 else 0
        chosen = min(names[first:] + names[:first], key=lambda name: _in_use[name])
        _in_use[chosen] += 1
    return chosen


def _short_name(name: str) -> str:
    """``"/device:GPU:0"``, ``"/GPU:0"``, ``"gpu:0"`` and ``"GPU"`` are all ``"GPU:0"``."""
    parts = name.strip("/").upper().removeprefix("DEVICE:").split(":")
    return ":".join(parts if len(parts) > 1 else [*parts, "0"])
