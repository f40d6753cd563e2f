"""The line between the fits of a search and its process."""

from __future__ import annotations

import os
import pickle
import socket
import threading
import time
from multiprocessing.connection import Connection, Listener
from pathlib import Path

import pytest
from joblib import Parallel, delayed

from sknn_tune.model_selection.watching._questions import Address, SearchUnreachable, ask, close_line, open_line
from sknn_tune.model_selection.watching._where_to_listen import VARIABLE, Host, read_address, where_to_listen


@pytest.fixture
def line():
    """The address of someone who knows the half of numbers, and says in which process."""
    address = open_line(lambda number: (number / 2, os.getpid()))
    yield address
    close_line(address)


def test_answer_comes_from_the_process_that_opened_the_line(line):
    assert ask(line, 4) == (2, os.getpid())
    answers = Parallel(n_jobs=2)(delayed(ask)(line, number) for number in range(6))
    assert answers == [(number / 2, os.getpid()) for number in range(6)]


def test_a_path_too_long_for_a_socket_does_not_matter(monkeypatch, tmp_path):
    """As those of batch systems and of macOS may be."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr("multiprocessing.util.get_temp_dir", lambda: str(folder))
    address = open_line(str)
    assert Parallel(n_jobs=2)(delayed(ask)(address, 1) for _ in range(2)) == ["1", "1"]
    close_line(address)


def test_error_of_the_answer_is_raised_where_the_question_was_asked(line):
    with pytest.raises(TypeError, match="unsupported operand"):
        Parallel(n_jobs=2)(delayed(ask)(line, word) for word in ["one", "two"])


def test_next_line_works_when_an_earlier_one_is_closed(line):
    other = open_line(str)
    Parallel(n_jobs=2)(delayed(ask)(line, 1) for _ in range(2))
    assert Parallel(n_jobs=2)(delayed(ask)(other, 1) for _ in range(2)) == ["1", "1"]
    close_line(other)


def test_closed_line_leaves_no_thread_and_no_socket():
    before = set(threading.enumerate())
    address = open_line(str)
    Parallel(n_jobs=2)(delayed(ask)(address, 1) for _ in range(2))
    close_line(address)
    deadline = time.monotonic() + 10
    while any("_questions" in str(getattr(thread, "_target", "")) for thread in set(threading.enumerate()) - before):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.few(1)
@pytest.mark.parametrize("place", [os.path.join(os.sep, "nowhere", "socket"), ("127.0.0.1", 1)], ids=["path", "port"])
def test_who_cannot_reach_the_search_ends_it(place):
    """No `Exception`, which would be a bad score of one candidate; but one for whoever waits in another process."""
    nowhere = Address((place,), b"", 0)
    with pytest.raises(SearchUnreachable, match=r"cannot reach the search .* process 0 .* give an address") as raised:
        ask(nowhere, 1)
    assert not isinstance(raised.value, Exception)
    with pytest.raises(ConnectionError, match="cannot reach the search"):
        Parallel(n_jobs=2)(delayed(ask)(nowhere, number) for number in range(2))


@pytest.fixture
def far_line():
    """A line that is asked over the network only."""
    address = open_line(lambda number: (number / 2, os.getpid()), Host("127.0.0.1"))
    yield address._replace(places=address.places[1:])
    close_line(address)


def test_answer_comes_over_the_network(far_line):
    answers = Parallel(n_jobs=2)(delayed(ask)(far_line, number) for number in range(4))
    assert answers == [(number / 2, os.getpid()) for number in range(4)]


class Trap:
    """A pickle that leaves a file behind when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_nothing_is_read_before_the_key_is_proven(far_line, tmp_path):
    """Neither by the search from a stranger, nor by a fit from somebody who sits at the address of its search."""
    trap = pickle.dumps(Trap(tmp_path / "read"))
    with socket.create_connection(far_line.places[0]) as called:
        stranger = Connection(called.detach())
    stranger.recv_bytes()
    stranger.send_bytes(trap)
    with pytest.raises((EOFError, OSError)):  # it hangs up
        stranger.recv_bytes()
    with pytest.raises(SearchUnreachable):
        ask(far_line._replace(key=b"another", process=0), Trap(tmp_path / "read"))
    with Listener(("127.0.0.1", 0)) as impostor:

        def lie():
            connection = impostor.accept()
            connection.send_bytes(bytes(32))
            connection.recv_bytes()
            for _ in range(2):
                connection.send_bytes(trap[:32])

        threading.Thread(target=lie, daemon=True).start()
        with pytest.raises(SearchUnreachable):
            ask(Address((impostor.address,), b"key", 0), 1)
    assert list(tmp_path.iterdir()) == []


def test_a_stranger_who_says_nothing_keeps_nobody_out(far_line):
    with socket.create_connection(far_line.places[0]), socket.create_connection(far_line.places[0]):
        assert Parallel(n_jobs=2)(delayed(ask)(far_line, number) for number in (1, 2))[1][0] == 1


@pytest.mark.parametrize("address", ["", "10.0.0.7:", "tcp://10.0.0.7:80", "10.0.0.7:99999", "[::1]:80", "a b"])
def test_what_is_no_address(address):
    with pytest.raises(ValueError) as error:
        read_address(address, "MedianPruner")
    assert str(error.value) == (
        "The 'address' parameter of MedianPruner must be a name or an IPv4 number of this machine that workers can "
        f"reach, alone or with a port: '10.0.0.7' or '10.0.0.7:5000'. Got {address!r} instead."
    )


def test_the_address_is_the_one_given_or_that_of_the_environment(monkeypatch):
    assert where_to_listen(None, "MedianPruner") is None
    monkeypatch.setenv(VARIABLE, "node7:81")
    assert where_to_listen(None, "MedianPruner") == Host("node7", 81)
    assert where_to_listen("10.0.0.7", "MedianPruner") == Host("10.0.0.7", 0)


def test_an_address_of_another_machine_is_answered_with_a_sentence():
    with pytest.raises(OSError, match=r"cannot listen at 192\.0\.2\.1:0, where its workers .* by 'address'"):
        open_line(str, Host("192.0.2.1"))
