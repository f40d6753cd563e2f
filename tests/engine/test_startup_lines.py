"""What TensorFlow says at each start is held back, what anyone else says is not, and all is shown if loading fails."""

from __future__ import annotations

import os

import pytest

from sknn_tune.engine._startup_lines import LEVEL, quiet_unless_asked

NOTE = "I0000 00:00:1795919719.333347    7262 cudart_stub.cc:31] Could not find cuda drivers on your machine\n"
NOTICE = "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
WARNING = "2026-01-02 03:04:05.678901: W tensorflow/core/util/port.cc:153] oneDNN custom operations are on.\n"
ERROR = "E0000 00:00:1795919719.333347    7262 cuda_dnn.cc:8310] Unable to register cuDNN factory\n"
ALL = (NOTE, NOTICE, WARNING, ERROR)
OF_OTHERS = "I have 4 pages to print\n"


def write(*lines):
    for line in lines:
        os.write(2, line.encode())


@pytest.mark.parametrize(
    ("level", "shown"), [(None, ()), ("3", ()), ("2", (ERROR,)), ("1", (WARNING, ERROR)), ("0", ALL)]
)
def test_lines_of_a_start_are_held_back_up_to_the_level(level, shown, monkeypatch, capfd):
    monkeypatch.delenv(LEVEL, raising=False)
    if level is not None:
        monkeypatch.setenv(LEVEL, level)
    write("before\n")
    with quiet_unless_asked():
        write(*ALL)
        write(OF_OTHERS)
    write("after\n")
    assert capfd.readouterr().err == "before\n" + "".join(shown) + OF_OTHERS + "after\n"
    assert os.environ.get(LEVEL) == level


def _fail_after(*lines):
    write(*lines)
    raise ImportError


def test_all_is_shown_if_loading_fails(monkeypatch, capfd):
    monkeypatch.delenv(LEVEL, raising=False)
    with pytest.raises(ImportError), quiet_unless_asked():
        _fail_after(*ALL)
    assert capfd.readouterr().err == "".join(ALL)
    assert LEVEL not in os.environ
