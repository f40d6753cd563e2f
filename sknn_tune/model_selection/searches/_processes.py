"""Whether a process that has left its name somewhere has ended: known for sure, or not at all.

The number of a process alone says little: it is used again, and other machines and containers have the same. So a name
holds the boot of the machine, the name space of its process numbers, and when the process began. Where these cannot be
read (anything but Linux), nothing is known of other processes.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any


def this_process() -> dict[str, Any]:
    """A name for this process, of numbers and texts."""
    number = os.getpid()
    return {"host": platform.node(), "machine": _machine(), "process": number, "began": _began(number)}


def has_ended(name: Mapping[str, Any]) -> bool | None:
    """Whether the process of this name has ended; None if that cannot be seen from here."""
    machine = _machine()
    if machine is None or name.get("machine") != machine:
        return None
    try:
        os.kill(name["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # another user's
    began = _began(name["process"])
    return None if began is None else began != name["began"]


def _machine() -> str | None:
    """One boot of one machine or container."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return f"{file.read().strip()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return None


def _began(number: int) -> str | None:
    """When it began, in ticks since the boot; empty for one that is dead and not yet buried, None if not to be seen."""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8", errors="replace") as file:
            state, *numbers = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return "" if state in "ZX" else numbers[18]
