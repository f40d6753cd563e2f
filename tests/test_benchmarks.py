"""The benchmarks run and write what they promise. No times are compared: that is for `python -m benchmarks`."""

from __future__ import annotations

import json
import runpy
import socket
import subprocess
import sys

import pytest

from sknn_tune._compat.scikit_learn import HAS_CALLBACKS

_THOROUGH = pytest.mark.thorough


@pytest.fixture(params=["fit", "predict", "search"])
def report(request, tmp_path, project_folder) -> dict:
    """What ``--quick`` writes, with sknn_tune and MLPClassifier as the peers."""
    return quick_report(request.param, tmp_path, project_folder)


def quick_report(benchmark: str, tmp_path, project_folder, *options: str) -> dict:
    path = tmp_path / "report.json"
    command = [sys.executable, "-m", "benchmarks", benchmark, "--quick", "--json", str(path), *options]
    done = subprocess.run(command, cwd=project_folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["benchmark"] == benchmark
    for table in found["tables"]:
        assert table["title"] in done.stdout
    return found


def _assert_says_what_was_measured_where(report):
    assert {"settings", "machine", "versions", "tables", "ratios", "failures"} <= set(report)
    assert {"processor", "cpus", "memory_gb", "load_average"} <= set(report["machine"])
    assert {"python", "sknn_tune", "tensorflow", "keras", "scikeras", "scikit-learn"} <= set(report["versions"])
    assert report["failures"] == []


@_THOROUGH
def test_report_says_what_was_measured_where_and_by_what_factor(report):
    _assert_says_what_was_measured_where(report)
    for table in report["tables"]:
        other = "Model.fit" if table["title"].startswith("Models of one's own") else "MLPClassifier"
        assert {"sknn_tune", other} == {row["peer"] for row in table["rows"]}
    assert any("MLPClassifier / sknn_tune" in name for name in report["ratios"])
    assert all(ratio > 0 for ratio in report["ratios"].values())


@_THOROUGH
def test_spaces_compare_searches_of_equal_size(tmp_path, project_folder):
    found = quick_report("spaces", tmp_path, project_folder)
    assert found["failures"] == []
    searches, capacities, at_equal_epochs = (table["rows"] for table in found["tables"])
    assert [row["search"] for row in searches][:2] == ["random", "coarse to fine"]
    assert searches[0]["better_than_random"] == 0
    assert all(row["of_large"] > 0 for row in capacities)
    epochs = {row["search"]: row["epochs"] for row in at_equal_epochs}
    assert epochs["random"] == 24 <= min(epochs.values()) <= max(epochs.values()) == epochs["Hyperband"] == 26


@pytest.mark.skipif(not HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9")
def test_pruning_is_compared_with_a_search_without(tmp_path, project_folder):
    report = quick_report("pruning", tmp_path, project_folder)
    _assert_says_what_was_measured_where(report)
    [table] = report["tables"]
    assert [row["pruner"] for row in table["rows"]] == ["none", "median", "halving"]
    epochs = [row["epochs"] for row in table["rows"]]
    assert epochs[0] == max(epochs) == 4 * 5 * 4


@_THOROUGH
def test_backends_find_the_same_bits(tmp_path, project_folder):
    found = quick_report("backends", tmp_path, project_folder)
    assert found["failures"] == []
    [table] = found["tables"]
    rows = {row["backend"]: row for row in table["rows"]}
    equal = {name: row["equal_bits"] for name, row in rows.items() if "equal_bits" in row}
    assert equal.keys() >= {"threading", "loky", "shared study"}
    assert set(equal.values()) == {"yes"}, equal
    assert all(row["search_processor_seconds"] > 0 for row in rows.values())


@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts what processes write")
def test_what_is_sent_is_counted_for_this_process_and_for_those_that_have_ended(tmp_path, project_folder):
    costs_so_far = runpy.run_path(str(project_folder / "benchmarks" / "_costs.py"), run_name="_costs")["costs_so_far"]
    before = costs_so_far()
    file = tmp_path / "written"
    subprocess.run([sys.executable, "-S", "-c", f"open({str(file)!r}, 'wb').write(bytes(3_000_000))"], check=True)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as sender,
        server.accept()[0] as receiver,
    ):
        for _ in range(100):
            sender.sendall(bytes(20_000))
            receiver.recv(20_000, socket.MSG_WAITALL)
    cost = costs_so_far() - before
    assert cost.network_mb >= 2  # others may use the network of the machine
    assert 3 <= cost.written_mb < 3.1
    assert cost.processor_seconds > 0
