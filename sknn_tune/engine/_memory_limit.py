"""How much memory a process can have at most, whatever else runs now: by the machine, its control groups and limits.

Choice: what there is, not what is free. What is free differs from moment to moment, and with it a search would score
the same candidate or not; what is beyond the limit fits at no moment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

#: What a process of 64 bits can address, where the system does not say what it has.
_ADDRESSABLE = 2**47

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")
_MACHINE = Path("/proc/meminfo")


def memory_limit() -> int:
    """Bytes."""
    return min(_of_machine(), _of_groups(), _of_process())


def _of_machine() -> int:
    """Of Linux with what it can swap out; of Windows what all processes together can be promised."""
    if _MACHINE.exists():
        lines = (line.split() for line in _MACHINE.read_text().splitlines())
        kilobytes = {line[0]: int(line[1]) for line in lines if len(line) > 1}
        return 1024 * (kilobytes["MemTotal:"] + kilobytes.get("SwapTotal:", 0))
    if sys.platform == "win32":
        return _promised_by_windows()
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return _ADDRESSABLE


def _promised_by_windows() -> int:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            *(("length", ctypes.c_ulong), ("load", ctypes.c_ulong)),
            *((name, ctypes.c_ulonglong) for name in ("physical", "free", "promised", *"abcd")),
        )

    status = Status(length=ctypes.sizeof(Status))
    found = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.promised) if found else _ADDRESSABLE


def _of_groups() -> int:
    """The least of the control groups that this process is in, and of those around them."""
    if not _OWN_GROUPS.exists():
        return _ADDRESSABLE
    found = [_ADDRESSABLE]
    for line in _OWN_GROUPS.read_text().splitlines():
        _, kinds, own = line.split(":", 2)
        if kinds == "":
            found += _limits(_GROUPS, own, "memory.max", "memory.swap.max")
        elif "memory" in kinds.split(","):
            found += _limits(_GROUPS / "memory", own, "memory.limit_in_bytes")
    return min(found)


def _limits(root: Path, own: str, name: str, swap: str | None = None) -> Iterator[int]:
    """In a container the group may be the root itself, whatever its name is outside."""
    group = root / own.strip("/")
    for folder in (group, *group.parents):
        if folder == root or root in folder.parents:
            limit = _number_in(folder / name)
            beside = 0 if swap is None else _number_in(folder / swap)
            if limit is not None and beside is not None:
                yield limit + beside


def _number_in(file: Path) -> int | None:
    """None where there is no limit."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # "max"
        return None


def _of_process() -> int:
    """What ``ulimit -v`` says."""
    try:
        import resource
    except ImportError:
        return _ADDRESSABLE
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return _ADDRESSABLE if soft == resource.RLIM_INFINITY else soft
