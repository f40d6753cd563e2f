"""Memory stays flat over many fits and searches by machine code, and close to that of the table in one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

#: What a process takes once weighs more than what is looked for, unless there are very many fits.
pytestmark = pytest.mark.thorough

HERE = Path(__file__).parent

#: Bytes that a first fit of a process takes, however small its table.
_ALWAYS_TAKEN = 20_000_000


def _run(program, *arguments):
    # One arena: with glibc's one per thread, what is freed in one thread is not reused by another.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, str(HERE / program), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_many_fits_and_searches(how_many, report):
    """Fits of other shapes, with members, dropout and early stopping."""
    pytest.importorskip("psutil")
    n_fits, n_searches = how_many(250, 5000), how_many(15, 300)
    grown = _run("many_fits.py", n_fits, n_searches)
    report(f"{n_fits} fits grew by {grown['fits']} MB, {n_searches} searches by {grown['searches']} MB")
    assert grown["fits"] < 12
    assert grown["searches"] < 12


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak from /proc")
def test_a_fit_needs_little_beside_its_table(how_many, report):
    """The highest that a fit adds, by the bytes of the table."""
    n_rows = how_many(100_000, 1_000_000)
    peaks = _run("peak_memory.py", n_rows)
    report(f"peak of a fit on {n_rows} x 50, by the bytes of the table: {peaks}")
    for kind, share in peaks.items():
        dtype = kind.split()[0]
        converted = {"float32": 0, "float64": 0.5, "int8": 4}[dtype]
        always = _ALWAYS_TAKEN / (n_rows * 50 * np.dtype(dtype).itemsize)
        assert share < converted + 0.35 * max(converted, 1) + always, (kind, share)
