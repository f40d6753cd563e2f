"""Several workers search one study: on real servers, killed, stopped, and at the same moment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the workers begin as copies of one process")

STORAGES = ["journal", "redis", "postgresql"]


@pytest.fixture
def run_workers(request, tmp_path):
    """Run a scenario of workers.py in a storage of this name, and return what it says."""

    def run(scenario, storage):
        if storage == "journal":
            where = str(tmp_path / "journal.log")
        else:
            where = request.getfixturevalue(f"{storage}_url") + {"redis": "/0", "postgresql": "/postgres"}[storage]
        here = Path(__file__).parent
        package = str(Path(sys.modules["sknn_tune"].__file__).parents[1])
        environment = {**os.environ, "PYTHONPATH": package, "OMP_NUM_THREADS": "1"}  # a copy has no threads
        done = subprocess.run(
            [sys.executable, str(here / "workers.py"), scenario, where],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("storage", STORAGES)
def test_three_workers(run_workers, storage):
    """The tables of a database are made by all three at once; each ends with the same 24 candidates, none twice."""
    run_workers("together", storage)


@pytest.mark.parametrize("storage", STORAGES)
def test_killed_at_every_write(run_workers, storage):
    """Two others finish what it has begun, with the candidates that it would have evaluated."""
    assert int(run_workers("killed", storage)) > (8 if storage == "postgresql" else 15)


@pytest.mark.parametrize("storage", STORAGES)
def test_stopped_for_longer_than_its_lease(run_workers, storage):
    """Its candidate is evaluated by another; what it has found when it wakes up does not count."""
    run_workers("stopped", storage)
