"""Which of several cards a worker process takes, when nobody has told it.

Problem: the processes of a search know nothing of each other, and TensorFlow puts every one of them on the first card.
Choice: a process locks a file for the card that it takes, which the operating system lets go when the process ends,
however it ends; the next one finds the card that fewest hold. Not taken: the number of the process modulo that of the
cards, by which two of four workers may well meet on one card while another is idle.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

#: Processes that may share a card.
_MOST_HOLDERS = 256

#: Open files whose locks this process holds, by the cards among which it chose.
_held: dict[tuple[str, ...], tuple[str, int]] = {}


def claim(cards: Sequence[str], folder: Path | None = None) -> str:
    """The card that fewest processes hold, the same for the rest of this process.

    Parameters
    ----------
    cards : sequence of str
        Names, such as ``"GPU:0"``.
    folder : Path or None
        Where the locked files are; None for one of this user's among the temporary files.
    """
    key = (*cards, str(os.getpid()))  # a forked child holds what its parent held, and needs one of its own
    if key not in _held:
        _held[key] = _lock_first_free(cards, folder or _folder())
    return _held[key][0]


def _folder() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"sknn_tune-cards-{user}"


def _lock_first_free(cards: Sequence[str], folder: Path) -> tuple[str, int]:
    try:
        import fcntl

        folder.mkdir(mode=0o700, exist_ok=True)
    except (ImportError, OSError):  # another operating system, or nowhere to write
        return cards[os.getpid() % len(cards)], -1
    for holder in range(_MOST_HOLDERS):
        for card in cards:
            name = f"{card.replace(':', '-')}.{holder}"
            with contextlib.suppress(OSError):
                file = os.open(folder / name, os.O_CREAT | os.O_RDWR, 0o600)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    os.close(file)
                    continue
                return card, file
    return cards[os.getpid() % len(cards)], -1
