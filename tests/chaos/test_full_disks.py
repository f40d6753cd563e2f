"""A disk that is full, or that may not be written, costs a warning, and no fit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource")
PROGRAM = Path(__file__).with_name("full_disks.py")


def test_disks_that_take_nothing_more(tmp_path, chaos_scale, report):
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(6 * chaos_scale)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    report(f"full disks: {found}")
    assert found["memory"]["wrong"] == 0
    assert found["memory"]["told"] > found["memory"]["folders"] / 3
    assert found["storage"]["equal"] == [True, True], "gone on with when there was room"
    for told in found["storage"]["told"]:
        assert told.startswith("ValueError: BayesianSearchCV cannot")
    assert found.get("nobody", 0) == 0, done.stderr[-3000:]
