"""Programs in memory, by their structure; compiled code on disk, by TensorFlow.

Two threads that want the same program get one: the first builds and compiles it, the second waits
for that one and for no other. The oldest programs are dropped beyond a bound, since each holds some
megabytes.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from ._compile_cache import enable_compile_cache, forget_compiled
from ._tensorflow import tf

__all__ = ["PROGRAMS", "Program", "ProgramCache", "enable_compile_cache", "programs_compiled"]

#: What TensorFlow raises for a damaged file: cut off, empty, no protocol buffer, no machine code.
_UNREADABLE = (
    tf.errors.OutOfRangeError,
    tf.errors.InvalidArgumentError,
    tf.errors.DataLossError,
    tf.errors.InternalError,
)

#: Programs kept, at about 3 MB each. A search fits one candidate on all folds before the next, so that
#: few are in use at a time, and one that comes back is read from disk in a tenth of a second.
_CAPACITY = 32


class _Entry:
    """A program that is, or is about to be, built."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.program: Any = None


class ProgramCache:
    """Key -> program, least recently used ones dropped beyond ``capacity``."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self.capacity = capacity
        self._entries: OrderedDict[tuple[str, Hashable, str | None], _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._built: Counter = Counter()

    def get(self, kind: str, structure: Hashable, build: Callable[[Any], Any], device: str | None = None) -> Any:
        """The program of ``structure`` for ``device``, built by ``build(structure)`` if there is none."""
        key = (kind, structure, device)
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > self.capacity:
                self._entries.popitem(last=False)
        with entry.lock:
            if entry.program is None:
                entry.program = Program(lambda: build(structure))
                with self._lock:
                    self._built[kind] += 1
            return entry.program

    def count(self, kind: str | None = None) -> int:
        """Programs built so far, of one kind or of all."""
        with self._lock:
            return self._built[kind] if kind else sum(self._built.values())

    def structures(self, kind: str) -> list:
        """The structures of that kind in memory, oldest first."""
        with self._lock:
            return [structure for found, structure, _ in self._entries if found == kind]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


class Program:
    """A program whose first call, the one that compiles, runs alone.

    If compiled code on disk turns out to be unreadable there, it is deleted and the program built
    anew: TensorFlow remembers the failure under the name of the old one.
    """

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._function = build()
        self._first_call: threading.Lock | None = threading.Lock()

    def __call__(self, *arguments: Any) -> Any:
        lock = self._first_call
        if lock is not None:
            with lock:
                if self._first_call is not None:
                    result = self._call_first(arguments)
                    self._first_call = None
                    return result
        return self._function(*arguments)

    def _call_first(self, arguments: tuple) -> Any:
        try:
            return self._function(*arguments)
        except _UNREADABLE:
            if not forget_compiled():
                raise
            self._function = self._build()
            return self._function(*arguments)


#: All programs of this process.
PROGRAMS = ProgramCache()


def programs_compiled() -> int:
    """How many training programs XLA has compiled in this process (or read from disk)."""
    return PROGRAMS.count("compiled training")
