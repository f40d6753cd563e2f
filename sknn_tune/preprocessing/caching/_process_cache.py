"""The results of this process: bounded in bytes, the least recently used forgotten first, safe in threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from ..._forks import in_forked_child

#: The parts of a result, pickled.
Entry = tuple[bytes, ...]


@dataclass(frozen=True)
class CacheInfo:
    """What the cache of this process has done and holds.

    Parameters
    ----------
    hits : int
        Calls that were answered from the cache.
    misses : int
        Calls that were computed and whose results could be kept.
    refused : int
        Calls that were computed because their result cannot be looked up for sure.
    entries : int
        Results that are held.
    n_bytes : int
        Their bytes.
    """

    hits: int
    misses: int
    refused: int
    entries: int
    n_bytes: int


class _Work:
    """A computation under way, and what came of it: None if it failed."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.entry: Entry | None = None


class ProcessCache:
    """Results by key, as byte strings.

    Threads that ask for what another one is computing wait for it: candidates side by side ask for the same folds.
    Nobody waits in a circle, since a computation asks only for results of its own parts.
    """

    def __init__(self) -> None:
        self.start_anew()

    def start_anew(self) -> None:
        """Forget everything, also who is computing."""
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._in_work: dict[Hashable, _Work] = {}
        self._n_bytes = self._hits = self._misses = self._refused = 0

    def get_or_make(self, key: Hashable, make: Callable[[], Entry], max_bytes: float) -> Entry:
        """The entry of ``key``, made now if there is none; an error of ``make`` is raised and nothing kept."""
        with self._lock:
            found = self._entries.get(key)
            others_work = self._in_work.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            elif others_work is None:
                work = self._in_work[key] = _Work()
        if found is None and others_work is not None:
            others_work.done.wait()
            found = others_work.entry
            if found is None:  # an error, or nothing to keep: everyone for himself
                return make()
        if found is not None:
            self._count_hit()
            return found
        try:
            work.entry = make()
            self._keep(key, work.entry, max_bytes)
            return work.entry
        finally:
            with self._lock:
                self._in_work.pop(key, None)
            work.done.set()

    def _count_hit(self) -> None:
        with self._lock:
            self._hits += 1

    def _keep(self, key: Hashable, entry: Entry, max_bytes: float) -> None:
        size = sum(map(len, entry))
        with self._lock:
            self._misses += 1
            if size > max_bytes:
                return
            self._entries[key] = entry
            self._n_bytes += size
            while self._n_bytes > max_bytes:
                _, forgotten = self._entries.popitem(last=False)
                self._n_bytes -= sum(map(len, forgotten))

    def count_refused(self) -> None:
        with self._lock:
            self._refused += 1

    def info(self) -> CacheInfo:
        with self._lock:
            return CacheInfo(self._hits, self._misses, self._refused, len(self._entries), self._n_bytes)

    def clear(self) -> None:
        """Forget all results and counts; computations under way are not disturbed."""
        with self._lock:
            self._entries.clear()
            self._n_bytes = self._hits = self._misses = self._refused = 0


#: The one of this process.
CACHE = ProcessCache()
in_forked_child(CACHE.start_anew)  # a thread that the child does not have may hold the lock, or be computing
