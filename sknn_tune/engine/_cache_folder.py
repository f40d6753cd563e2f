"""Where machine code lies."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class NoHomeError(OSError):
    """The user has no folder of their own."""


def cache_folder() -> Path | None:
    """The folder of all machine code; None if the user wants none; `NoHomeError` if there can be none."""
    chosen = os.environ.get("SKNN_TUNE_CACHE_DIR")
    if chosen == "":
        return None
    return Path(chosen).absolute() if chosen else _users_cache() / "sknn_tune"


def _users_cache() -> Path:
    if sys.platform == "darwin":
        return _home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or _home())
    return Path(os.environ.get("XDG_CACHE_HOME") or _home() / ".cache")


def _home() -> Path:
    """A user number without an entry in the system, as containers are started with, has none."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise NoHomeError("this user has no home folder, and the variable HOME is not set") from error
