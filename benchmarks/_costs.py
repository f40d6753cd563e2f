"""What has been used so far by this process and all that it has started: seconds, and megabytes handed over.

What is sent goes by different ways. Sockets of a network are counted by the kernel for each network interface, and here
for the loopback, over which all goes that stays on one machine. Pipes and files, in the memory of the machine too, are
counted for each process that writes, and for its children once they are gone. Each counter is of bytes, so nothing
is estimated; but it does not say what the bytes are, and a program that writes to a socket as to a file (Java may,
Python does not) is counted by both.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
import time
from dataclasses import astuple, dataclass
from typing import Any

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


@dataclass(frozen=True)
class Costs:
    """Counters, or the difference of two of their readings."""

    seconds: float
    processor_seconds: float
    network_mb: float
    written_mb: float

    def __sub__(self, before: Costs) -> Costs:
        return Costs(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))


def costs_so_far() -> Costs:
    """Of this process, of those that it has started and that run, and of those that have ended."""
    import psutil

    own = psutil.Process()
    used = [_of_process(process) for process in (own, *own.children(recursive=True))]
    finer = time.process_time() - sum(own.cpu_times()[:2])  # the same to a ten millionth, not a hundredth of a second
    network = psutil.net_io_counters(pernic=True)
    return Costs(
        seconds=time.perf_counter(),
        processor_seconds=sum(seconds for seconds, _ in used) + finer,
        network_mb=sum(network[name].bytes_sent for name in network if name.startswith("lo")) / 1e6,
        written_mb=sum(written for _, written in used) / 1e6,
    )


def _of_process(process: Any) -> tuple[float, int]:
    """Seconds and bytes, with those of its children that have ended: Linux hands on both."""
    import psutil

    try:
        written = getattr(process.io_counters(), "write_chars", 0) if hasattr(process, "io_counters") else 0
        return sum(process.cpu_times()[:4]), written
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # ended meanwhile, so its parent has its counts
        return 0.0, 0


def with_own_loopback() -> bool:
    """Leave the network of the machine, so that nobody else's bytes are counted; False where that is not allowed.

    It is for a process at its beginning, and for good: all that is left to it is a loopback of its own.
    """
    if sys.platform != "linux":
        return False
    unshare = ctypes.CDLL(None).unshare
    if not any(unshare(kinds) == 0 for kinds in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)):
        return False
    _bring_up("lo")
    return True


def _bring_up(interface: str) -> None:
    import fcntl

    request = struct.Struct("16sH22x")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request.pack(os.fsencode(interface), 0))
        name, flags = request.unpack(answer)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request.pack(name, flags | _IFF_UP))
