"""How much memory a process can have: the machine's, or what a control group or ulimit leaves of it."""

import subprocess
import sys

import pytest

from sknn_tune.engine import _memory_limit
from sknn_tune.engine._memory_limit import memory_limit

GB = 10**9


@pytest.fixture
def system(monkeypatch, tmp_path):
    """A machine of 16 GB with 4 GB of swap space, whose groups are files below tmp_path."""
    for name in ("_GROUPS", "_OWN_GROUPS", "_MACHINE"):
        monkeypatch.setattr(_memory_limit, name, tmp_path / name)
    monkeypatch.setattr(_memory_limit, "_of_process", lambda: 2**47)
    (tmp_path / "_MACHINE").write_text("MemTotal: 16000000 kB\nMemFree: 5 kB\nSwapTotal: 4000000 kB\nHugePages: 0\n")

    def put(path, content):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    return put


def test_all_that_the_machine_has(system):
    assert memory_limit() == 20_480_000_000
    system("_OWN_GROUPS", "0::/user.slice\n")
    system("_GROUPS/user.slice/memory.max", "max\n")
    assert memory_limit() == 20_480_000_000


def test_the_least_of_groups_around_each_other(system):
    system("_OWN_GROUPS", "0::/outer/inner\n")
    system("_GROUPS/outer/inner/memory.max", f"{9 * GB}")
    system("_GROUPS/outer/inner/memory.swap.max", "0")
    assert memory_limit() == 9 * GB
    system("_GROUPS/outer/memory.max", f"{7 * GB}")
    system("_GROUPS/outer/memory.swap.max", f"{GB}")
    assert memory_limit() == 8 * GB


def test_a_group_that_may_swap_without_end_has_no_limit_of_its_own(system):
    system("_OWN_GROUPS", "0::/\n")
    system("_GROUPS/memory.max", f"{GB}")
    system("_GROUPS/memory.swap.max", "max")
    assert memory_limit() == 20_480_000_000


def test_groups_of_the_first_kind_and_in_a_container(system):
    """There the name is that outside, and the limit stands at the root."""
    system("_OWN_GROUPS", "5:cpu,cpuacct:/\n4:memory:/docker/abc\n0::/\n")
    system("_GROUPS/memory/memory.limit_in_bytes", f"{3 * GB}\n")
    assert memory_limit() == 3 * GB
    system("_GROUPS/memory/memory.limit_in_bytes", "9223372036854771712\n")  # none
    assert memory_limit() == 20_480_000_000


def test_here():
    assert 2**28 < memory_limit() <= 2**47


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="has no ulimit")
def test_ulimit():
    code = (
        "import resource; from sknn_tune.engine._memory_limit import memory_limit; "
        f"resource.setrlimit(resource.RLIMIT_AS, ({2 * GB}, {2 * GB})); print(memory_limit())"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == str(2 * GB)
