"""A second thread that does half of an update, while this one does the other half.

Of many short operations in two threads each waits for Python's lock, so one hand-over per update has to be
worth it: the two meet only at its beginning and its end (see `_numpy_halves`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import numpy as np


class _Partner:
    """A thread that runs what it is given, one after the other."""

    def __init__(self):
        self.process = os.getpid()
        self._calls: SimpleQueue = SimpleQueue()
        threading.Thread(target=self._run, name="sknn_tune partner", daemon=True).start()

    def begin(self, function: Callable[[], Any]) -> SimpleQueue:
        """Where the outcome will come from."""
        outcome: SimpleQueue = SimpleQueue()
        self._calls.put((function, outcome))
        return outcome

    def _run(self) -> None:
        with np.errstate(all="ignore"):
            while True:
                function, outcome = self._calls.get()
                try:
                    outcome.put((function(), None))
                except BaseException as error:
                    outcome.put((None, error))


_partner: _Partner | None = None


def both(one: Callable[[], Any], other: Callable[[], Any], at_once: bool) -> tuple[Any, Any]:
    """Results of two functions that do not touch each other's arrays, at the same time if wanted."""
    if not at_once:
        return one(), other()
    global _partner
    if _partner is None or _partner.process != os.getpid():  # a fork has no threads but one
        _partner = _Partner()
    outcome = _partner.begin(other)
    try:
        first = one()
    finally:
        second, error = outcome.get()  # also after an interruption: it works on our arrays
    if error is not None:
        raise error
    return first, second
