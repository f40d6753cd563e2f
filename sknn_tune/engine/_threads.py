"""Threads for functions whose results are waited for.

Problem: a fit may be made in a thread that goes on after the main thread of the program has ended, and from then on
`concurrent.futures` takes nothing more for its pools. Choice: plain threads, with its futures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


@contextmanager
def in_threads(functions: Sequence[Callable[[], Result]], n_threads: int) -> Iterator[list[Future[Result]]]:
    """What the functions give, worked out in their order by so many threads. At the end all have ended."""
    futures: list[Future[Result]] = [Future() for _ in functions]
    waiting: SimpleQueue[tuple[Future[Result], Callable[[], Result]]] = SimpleQueue()
    for each in zip(futures, functions, strict=True):
        waiting.put(each)

    def work() -> None:
        while True:
            try:
                future, function = waiting.get_nowait()
            except Empty:
                return
            work_out(function, future)

    threads = [Thread(target=work, daemon=True) for _ in range(min(n_threads, len(functions)))]
    try:
        for thread in threads:
            thread.start()
        yield futures
    finally:
        for thread in threads:
            if thread.ident is not None:  # it was started
                thread.join()


def work_out(function: Callable[[], Result], future: Future[Result]) -> None:
    """Have a future the result of a function, or its error, unless it was cancelled."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except BaseException as error:
        future.set_exception(error)
        del future  # it has the error, whose traceback has this place: a circle
