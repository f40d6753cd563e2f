"""Works out the next of some items in a thread while one is used.

Problem: who reads the rows of a file waits for the disk, and for the system that makes room in memory; so training on
rows that memory does not hold took up to twice as long as on others. Choice: a thread copies the rows of the next part,
for which it needs no lock of Python's, and training never looks into the file. Not taken: a thread that only asks the
system for rows, which then waits for the same lock of the system as the reader does; `pread` in place of the mapping,
which takes a tenth less of the processor, but has to find out whether the file is still the one that was mapped; a
pool of one thread, which takes nothing more once the main thread of the program has ended, though others go on.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import Future
from contextlib import closing
from threading import Thread
from typing import Any, TypeVar

Item = TypeVar("Item")

_END: Any = object()


def one_ahead(items: Generator[Item, None, None]) -> Iterator[Item]:
    """The same items. Whoever stops early waits until the next is there, which is then lost."""
    with closing(items):
        thread, following = _started(items)
        try:
            while (item := following.result()) is not _END:
                thread, following = _started(items)
                yield item
        finally:
            thread.join()


def _started(items: Iterator[Item]) -> tuple[Thread, Future[Item]]:
    """A thread that works out the next item, and where it will be."""
    following: Future[Item] = Future()
    thread = Thread(target=_work_out, args=(items, following), daemon=True)
    thread.start()
    return thread, following


def _work_out(items: Iterator[Item], following: Future[Item]) -> None:
    try:
        following.set_result(next(items, _END))
    except BaseException as error:
        following.set_exception(error)
