"""Machine code on disk, so that it is compiled once for each installation: Numba's cache, in our folder.

Problem: a damaged file in Numba's cache is an error in every later process, or worse, wrong code; and its index of
several functions can be mixed up by processes that write at once. Choice: a folder for each function, with a checksum
over what is in it; one that does not fit is deleted, whatever the reason, which costs a compilation. The checksum finds
accidents, not intent: who may write the folder could write a checksum too. So it is only used if nobody else may.

Numba looks for changes in the file of a function alone, while its code comes from formulas and helpers in others. So
there is a folder for each state of all files that code comes from: code of another state is never found.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
from llvmlite.binding import get_host_cpu_name

from ..._compat.numba import files_of_code_in, renew_locks
from ..._forks import ForkSafeLock, in_forked_child
from .._cache_folder import cache_folder
from .._private_folder import make_private

_lock = ForkSafeLock()
_compiling = ForkSafeLock(threading.RLock)
_compiled: dict[tuple[str, str], Any] = {}
in_forked_child(renew_locks)
_CHECKSUM = "checksum"


def compiled_once(name: str, dtype: str, compile_with: Callable[[dict], Any]) -> Any:
    """What has been compiled under this name in this process, or on this machine, or is now."""
    with _compiling:
        if (name, dtype) not in _compiled:
            _compiled[name, dtype] = cached_compilation(compile_with, f"{name}-{dtype}")
        return _compiled[name, dtype]


def cached_compilation(compile_with: Callable[[dict], Any], name: str) -> Any:
    """What ``compile_with(options)`` gives, with Numba's cache in a folder of that name where there can be one."""
    try:
        folder = _folder()
        if folder is None:
            return compile_with({})
        own = folder / name
        make_private(own)
    except OSError as reason:
        _say_once(reason)
        return compile_with({})
    try:
        if not _is_sound(own):
            shutil.rmtree(own, ignore_errors=True)
            own.mkdir(mode=0o700, exist_ok=True)
        compiled = _with_cache(own, compile_with)
        if not _is_sound(own):
            _seal(own)
        return compiled
    except Exception as reason:  # no right to write, a full disk, a file that cannot be read: compiling still works
        shutil.rmtree(own, ignore_errors=True)
        compiled = compile_with({})
        if isinstance(reason, OSError):
            _say_once(reason)
        return compiled


def _say_once(reason: OSError) -> None:
    """Once in a process: it can be the start of every fit of a search."""
    if not _said:
        _said.append(reason)
        warnings.warn(
            f"Machine code is not kept on disk, because {reason}. Each process compiles it anew, which takes seconds. "
            "Set the environment variable SKNN_TUNE_CACHE_DIR to a folder that only you may write in, or to an empty "
            "text if none is wanted.",
            UserWarning,
            stacklevel=2,
        )


#: The reason that was said.
_said: list[OSError] = []


def _with_cache(own: Path, compile_with: Callable[[dict], Any]) -> Any:
    with _lock, files_of_code_in(str(own)):
        return compile_with({"cache": True})


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
    """One for each state of the sources, of the compiler and of the processor."""
    chosen = cache_folder()
    return None if chosen is None else chosen / f"numba-{get_host_cpu_name()}-{_digest(_PACKAGE)[:12]}"


#: The folder of the package.
_PACKAGE = Path(__file__).parents[2]

#: What code comes from, in it. `arrays` is NumPy, of which nothing is compiled.
_SOURCES = ("engine/code", "engine/formulas", "engine/machine", "engine/products", "_compat/numba.py")


def _digest(package: Path) -> str:
    """Of names and contents of all sources, and of the versions of what compiles them."""
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__}".encode())
    for source in (package / name for name in _SOURCES):
        for file in [source] if source.is_file() else sorted(source.rglob("*.py")):
            content = file.read_bytes()
            digest.update(f" {file.relative_to(package).as_posix()} {len(content)} ".encode() + content)
    return digest.hexdigest()
