"""Results of fits in the folder of a `joblib.Memory`, each with a checksum over all its bytes.

Problem: a bit that flips in a file of numbers is another number, which nothing notices. Choice: what is kept is the
pickle of a result behind a SHA-256 of its key and of itself. It is compared before anything is unpickled; what does not
fit is no result. A checksum finds accidents, not intent: whoever may write the folder can run code in the process that
reads it.
"""

from __future__ import annotations

import hashlib
import pickle

import joblib

from .._compat.joblib import keep_item, keeps_nothing, kept_item
from ..engine import TrainingResult

#: Where in the folder: joblib's own functions have folders of their modules there.
_ROOM = ("sknn_tune", "fits")


class DamagedResultError(ValueError):
    """There is something, but it is not what was written."""


class KeptResults:
    """Results by key.

    Parameters
    ----------
    memory : joblib.Memory
    """

    def __init__(self, memory: joblib.Memory) -> None:
        self._memory = memory

    def get(self, key: str) -> TrainingResult | None:
        """None if there is none; `DamagedResultError` if it cannot be trusted."""
        if keeps_nothing(self._memory):
            return None
        try:
            kept = kept_item(self._memory, (*_ROOM, key))
        except FileNotFoundError:  # another process has made room
            return None
        except Exception as error:  # what joblib says of a file that is half there, or of noise
            raise DamagedResultError(f"it cannot be read: {error}") from error
        if kept is None:
            return None
        if not (isinstance(kept, bytes) and kept[:32] == _checksum(key, kept[32:])):
            raise DamagedResultError("its checksum does not fit")
        try:
            return pickle.loads(kept[32:])
        except Exception as error:  # a class of the user's that is not what it was
            raise DamagedResultError(f"it cannot be read: {error}") from error

    def put(self, key: str, result: TrainingResult) -> None:
        """Keep it; a disk that does not take it costs a warning of joblib's."""
        if not keeps_nothing(self._memory):
            content = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
            keep_item(self._memory, (*_ROOM, key), _checksum(key, content) + content)


def _checksum(key: str, content: bytes) -> bytes:
    """Of the key, too: a file that lies where that of another result was is damage."""
    return hashlib.sha256(key.encode() + content).digest()
