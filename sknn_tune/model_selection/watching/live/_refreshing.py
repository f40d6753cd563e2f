"""Draws a view again and again, at most so many times a second, in a thread of its own.

The fits of a search only note what came of them; how often that is drawn does not depend on how many there are.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable
from threading import Event, Thread

from ._outputs import Output
from ._snapshot import Snapshot

#: Even if nothing has happened, so that the time goes on.
_SECONDS_AT_MOST = 1.0


class Refreshing:
    """Keeps an output up to date.

    Parameters
    ----------
    output : Output
        Where it is shown.
    snapshot : callable
        ``snapshot()``: how it stands.
    seconds : float
        Between two drawings, at least.
    """

    def __init__(self, output: Output, snapshot: Callable[[], Snapshot], seconds: float) -> None:
        self._output = output
        self._snapshot = snapshot
        self._seconds = seconds
        self._is_over = Event()
        self._has_news = Event()
        #: Why nothing is drawn any more: a search goes on without its view.
        self.failure: Exception | None = None
        self._draw()
        # What a notebook prints belongs to a cell, and which one that is stands in the context.
        run = contextvars.copy_context().run
        self._thread = Thread(target=run, args=(self._run,), name=f"LiveSearch {id(self)}", daemon=True)
        self._thread.start()

    def note(self) -> None:
        """Say that something has happened."""
        self._has_news.set()

    def close(self) -> None:
        """Draw the end, and end the thread."""
        self._is_over.set()
        self._thread.join()
        try:
            self._output.close(self._snapshot())
        except Exception as error:
            self.failure = self.failure or error

    def _run(self) -> None:
        drawn = time.monotonic()
        while not self._is_over.wait(self._seconds) and self.failure is None:
            if self._has_news.is_set() or time.monotonic() - drawn >= _SECONDS_AT_MOST:
                self._has_news.clear()
                self._draw()
                drawn = time.monotonic()

    def _draw(self) -> None:
        try:
            self._output.show(self._snapshot())
        except Exception as error:
            self.failure = error
