"""What TensorFlow says at each start is held back, what anyone else says is not, and all is shown if loading fails."""

from __future__ import annotations

import os
import subprocess
import sys

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


_WHO_LOADS_KERAS = """
import importlib, sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name in ("keras", "tensorflow"):
            quietly.append("sknn_tune.engine._tensorflow" in sys.modules)
            raise ImportError(name)

sys.meta_path.insert(0, Refusing())
quietly = []
for room in ("models", "inside", "keras_loop"):
    try:
        names = importlib.import_module(f"sknn_tune.engine.{room}").__all__
    except ImportError:
        names = []
    quietly = []
    for name in names or [""]:
        try:
            getattr(importlib.import_module(f"sknn_tune.engine.{room}"), name)
        except ImportError:
            assert all(quietly) and quietly, f"{room}.{name} loads Keras with all its lines"
    print(room, len(quietly))
"""


def test_whatever_needs_keras_loads_it_quietly():
    """``metrics`` of an estimator once did not, whose check is the first to need it."""
    ran = subprocess.run([sys.executable, "-c", _WHO_LOADS_KERAS], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    loads = dict(line.split() for line in ran.stdout.splitlines())
    assert int(loads["models"]) >= 30 and int(loads["inside"]) >= 5 and int(loads["keras_loop"]) == 1
