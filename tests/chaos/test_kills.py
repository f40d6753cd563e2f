"""Searches that are killed at random moments lose nothing, repeat nothing, and end as if nothing had happened."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("killed_searches.py")
SEARCHES = ("bayesian", "bayesian in batches", "grid", "coarse to fine", "halving")


@pytest.mark.thorough
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that begin as copies of this one")
def test_killed_at_random_moments(tmp_path, how_many, report):
    """With ``kill -9``. The Bayesian search has a storage; of the others each fit is kept, by ``memory=``."""
    n_kills = how_many(2, 20)
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(n_kills), "0", *SEARCHES], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    report("\n".join(map(str, found)))
    assert [each["search"] for each in found] == list(SEARCHES)
    for each in found:
        assert each["kills"] == n_kills
        assert (each["lost"], each["repeated"], each["unequal"]) == (0, 0, 0), each
