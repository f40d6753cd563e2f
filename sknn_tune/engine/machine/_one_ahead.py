"""Works out the next of some items in a thread while one is used.

Problem: who reads the rows of a file waits for the disk, and for the system that makes room in memory; so training on
rows that memory does not hold took up to twice as long as on others. Choice: a thread copies the rows of the next part,
for which it needs no lock of Python's, and training never looks into the file. Not taken: a thread that only asks the
system for rows, which then waits for the same lock of the system as the reader does; `pread` in place of the mapping,
which takes a tenth less of the processor, but has to find out whether the file is still the one that was mapped.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from .._threads import work_out

Item = TypeVar("Item")

_END: Any = object()


def one_ahead(items: Generator[Item, None, None]) -> Iterator[Item]:
    """The same items. Whoever stops early waits until the next is there, which is then lost."""
    asked: SimpleQueue[bool] = SimpleQueue()
    found: SimpleQueue[Future[Item]] = SimpleQueue()

    def work() -> None:  # one thread for all: each new one would hold memory of its own
        while asked.get():
            following: Future[Item] = Future()
            work_out(partial(next, items, _END), following)
            found.put(following)

    thread = Thread(target=work, daemon=True)
    with closing(items):
        thread.start()
        try:
            asked.put(True)
            while (item := found.get().result()) is not _END:
                asked.put(True)
                yield item
        finally:
            asked.put(False)
            thread.join()
