"""A disk that is full, or that may not be written, costs a warning, and no fit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource")
PROGRAM = Path(__file__).with_name("full_disks.py")


def test_disks_that_take_nothing_more(tmp_path, how_many, report):
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(how_many(6, 60))], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    report(f"full disks: {found}")
    assert found["memory"]["wrong"] == 0
    assert found["memory"]["told"] > found["memory"]["folders"] / 3
    assert found["storage"]["equal"] == [True, True], "gone on with when there was room"
    at_start, in_the_middle = found["storage"]["told"]
    assert at_start.startswith("ValueError: BayesianSearchCV cannot open its storage 'sqlite:///start.db'")
    assert in_the_middle.startswith(
        "OSError: BayesianSearchCV can no longer use its storage 'sqlite:///middle.db': disk"
    )
    assert found.get("nobody", 0) == 0, done.stderr[-3000:]
