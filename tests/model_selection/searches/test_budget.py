"""The time budget and the progress of a search."""

import io
import re
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
    assert [line.rsplit(", ", 2)[0] for line in lines] == [
        "1/4 candidates",
        "3/4 candidates, best score 0.75 ± 0.1",
        "3/4 candidates",
    ]
    for line in lines:
        assert re.search(r", 0\.0 s, about 0\.0 s left$", line)


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
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (59.97, "1 min 00 s"), (61, "1 min 01 s"), (7260, "2 h 01 min")],
)
def test_durations(seconds, text, monkeypatch, capsys):
    monkeypatch.setattr(Budget, "elapsed_seconds", seconds)
    Budget(None, 1, 1).start().report(results_of(0.5), None)
    assert capsys.readouterr().err == f"1/1 candidates, {text}\n"


class Clock:
    """In the place of the time that has passed."""

    def __init__(self, monkeypatch):
        self.seconds = 0.0
        monkeypatch.setattr(Budget, "elapsed_seconds", property(lambda budget: self.seconds))

    def line(self, budget, n_done, seconds, capsys):
        self.seconds = seconds
        budget.report(results_of(*[0.5] * n_done), None)
        return capsys.readouterr().err.strip()


def test_the_time_left_is_that_of_the_candidates_so_far(monkeypatch, capsys):
    clock, budget = Clock(monkeypatch), Budget(None, 1, 10)
    assert clock.line(budget, 2, 10.0, capsys) == "2/10 candidates, 10.0 s, about 40.0 s left"
    assert clock.line(budget, 4, 40.0, capsys) == "4/10 candidates, 40.0 s, about 1 min 00 s left"
    assert clock.line(budget, 10, 99.0, capsys) == "10/10 candidates, 1 min 39 s"


def test_what_an_earlier_process_has_evaluated_tells_nothing_of_the_pace(monkeypatch, capsys):
    clock, budget = Clock(monkeypatch), Budget(None, 1, 10)
    clock.seconds = 1.0
    budget.go_on_from(8)
    assert clock.line(budget, 8, 1.0, capsys) == "8/10 candidates, 1.0 s"
    assert clock.line(budget, 9, 6.0, capsys) == "9/10 candidates, 6.0 s, about 5.0 s left"


def test_no_more_time_is_left_than_the_timeout_allows(monkeypatch, capsys):
    clock, budget = Clock(monkeypatch), Budget(12.0, 1, 10)
    assert clock.line(budget, 1, 2.0, capsys) == "1/10 candidates, 2.0 s, about 10.0 s left until the timeout"
    assert clock.line(budget, 9, 11.0, capsys) == "9/10 candidates, 11.0 s, about 1.0 s left until the timeout"
    assert clock.line(budget, 9, 13.0, capsys) == "9/10 candidates, 13.0 s, about 0.0 s left until the timeout"


def test_of_ever_larger_networks_the_latest_tells_how_long_the_next_take(monkeypatch, capsys):
    clock, budget = Clock(monkeypatch), Budget(None, 1, 4, is_ladder=True)
    clock.line(budget, 1, 1.0, capsys)
    line = clock.line(budget, 2, 11.0, capsys)
    assert line == "2/4 candidates, 11.0 s, about 20.0 s left if all sizes are tried"


def test_without_a_plan_no_time_is_left(monkeypatch, capsys):
    assert Clock(monkeypatch).line(Budget(None, 1, None), 2, 1.0, capsys) == "2 candidates, 1.0 s"
