"""Memory stays flat over many fits and searches by machine code, and close to that of the table in one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

#: What a process takes once weighs more than what is looked for, unless there are very many fits.
pytestmark = pytest.mark.thorough

HERE = Path(__file__).parent


def _run(program, *arguments):
    # One arena: with glibc's one per thread, what is freed in one thread is not reused by another.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, str(HERE / program), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_many_fits_and_searches(chaos_scale, report):
    """Fits of other shapes, with members, dropout and early stopping."""
    pytest.importorskip("psutil")
    n_fits, n_searches = 250 * chaos_scale, 15 * chaos_scale
    grown = _run("many_fits.py", n_fits, n_searches)
    report(f"{n_fits} fits grew by {grown['fits']} MB, {n_searches} searches by {grown['searches']} MB")
    assert grown["fits"] < 12
    assert grown["searches"] < 12


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak from /proc")
def test_a_fit_needs_little_beside_its_table(chaos_scale, report):
    """The highest that a fit adds, by the bytes of the table."""
    n_rows = 100_000 if chaos_scale == 1 else 1_000_000
    peaks = _run("peak_memory.py", n_rows)
    report(f"peak of a fit on {n_rows} x 50, by the bytes of the table: {peaks}")
    for kind, share in peaks.items():
        converted = {"float32": 0, "float64": 0.5, "int8": 4}[kind.split()[0]]
        assert share < converted + 0.35 * max(converted, 1), (kind, share)
