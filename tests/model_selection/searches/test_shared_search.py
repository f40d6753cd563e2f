"""Several workers search one study: on real servers, killed, stopped, and at the same moment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the workers begin as copies of one process")
@pytest.mark.parametrize("storage", ["journal", "redis", "postgresql"])
def test_workers_of_one_study(storage, request, tmp_path):
    """What is to hold stands in workers.py, which runs by itself: importing all takes longer than all else."""
    if storage == "journal":
        where = str(tmp_path / "journal.log")
    else:
        where = request.getfixturevalue(f"{storage}_url") + {"redis": "/0", "postgresql": "/postgres"}[storage]
    program = Path(__file__).with_name("workers.py")
    folders = Path(sys.modules["sknn_tune"].__file__).parents[1], program.parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), "OMP_NUM_THREADS": "1"}  # no threads
    done = subprocess.run(
        [sys.executable, str(program), where],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
