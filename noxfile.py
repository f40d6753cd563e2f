"""Sessions that each need an environment of their own: ``nox -s tests oldest lint``."""

from pathlib import Path
from runpy import run_path

import nox

nox.options.sessions = ["lint", "tests"]
nox.options.error_on_missing_interpreters = True

DEPENDENCIES = run_path(str(Path(__file__).parent / "sknn_tune" / "_min_dependencies.py"))
# TensorFlow's start-up lines say nothing about our tests.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "2"}


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests with the newest version of everything."""
    session.install(".[test]")
    session.run("pytest", "-n", "2", *session.posargs, env=QUIET)


@nox.session(python="3.10")
def oldest(session: nox.Session) -> None:
    """Run the tests with the oldest Python and the oldest version of every required package."""
    session.install(".[test]", *DEPENDENCIES["oldest_versions"]())
    session.run("pytest", "-n", "2", *session.posargs, env=QUIET)


@nox.session
def chaos(session: nox.Session) -> None:
    """Break things on purpose for hours: the tests of tests/chaos with larger numbers. ``nox -s chaos -- -k draws``."""
    session.install(".[test]")
    # What is drawn differs from run to run; --hypothesis-seed=N draws the same again.
    command = ["pytest", "tests/chaos", "--thorough", "--timeout", "14400", *session.posargs]
    session.run(*command, env={"SKNN_TUNE_CHAOS_SCALE": "20", **QUIET})


@nox.session
def lint(session: nox.Session) -> None:
    """Check format, style and types."""
    session.install(".[dev]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation, with all examples executed, make the notebooks, and run one."""
    session.install(".[docs]")
    session.run("make", "-C", "docs", "html", "notebooks", external=True, env=QUIET)
    session.run("jupyter", "execute", "docs/_build/notebooks/plot_01_first_classifier.ipynb", env=QUIET)
