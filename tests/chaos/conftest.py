"""What is broken on purpose: the quick run of every test run, and the long one of ``nox -s chaos``."""

import os

import pytest

#: The long run has 20, or as many twentieths of it as are asked for. The only place where the variable is read.
SCALE = int(os.environ.get("SKNN_TUNE_CHAOS_SCALE", "1"))


@pytest.fixture(scope="session")
def how_many():
    """How often something is tried: ``how_many(in a run of all tests, in the long run)``."""

    def chosen(usual: int, long: int) -> int:
        return usual if SCALE == 1 else max(usual, long * SCALE // 20)

    return chosen


@pytest.fixture(scope="session")
def is_long_run() -> bool:
    return SCALE > 1


@pytest.fixture
def report(record_property):
    """Says a figure of the long run, which is shown at its end."""

    def say(figure: str) -> None:
        record_property("figure", figure)

    return say


def pytest_terminal_summary(terminalreporter):
    """After a long run, all figures with the time that each took: to be cited as they are."""
    if SCALE == 1:
        return
    terminalreporter.section("figures of what was broken on purpose")
    seconds = 0.0
    for outcome in ("passed", "failed"):
        for each in terminalreporter.stats.get(outcome, ()):
            if each.when != "call":
                continue
            seconds += each.duration
            for name, figure in each.user_properties:
                if name == "figure":
                    failed = "FAILED: " * (outcome == "failed")
                    terminalreporter.write_line(f"{failed}{figure} [{each.duration:.0f} s]")
    terminalreporter.write_line(f"all tests: {seconds / 60:.0f} minutes")
