"""Both ends of a connection prove that they know the same key, before either reads a message of the other.

A message is a pickle, and whoever can have one read can run code. So until the key is proven nothing but a few bytes of
fixed length is read. `multiprocessing.connection` has such a handshake, but with MD5 on Python before 3.12, the same
words in both directions, and within ``accept``, where a stranger who says nothing keeps all others out.
"""

from __future__ import annotations

import hmac
import os
from multiprocessing import AuthenticationError
from typing import Any

_N_BYTES = 32
#: How long the other end may take for each answer.
_PATIENCE_SECONDS = 20.0


def prove_as_answering(connection: Any, key: bytes) -> None:
    """The handshake of who was called; raises `AuthenticationError` or `OSError` if the other does not know the key."""
    ours = os.urandom(_N_BYTES)
    connection.send_bytes(ours)
    said = _receive(connection, 2 * _N_BYTES)
    theirs, proof = said[:_N_BYTES], said[_N_BYTES:]
    _require(proof, _digest(key, b"asks", ours, theirs))
    connection.send_bytes(_digest(key, b"answers", ours, theirs))


def prove_as_asking(connection: Any, key: bytes) -> None:
    """The handshake of who calls."""
    theirs, ours = _receive(connection, _N_BYTES), os.urandom(_N_BYTES)
    connection.send_bytes(ours + _digest(key, b"asks", theirs, ours))
    _require(_receive(connection, _N_BYTES), _digest(key, b"answers", theirs, ours))


def _receive(connection: Any, n_bytes: int) -> bytes:
    if not connection.poll(_PATIENCE_SECONDS):
        raise AuthenticationError("nothing was said")
    said = connection.recv_bytes(n_bytes)
    if len(said) != n_bytes:
        raise AuthenticationError("something else was said")
    return said


def _digest(key: bytes, role: bytes, of_answering: bytes, of_asking: bytes) -> bytes:
    return hmac.digest(key, role + of_answering + of_asking, "sha256")


def _require(proof: bytes, expected: bytes) -> None:
    if not hmac.compare_digest(proof, expected):
        raise AuthenticationError("the key is another one")
