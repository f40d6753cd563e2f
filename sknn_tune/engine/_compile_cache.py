"""Compiled code on disk, so that the next process starts warm: TensorFlow's persistent XLA cache.

Problem: TensorFlow has such a cache, but it must be asked for in an environment variable before the
first operation, and a damaged file in it is an error in every later process, or worse, wrong code.
Choice: a folder of our own per TensorFlow version and processor; a checksum beside each file,
checked when the process starts; and whatever still cannot be read is deleted and compiled again
(`_program_cache`). TensorFlow itself writes to a temporary name and renames, so several processes
may write at once. Not taken: a cache of our own around TensorFlow's compiler, which has no such door.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import sys
import zlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: Files kept; a program is one file of some 100 kB.
_MOST_FILES = 2000

_directory: Path | None = None


def enable_compile_cache() -> Path | None:
    """Switch the cache on for this process and give its folder; None if it is off.

    Must run before TensorFlow's first operation. ``SKNN_TUNE_CACHE_DIR`` names another folder, and an
    empty value means none. A cache that the user has set up in ``TF_XLA_FLAGS`` stays as it is.
    """
    global _directory
    flags = os.environ.get("TF_XLA_FLAGS", "")
    chosen = cache_folder()
    if chosen is None:
        return None
    folder = chosen / f"xla-{_machine()}"
    if "tf_xla_persistent_cache_directory" in flags and str(folder) not in flags:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_damaged(folder)
        remove_oldest(folder, _MOST_FILES)
    except OSError:  # no home, a full disk, no right to write: compiling still works
        return None
    if str(folder) not in flags:
        ours = f"--tf_xla_persistent_cache_directory={folder} --tf_xla_persistent_cache_device_types=CPU"
        os.environ["TF_XLA_FLAGS"] = f"{flags} {ours}".strip()
    if _directory is None:
        atexit.register(_seal_at_exit)
    _directory = folder
    return folder


def forget_compiled() -> bool:
    """Delete all compiled code on disk, after an error in reading it; False if there is none."""
    if _directory is None:
        return False
    files = list(_directory.glob("*"))
    for file in files:
        file.unlink(missing_ok=True)
    return bool(files)


def remove_damaged(folder: Path) -> None:
    """Delete files whose checksum is wrong; files without one get one."""
    for file in folder.glob("*.pb"):
        checksum = _checksum_file(file)
        try:
            if not checksum.exists():
                seal(file)
            elif checksum.read_text() != _checksum(file):
                file.unlink(missing_ok=True)
                checksum.unlink(missing_ok=True)
        except FileNotFoundError:  # another process was faster
            continue


def remove_oldest(folder: Path, most: int) -> None:
    """Keep the ``most`` files that were written last."""
    files = sorted(folder.glob("*.pb"), key=lambda file: file.stat().st_mtime)
    for file in files[: max(len(files) - most, 0)]:
        file.unlink(missing_ok=True)
        _checksum_file(file).unlink(missing_ok=True)


def seal(file: Path) -> None:
    """Write the checksum beside a file, in one step, so that no other process reads half of it."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.sealing")
    temporary.write_text(_checksum(file))
    temporary.replace(_checksum_file(file))


def _seal_at_exit() -> None:
    if _directory is None:
        return
    for file in _directory.glob("*.pb"):
        try:
            if not _checksum_file(file).exists():
                seal(file)
        except OSError:
            continue


def _checksum_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.checksum")


def _checksum(file: Path) -> str:
    content = file.read_bytes()
    return f"{len(content)} {zlib.crc32(content)}"


def cache_folder() -> Path | None:
    """The folder of all compiled code; None if the user wants none."""
    chosen = os.environ.get("SKNN_TUNE_CACHE_DIR")
    if chosen == "":
        return None
    return Path(chosen) if chosen else _users_cache() / "sknn_tune"


def _users_cache() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home())
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _machine() -> str:
    """What compiled code depends on: TensorFlow's version and the processor with all its features."""
    for package in ("tensorflow", "tensorflow-cpu"):
        try:
            release = version(package)
            break
        except PackageNotFoundError:
            release = "unknown"
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor += "".join(sorted({line for line in lines if line.startswith(("flags", "model name", "Features"))}))
    except OSError:
        pass
    flags = os.environ.get("XLA_FLAGS", "")
    return f"{release}-{hashlib.sha256((processor + flags).encode()).hexdigest()[:12]}"
