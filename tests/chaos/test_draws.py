"""Whatever is given, it is learned from, or refused in a sentence: never a crash, a hang or a foreign traceback."""

import multiprocessing
import time
from collections import Counter

import psutil
import pytest
from drawn_cases import cases, measured_cases
from drawn_fits import serve
from hypothesis import HealthCheck, Phase, given, settings

#: Of the processor that a case may take, and of time, where a process waits for ever.
_BUSY_SECONDS, _SECONDS = 60, 600


class Child:
    """A process that judges cases; a new one after one that crashed or hung."""

    def __init__(self):
        self._process = None

    def judged(self, case):
        if self._process is None:
            self._start()
        self._pipe.send(case)
        try:
            return self._pipe.recv() if self._answers() else self._stop("hangs")
        except EOFError:
            return self._stop("crashes")

    def _answers(self):
        """Whether there is an answer, or no other end any more, before it has taken too long."""
        times = psutil.Process(self._process.pid).cpu_times
        busy, deadline = sum(times()[:2]), time.monotonic() + _SECONDS
        while not self._pipe.poll(1):
            if time.monotonic() > deadline or sum(times()[:2]) > busy + _BUSY_SECONDS:
                return False
        return True

    def _start(self):
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other,), daemon=True)
        self._process.start()
        other.close()
        self._pipe.recv()  # it has loaded all that it needs

    def _stop(self, why):
        process, self._process = self._process, None
        process.join(5)
        process.kill()
        process.join()
        return "faulty", f"{why} ({process.exitcode})"

    def close(self):
        if self._process is not None:
            self._pipe.close()
            self._process.join(10)
            self._process.kill()


@pytest.fixture(scope="module")
def child():
    found = Child()
    yield found
    found.close()


def _judge_all(child, drawn, n_draws, *, always_the_same):
    """How often what was drawn fits and is refused. The first that is faulty fails the test, made simpler."""
    counted = Counter()

    @settings(
        max_examples=n_draws,
        deadline=None,
        database=None,
        derandomize=always_the_same,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn)
    def nothing_faulty(case):
        verdict, why = child.judged(case)
        counted[verdict] += 1
        assert verdict != "faulty", f"{why}\n{case}"

    nothing_faulty()
    return counted


@pytest.mark.parametrize(
    ("drawn", "of_a_run", "of_the_long_run"),
    [(cases, 200, 4000), (measured_cases, 6, 400)],
    ids=["tables and parameters", "metrics and losses"],
)
def test_whatever_is_drawn(child, how_many, is_long_run, report, drawn, of_a_run, of_the_long_run):
    n_draws = how_many(of_a_run, of_the_long_run)
    counted = _judge_all(child, drawn, n_draws, always_the_same=not is_long_run)
    what = "metrics and losses" if drawn is measured_cases else "tables and parameters"
    report(f"{counted.total()} draws of {what}: {dict(counted)}; 0 crashes, hangs and foreign tracebacks")
    assert min(counted["fits"], counted["refused"]) > counted.total() / 10, counted
