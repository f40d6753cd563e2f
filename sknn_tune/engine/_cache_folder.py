"""Where machine code lies."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path | None:
    """The folder of all machine code; None if the user wants none."""
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
