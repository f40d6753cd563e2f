"""Questions from the fits of a search, answered in the process that runs the search.

A pruner compares fits that run in several processes, so what they report has to come together in one
place, and an answer (go on, or stop) has to go back. scikit-learn's own callbacks send messages by
`sklearn.callback._transport`, which is private and knows no answers. A file or a database, as Optuna's
storages use, would leave something behind and be read again after every epoch. A
`multiprocessing.Manager` starts one more process. So this is a socket of the standard library (a named
pipe on Windows), open while the search runs. Threads of the same process take the direct way.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from threading import Event, Thread
from typing import Any, NamedTuple

from ..._forks import ForkSafeLock

#: How long a finished search may leave its threads behind: nothing wakes one that waits for a message.
_POLL_SECONDS = 0.2


class Address(NamedTuple):
    """Where to ask. It can be pickled.

    Attributes
    ----------
    socket : str
        Path of the socket, or name of the pipe.
    key : bytes
        Who does not know it is not heard.
    process : int
        Who answers. A forked process inherits `_LINES`, too, but is another.
    """

    socket: str
    key: bytes
    process: int


class _Line:
    """A socket and the threads behind it."""

    def __init__(self, answer: Callable[[Any], Any]):
        key = os.urandom(32)
        # With the default of one, workers that connect at the same moment are refused.
        self._listener = Listener(authkey=key, backlog=128)
        self._closed = Event()
        self.answer = answer
        self.address = Address(str(self._listener.address), key, os.getpid())
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with self._listener:
            while not self._closed.is_set():
                try:
                    connection = self._listener.accept()
                except (AuthenticationError, EOFError, OSError):  # a stranger, or one that hung up
                    self._closed.wait(0.01)
                else:
                    Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection, suppress(EOFError, OSError):  # the worker has gone
            while not self._closed.is_set():
                if connection.poll(_POLL_SECONDS):
                    connection.send(self._reply(connection.recv()))

    def _reply(self, message: Any) -> tuple[bool, Any]:
        try:
            return True, self.answer(message)
        except Exception as error:
            return False, error

    def close(self) -> None:
        self._closed.set()
        with suppress(AuthenticationError, EOFError, OSError):  # wakes the thread that waits for connections
            Client(self.address.socket, authkey=self.address.key).close()


_LINES: dict[Address, _Line] = {}
_CONNECTIONS: dict[Address, Connection] = {}
_connecting = ForkSafeLock()


def open_line(answer: Callable[[Any], Any]) -> Address:
    """From now on, and in threads of their own, messages to the address are answered by ``answer(message)``."""
    line = _Line(answer)
    _LINES[line.address] = line
    return line.address


def close_line(address: Address) -> None:
    """Answer no more."""
    _LINES.pop(address).close()


def ask(address: Address, message: Any) -> Any:
    """Send a message, from any process of this machine, and wait for the answer."""
    if address.process == os.getpid() and address in _LINES:
        return _LINES[address].answer(message)
    with _connecting:
        connection = _CONNECTIONS.get(address) or _connect(address)
        connection.send(message)
        is_answered, reply = connection.recv()
    if not is_answered:
        raise reply
    return reply


def _connect(address: Address) -> Connection:
    """Connect; connections to earlier searches, which nobody answers any more, are dropped."""
    while _CONNECTIONS:
        _CONNECTIONS.popitem()[1].close()
    try:
        _CONNECTIONS[address] = Client(address.socket, authkey=address.key)
    except OSError as error:
        raise ConnectionError(
            f"A fit cannot reach the search that it belongs to, in process {address.process} at {address.socket!r}. "
            "Pruners and HistoryRecorder need all processes of a search on one machine: use joblib's own backends, or "
            "search without them."
        ) from error
    return _CONNECTIONS[address]
