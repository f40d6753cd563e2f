"""A lease: who is at work on something that others can see, and until when that is to be believed.

Nobody can tell a slow process on another machine from a dead one, and clocks of machines differ. So:

- **The holder** writes a lease, with a name that nobody else has and the number of the renewal, and writes it anew,
  with the next number, four times within the ``seconds`` that it promises in it. A thread does that, so that a fit
  of hours is no silence. The holder ends the lease by writing `ENDED`.
- **An observer** reads it again and again. It trusts no clock but its own: a lease is over once it was read unchanged
  for more than the promised seconds, from after one reading to before another. It is over at once if it was ended,
  or if its process is seen to have ended, which shows on the same machine only.
- **Nothing is decided by a lease.** It says when somebody else may try to take over. Who does, and whether the holder
  still may hand in what it has worked out, the storage decides in one step that succeeds once. So a holder that
  was stopped for longer than its lease does no harm when it wakes up, and neither does a renewal that comes late.

A lease is a dict that JSON can hold, kept under one key that whoever takes over overwrites.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from ._processes import has_ended, this_process

#: What a holder leaves behind.
ENDED: dict = {}
_RENEWALS_PER_LEASE = 4
#: How long to wait for a renewal that is on its way to the storage.
_LAST_RENEWAL_SECONDS = 10.0

#: Leases of this process.
_held: set[tuple[int, str]] = set()


class Lease:
    """A lease that is held from `begin` to `end`, and renewed in between.

    Parameters
    ----------
    write : callable
        ``write(lease)`` keeps it where others see it. It returns False if somebody else has taken over.
    seconds : float
        For how long each renewal is to be believed.
    """

    def __init__(self, write: Callable[[dict], bool], seconds: float) -> None:
        self._write = write
        self._value = {"holder": uuid4().hex, "renewal": 0, "seconds": seconds, **this_process()}
        self._is_over = Event()
        self._renewing = Thread(target=self._renew, daemon=True)
        #: Whether somebody else has taken over.
        self.is_lost = False

    @property
    def holder(self) -> str:
        """The name that nobody else has."""
        return self._value["holder"]

    def begin(self) -> Lease:
        """Write it, and go on renewing it."""
        _held.add((os.getpid(), self.holder))
        self.is_lost = not self._write(self._value)
        self._renewing.start()
        return self

    def end(self, say: bool = True) -> None:
        """Renew it no more; and ``say`` so, unless it can be seen otherwise."""
        _held.discard((os.getpid(), self.holder))
        self._is_over.set()
        if say:
            if self._renewing.is_alive():
                self._renewing.join(_LAST_RENEWAL_SECONDS)  # or it would come after the end
            if not self.is_lost:
                with suppress(Exception):  # a storage that cannot be written: then the lease runs out
                    self._write(ENDED)

    def _renew(self) -> None:
        while not self.is_lost and not self._is_over.wait(self._value["seconds"] / _RENEWALS_PER_LEASE):
            self._value = {**self._value, "renewal": self._value["renewal"] + 1}
            try:
                self.is_lost = not self._write(self._value)
            except Exception:  # the storage cannot be reached at the moment: perhaps it can the next time
                continue


class Observer:
    """What one process has seen of the leases of others.

    Parameters
    ----------
    seconds : float
        How long to believe somebody who has written no lease yet.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: dict[Hashable, tuple[Any, float]] = {}

    def is_over(self, key: Hashable, lease: Mapping[str, Any] | None, read_at: float) -> bool:
        """Whether the lease under this key is over.

        Parameters
        ----------
        key : hashable
            What is leased.
        lease : dict or None
            As it was read; None if there is none.
        read_at : float
            ``time.monotonic()`` before it was read.
        """
        if lease is not None and (lease == ENDED or holder_has_ended(lease)):
            return True
        before, since = self._seen.get(key, (None, None))
        if since is None or before != lease:
            self._seen[key] = (lease, time.monotonic())
            return False
        return read_at - since > (self._seconds if lease is None else lease["seconds"])


def holder_has_ended(lease: Mapping[str, Any]) -> bool | None:
    """Whether the holder can be seen to hold it no more; None if that cannot be seen from here."""
    ended = has_ended(lease)
    if ended is False and lease["process"] == os.getpid():
        return (os.getpid(), lease["holder"]) not in _held  # a search of this very process that was broken off
    return ended
