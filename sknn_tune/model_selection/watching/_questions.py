"""Questions from the fits of a search, answered in the process that runs the search.

A pruner compares fits that run in several processes, so what they report has to come together in one
place, and an answer (go on, or stop) has to go back. scikit-learn's own callbacks send messages by
`sklearn.callback._transport`, which is private and knows no answers. A file or a database, as Optuna's
storages use, would leave something behind and be read again after every epoch. A
`multiprocessing.Manager` starts one more process. So this is a socket of the standard library (a named
pipe on Windows), open while the search runs, and one of the network where workers may be on other machines. Threads of
the same process take the direct way.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from threading import Event, Thread
from typing import Any, NamedTuple

from ..._forks import ForkSafeLock
from ._proof import prove_as_answering, prove_as_asking
from ._where_to_listen import VARIABLE, Host

#: How long a finished search may leave its threads behind: nothing wakes one that waits for a message.
_POLL_SECONDS = 0.2
#: How long the end of a search waits for those that take calls: they are woken.
_SECONDS_TO_END = 1.0
#: How long to try to connect to a machine that does not answer.
_CALL_SECONDS = 20.0


class Address(NamedTuple):
    """Where to ask. It can be pickled.

    Attributes
    ----------
    places : tuple of str and tuple
        The path of a socket or the name of a pipe, for processes of this machine; and perhaps a host and a port.
    key : bytes
        Who does not know it is not heard.
    process : int
        Who answers. A forked process inherits `_LINES`, too, but is another.
    """

    places: tuple[str | tuple[str, int], ...]
    key: bytes
    process: int


class _Line:
    """Sockets and the threads behind them."""

    def __init__(self, answer: Callable[[Any], Any], host: Host | None):
        far = [] if host is None else [_listen_at(host)]
        near = _listen_near()
        self._listeners = [near, *far]
        places: list[Any] = [near.address, *((host.name, listener.address[1]) for listener in far if host)]
        self._closed = Event()
        self.answer = answer
        self.address = Address(tuple(places), os.urandom(32), os.getpid())
        self._threads = [Thread(target=self._accept, args=(each,), daemon=True) for each in self._listeners]
        for thread in self._threads:
            thread.start()

    def _accept(self, listener: Listener) -> None:
        with suppress(OSError), listener:  # the end of the process closes it, too
            while not self._closed.is_set():
                try:
                    connection = listener.accept()
                except OSError:  # it hung up
                    self._closed.wait(0.01)
                else:
                    Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection, suppress(AuthenticationError, EOFError, OSError):  # a stranger, or a worker that has gone
            prove_as_answering(connection, self.address.key)
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
        for listener in self._listeners:
            with suppress(OSError):  # wakes the thread that waits for connections
                Client(listener.address).close()
        for thread in self._threads:  # or the end of the process, which closes listeners as well, comes in between
            thread.join(_SECONDS_TO_END)


def _listen_near() -> Listener:
    """For processes of this machine. With the default backlog of one, those that come at the same time are refused."""
    try:
        return Listener(backlog=128)
    except OSError:  # the folder for temporary files has too long a path for a socket, or may not be written
        return Listener(("127.0.0.1", 0), "AF_INET", backlog=128)


def _listen_at(host: Host) -> Listener:
    try:
        return Listener((host.name, host.port), "AF_INET", backlog=128)
    except OSError as error:
        raise OSError(
            f"A search cannot listen at {_shown(host)}, where its workers would reach it: {error}. Give an address of "
            f"the machine on which it runs, by 'address' of its watcher or the environment variable {VARIABLE}, and "
            "each watcher a port of its own, or none."
        ) from error


_LINES: dict[Address, _Line] = {}
_CONNECTIONS: dict[Address, Connection] = {}
_connecting = ForkSafeLock()


def open_line(answer: Callable[[Any], Any], host: Host | None = None) -> Address:
    """From now on, and in threads of their own, messages to the address are answered by ``answer(message)``.

    ``host`` is where processes of other machines ask.
    """
    line = _Line(answer, host)
    _LINES[line.address] = line
    return line.address


def close_line(address: Address) -> None:
    """Answer no more."""
    _LINES.pop(address).close()


class SearchUnreachable(BaseException):
    """A fit cannot ask its search. It ends the search, where any `Exception` would be a bad score of this one fit.

    On its way to another process it becomes the `ConnectionError` that the user sees.
    """

    def __reduce__(self) -> tuple[type[Exception], tuple]:
        return ConnectionError, self.args


def ask(address: Address, message: Any) -> Any:
    """Send a message, from any process, and wait for the answer."""
    if address.process == os.getpid() and address in _LINES:
        return _LINES[address].answer(message)
    with _connecting:
        try:
            connection = _CONNECTIONS.get(address) or _connect(address)
            connection.send(message)
            is_answered, reply = connection.recv()
        except (AuthenticationError, EOFError, OSError) as error:
            _CONNECTIONS.pop(address, None)
            raise SearchUnreachable(
                f"A fit cannot reach the search that it belongs to, process {address.process} at "
                f"{' or '.join(map(_shown, address.places))}: {error or type(error).__name__}. Pruners and "
                "HistoryRecorder are asked by every fit. If workers are on other machines, give an address of the "
                f"search's machine that they can reach, by 'address' of the watcher or by the environment variable "
                f"{VARIABLE}, or search without watchers."
            ) from error
    if not is_answered:
        raise reply
    return reply


def _connect(address: Address) -> Connection:
    """Connect; connections to earlier searches, which nobody answers any more, are dropped."""
    while _CONNECTIONS:
        _CONNECTIONS.popitem()[1].close()
    failure: Exception = OSError("there is no place to ask at")
    for place in address.places:
        try:
            connection = _called(place)
        except OSError as error:
            failure = error
            continue
        try:
            prove_as_asking(connection, address.key)
        except (AuthenticationError, EOFError, OSError) as error:  # somebody else's socket
            connection.close()
            failure = error
            continue
        _CONNECTIONS[address] = connection
        return connection
    raise failure


def _called(place: str | tuple[str, int]) -> Connection:
    if isinstance(place, str):
        return Client(place)
    with socket.create_connection(place, timeout=_CALL_SECONDS) as called:
        called.settimeout(None)
        called.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # a machine that is gone hangs up no more
        return Connection(called.detach())


def _shown(place: str | tuple[str, int]) -> str:
    return repr(place) if isinstance(place, str) else f"{place[0]}:{place[1]}"
