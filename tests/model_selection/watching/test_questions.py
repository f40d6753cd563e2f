"""The line between the fits of a search and its process."""

from __future__ import annotations

import os
import threading
import time

import pytest
from joblib import Parallel, delayed

from sknn_tune.model_selection.watching._questions import Address, ask, close_line, open_line


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


def test_who_cannot_reach_the_search_says_so():
    nowhere = Address(os.path.join(os.sep, "nowhere", "socket"), b"", 0)
    with pytest.raises(ConnectionError, match=r"cannot reach the search .* in process 0 .* on one machine"):
        ask(nowhere, 1)
