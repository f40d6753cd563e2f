"""TensorFlow's start-up lines, held back while it loads: no card found, which instructions are used, who logs where.

Problem: they come at each start, in each worker process, and red in a notebook, where only errors should be. TensorFlow
has a variable that says how much it tells, but some lines are written before it is read. Choice: while it loads, the
file descriptor of stderr leads to a file, and in the end all lines that are not such lines are written where they
belong. If loading fails, all of them are. Lost are the lines of a process that dies within, unless
``TF_CPP_MIN_LOG_LEVEL=0`` asks for everything.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
#: Of TensorFlow's letters for how bad something is, those that each level leaves out; the last is our default.
_LEFT_OUT = ("", "I", "IW", "IWE")
#: As absl and as TensorFlow write a line: the letter, then the time, or the time, then the letter.
_LINE = (
    r"(?:[{letters}]\d{{4}} \d\d:\d\d:\d+\.\d+|\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [{letters}] )|"
    r"WARNING: All log messages before absl::InitializeLog\(\)|To enable the following instructions: "
)


@contextmanager
def quiet_unless_asked() -> Iterator[None]:
    """While TensorFlow loads, keep back what it says at each start; a level that the user chose is kept to.

    What goes wrong comes as a Python exception anyway.
    """
    chosen = os.environ.get(LEVEL)
    letters = _LEFT_OUT[min(int(chosen), 3)] if chosen is not None and chosen.isdigit() else _LEFT_OUT[-1]
    if not letters:
        yield
        return
    os.environ.setdefault(LEVEL, "3")
    try:
        with _held_back(re.compile(_LINE.format(letters=letters).encode())):
            yield
    finally:
        if chosen is None:
            del os.environ[LEVEL]


@contextmanager
def _held_back(kind: re.Pattern[bytes]) -> Iterator[None]:
    """Write what comes to the file descriptor of stderr in the end, without lines of this kind."""
    try:
        stderr = os.dup(2)
    except OSError:  # closed, as in a program without a console
        yield
        return
    failed = True
    with TemporaryFile() as file:
        _flush()
        os.dup2(file.fileno(), 2)
        try:
            yield
            failed = False
        finally:
            _flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            file.seek(0)
            lines = [line for line in file if failed or not kind.match(line)]
            if lines:
                os.write(2, b"".join(lines))


def _flush() -> None:
    """What Python has written so far belongs before, or to, what is held back."""
    with suppress(AttributeError, ValueError, OSError):  # none, or closed
        sys.stderr.flush()
