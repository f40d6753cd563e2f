"""A `joblib.Memory` for the length of a search: in a temporary folder, and only where that folder is.

Problem: what holds the name of a folder is sent to workers, and on another machine joblib would make a folder of that
name, which nobody removes. Choice: a worker that does not see the folder gets a memory that keeps nothing. It trains
from the start what it could have gone on with; the bits are the same.
"""

from __future__ import annotations

import os
from typing import Any

import joblib


class TemporaryMemory(joblib.Memory):
    """Keeps fits for others that go on from them, as long as ``location`` is there. For nothing else."""

    def __reduce__(self) -> tuple[Any, ...]:
        return memory_if_there, (self.location,)


def memory_if_there(location: str | None) -> joblib.Memory:
    """The memory in this folder; one that keeps nothing where there is no such folder."""
    there = location is not None and os.path.isdir(location)
    return TemporaryMemory(location if there else None, verbose=0)
