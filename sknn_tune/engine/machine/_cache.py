"""Machine code on disk, so that it is compiled once for each installation: Numba's cache, in our folder.

Problem: a damaged file in Numba's cache is an error in every later process, or worse, wrong code; and its index of
several functions can be mixed up by processes that write at once. Choice: a folder for each function, with a checksum
over what is in it; one that does not fit is deleted, whatever the reason, which costs a compilation.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from llvmlite.binding import get_host_cpu_name
from numba.core import config

from .._cache_folder import cache_folder

_lock = threading.Lock()
_CHECKSUM = "checksum"


def cached_compilation(compile_with: Callable[[dict], Any], name: str) -> Any:
    """What ``compile_with(options)`` gives, with Numba's cache in a folder of that name where there can be one."""
    folder = _folder()
    if folder is None:
        return compile_with({})
    own = folder / name
    try:
        if not _is_sound(own):
            shutil.rmtree(own, ignore_errors=True)
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        compiled = _with_cache(own, compile_with)
        if not _is_sound(own):
            _seal(own)
        return compiled
    except Exception:  # no right to write, a full disk, a file that cannot be read: compiling still works
        shutil.rmtree(own, ignore_errors=True)
        return compile_with({})


def _with_cache(own: Path, compile_with: Callable[[dict], Any]) -> Any:
    with _lock:
        before, config.CACHE_DIR = config.CACHE_DIR, str(own)
        try:
            return compile_with({"cache": True})
        finally:
            config.CACHE_DIR = before


def _is_sound(own: Path) -> bool:
    """Whether all files are those that were there when the checksum was written."""
    try:
        return (own / _CHECKSUM).read_text() == _checksum(own)
    except (OSError, UnicodeDecodeError):
        return False


def _seal(own: Path) -> None:
    """In one step, so that no other process reads half of it."""
    temporary = own / f"{_CHECKSUM}.{os.getpid()}"
    temporary.write_text(_checksum(own))
    temporary.replace(own / _CHECKSUM)


def _checksum(own: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(own.rglob("*.nb[ci]")):
        digest.update(f"{file.name} {file.stat().st_size} ".encode() + file.read_bytes())
    return digest.hexdigest()


@cache
def _folder() -> Path | None:
    """One for each state of this room: Numba looks for changes in a function's own file only."""
    chosen = cache_folder()
    if chosen is None:
        return None
    digest = hashlib.sha256(numba.__version__.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return chosen / f"numba-{get_host_cpu_name()}-{digest.hexdigest()[:12]}"
