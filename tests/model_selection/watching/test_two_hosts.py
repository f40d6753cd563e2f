"""Fits on another host ask their search: what is decided is the same, and a search that cannot be asked ends."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sknn_tune._compat import scikit_learn


def _why_not():
    if not scikit_learn.HAS_CALLBACKS:
        return "set_callbacks came with scikit-learn 1.9"
    if not hasattr(os, "getuid") or os.getuid() != 0 or shutil.which("ip") is None:
        return "only root can make another host, with the command ip"
    tried = subprocess.run(["ip", "netns", "add", f"try{os.getpid()}"], capture_output=True)
    if tried.returncode != 0:
        return "this root may not make name spaces of the network"
    subprocess.run(["ip", "netns", "del", f"try{os.getpid()}"], check=True)
    return None


def test_pruning_from_another_host(tmp_path):
    pytest.importorskip("distributed")
    if reason := _why_not():
        pytest.skip(reason)
    here = Path(__file__).parent
    package = str(Path(sys.modules["sknn_tune"].__file__).parents[1])
    sockets, work = tmp_path / "sockets", tmp_path / "work"
    sockets.mkdir()
    work.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([package, str(here)]), "TMPDIR": str(sockets)}
    done = subprocess.run(
        [sys.executable, str(here / "two_hosts.py"), str(work)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    alone, far, given, lost, some_were_here = json.loads(done.stdout)
    assert not some_were_here
    assert "true" in alone["median"] and "true" in alone["halving"]  # some were stopped
    assert far == alone and given == alone["recorder"]
    assert lost.startswith("A fit cannot reach the search that it belongs to, process ")
    assert "or 127.0.0.1:" in lost and "SKNN_TUNE_SEARCH_ADDRESS" in lost
