"""The time budget and the progress of a search."""

import io
import time

import numpy as np
import pytest

from sknn_tune.model_selection.searches._budget import Budget


class Terminal(io.StringIO):
    """Standard error of somebody who looks on."""

    def isatty(self):
        return True


def results_of(*means):
    return {"params": [{}] * len(means), "mean_test_score": np.array(means), "std_test_score": np.full(len(means), 0.1)}


def spent_budget(**options):
    budget = Budget(timeout=1e-9, **{"verbose": 0, "n_candidates": 5, **options}).start()
    time.sleep(0.001)
    return budget


def test_without_a_timeout_all_candidates_come_in_pieces():
    budget = Budget(None, 0, 5).start()
    assert list(budget.in_batches(iter(range(5)), 2)) == [[0, 1], [2, 3], [4]]
    assert not budget.is_spent


def test_one_piece_is_allowed_however_short_the_time():
    budget = spent_budget()
    assert not budget.is_spent
    assert list(budget.in_batches(range(5), 2)) == [[0, 1]]
    assert budget.is_spent
    assert list(budget.in_batches(range(5), 2)) == []


def test_a_report_counts_as_well():
    budget = spent_budget()
    budget.report(results_of(0.5), "score")
    assert budget.is_spent


def test_the_end_warns_of_what_was_left_out():
    budget = spent_budget()
    budget.report(results_of(0.5, 0.6), "score")
    with pytest.warns(UserWarning, match=r"timeout=1e-09\) with 3 of 5 candidates left out.*the 2 that were evaluated"):
        budget.end()
    budget.end(n_left_out=0)  # and a search that ended by itself does not


def test_a_search_in_time_ends_silently(capsys):
    budget = Budget(100.0, 0, 2).start()
    budget.report(results_of(0.5, 0.6), "score")
    budget.end()
    assert capsys.readouterr() == ("", "")


def test_a_line_per_report(capsys):
    budget = Budget(None, 1, 4).start()
    budget.report(results_of(np.nan), "score")
    budget.report(results_of(np.nan, 0.75, 0.5), "score")
    budget.report(results_of(np.nan, 0.75, 0.5), None)
    budget.end()
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert [line.rsplit(", ", 1)[0] for line in lines] == [
        "1/4 candidates",
        "3/4 candidates, best score 0.75 ± 0.1",
        "3/4 candidates",
    ]
    assert all(line.endswith(" s") for line in lines)


def test_a_terminal_has_one_line_that_changes(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    budget = Budget(None, 1, None).start()
    budget.report(results_of(0.5), "score")
    budget.report(results_of(0.5, 0.6), "score")
    budget.end()
    budget.end()
    written = terminal.getvalue()
    assert written.startswith("\r1 candidates, best score 0.5")
    assert written.count("\r") == 2
    assert written.count("\n") == 1


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (61, "1 min 01 s"), (7260, "2 h 01 min")]
)
def test_durations(seconds, text, monkeypatch, capsys):
    monkeypatch.setattr(Budget, "elapsed_seconds", seconds)
    Budget(None, 1, 4).start().report(results_of(0.5), None)
    assert capsys.readouterr().err == f"1/4 candidates, {text}\n"
