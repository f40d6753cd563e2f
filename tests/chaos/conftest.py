"""What is broken on purpose: the quick run of every test run, and the long one of ``nox -s chaos``."""

import os

import pytest

#: How many times as much of everything is tried. The only place where the variable is read.
SCALE = int(os.environ.get("SKNN_TUNE_CHAOS_SCALE", "1"))


@pytest.fixture(scope="session")
def chaos_scale() -> int:
    """1 in a run of all tests."""
    return SCALE


@pytest.fixture
def report(record_property, capsys):
    """Says a figure of the long run, past what pytest keeps to itself."""

    def say(figure: str) -> None:
        record_property("figure", figure)
        if SCALE > 1:
            with capsys.disabled():
                print(f"\n{figure}", flush=True)

    return say
