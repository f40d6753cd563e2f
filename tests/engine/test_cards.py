"""Processes that share several cards: each takes the one that fewest hold, and gives it back by ending."""

import subprocess
import sys
from collections import Counter

from sknn_tune.engine._cards import claim

CLAIM = """
import sys
from pathlib import Path
from sknn_tune.engine._cards import claim
print(claim(["GPU:0", "GPU:1"], Path(sys.argv[1])), flush=True)
assert claim(["GPU:0", "GPU:1"], Path(sys.argv[1])) == claim(["GPU:0", "GPU:1"])  # for the rest of the process
sys.stdin.readline()
"""


def _start(folder):
    return subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _end(process):
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def test_processes_spread_over_the_cards_and_a_free_one_is_taken_next(tmp_path):
    processes = [_start(tmp_path) for _ in range(3)]
    cards = [process.stdout.readline().strip() for process in processes]
    (_, twice), (alone, once) = Counter(cards).most_common()
    assert {*cards} == {"GPU:0", "GPU:1"} and (twice, once) == (2, 1)
    _end(processes.pop(cards.index(alone)))
    newcomer = _start(tmp_path)
    assert newcomer.stdout.readline().strip() == alone
    for process in [*processes, newcomer]:
        _end(process)


def test_without_a_folder_to_lock_in_there_is_a_card_all_the_same(tmp_path):
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    assert claim(["GPU:0", "GPU:1", "GPU:2"], nowhere) in {"GPU:0", "GPU:1", "GPU:2"}
