"""Machine code reads and writes nothing beyond its arrays, whatever their sizes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("guarded_arrays.py")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs pages of memory that cannot be touched")


def _run(*arguments):
    return subprocess.run([sys.executable, str(PROGRAM), *map(str, arguments)], capture_output=True, text=True)


def test_one_byte_beyond_is_noticed():
    done = _run("beyond", 0)
    assert done.stdout.strip() == "0.0"
    assert done.returncode in (-signal.SIGSEGV, -signal.SIGBUS)


def test_training_and_predicting_between_guard_pages(how_many, report):
    n_networks = how_many(8, 400)
    done = _run(n_networks, 0)
    assert done.returncode == 0, (done.returncode, done.stderr[-3000:])
    n_done, n_calls, n_differing = map(int, done.stdout.split())
    report(f"{n_done} networks in {n_calls} calls between guard pages: none ended, {n_differing} with other bits")
    assert (n_done, n_differing) == (n_networks, 0)
    assert n_calls > 5 * n_networks
