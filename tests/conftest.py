"""What every test shares: a quiet TensorFlow, no windows, and small tables that nobody may change."""

import gc
import itertools
import os

# Before the first import of TensorFlow and Matplotlib, which read these once.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["MPLBACKEND"] = "Agg"

import shutil
import signal
import tempfile
from pathlib import Path

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is in a job that a shell runs in the background; some tests press Ctrl-C, and one waits for it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

if "PYTEST_XDIST_WORKER" not in os.environ:
    # Tests leave nothing in the user's cache. The processes of a run share one of their own, or each would compile.
    os.environ["SKNN_TUNE_CACHE_DIR"] = tempfile.mkdtemp(prefix="sknn_tune-tests-")

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from sknn_tune.estimators.resolve._unused import SAID

_MODULES_OF_TESTS = itertools.count(1)


def pytest_unconfigure():
    """The process that made the folder of compiled code removes it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ["SKNN_TUNE_CACHE_DIR"], ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_said():
    """What is said once in a process is said once in a test, or a test would depend on those before it."""
    SAID.clear()


def pytest_addoption(parser):
    parser.addoption("--thorough", action="store_true", help="run every case of every test, in about twice the time")


def pytest_configure(config):
    config.addinivalue_line("markers", "few(n): of the cases of this test run n, spread over all, but with --thorough")
    config.addinivalue_line("markers", "thorough: what other tests hold in a smaller way; only with --thorough")


def pytest_collection_modifyitems(config, items):
    """Leave out cases that say once more what others say, unless all were asked for, or a case by its name."""
    if config.getoption("--thorough") or any("[" in argument for argument in config.args):
        return
    cases = {}
    for item in items:
        few = item.get_closest_marker("few")
        if few:
            cases.setdefault(item.nodeid.partition("[")[0], (few.args[0], []))[1].append(item)
    out = [item for item in items if item.get_closest_marker("thorough")]
    for number, each in cases.values():
        kept = {round(place) for place in np.linspace(0, len(each) - 1, number)}
        out += [item for place, item in enumerate(each) if place not in kept]
    out_ids = {id(item) for item in out}
    items[:] = [item for item in items if id(item) not in out_ids]
    config.hook.pytest_deselected(items=out)


def _look_at_it_no_more():
    """What is in memory now stays, as modules do, so that Python's collector need not look at it again.

    Fits through Keras collect every now and then. With all that these tests load, a look at everything takes longer
    than a fit.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_finish(session):
    """All tests are imported, and what they import."""
    _look_at_it_no_more()


@pytest.fixture(scope="module", autouse=True)
def modules_that_came_later():
    """Some are loaded when they are first needed, and reports of tests add up."""
    yield
    if next(_MODULES_OF_TESTS) % 10 == 0:
        _look_at_it_no_more()


@pytest.fixture(scope="session")
def project_folder() -> Path:
    """The checkout: README.md, docs and examples are not part of the installed package."""
    return Path(__file__).parents[1]


def _read_only(*arrays):
    """Shared between tests, so a test that changes them must fail (joblib's memory maps do the same)."""
    for array in arrays:
        array.setflags(write=False)
    return arrays


def _sample(X, y, n_rows, n_features, stratify=None):
    X, _, y, _ = train_test_split(X[:, :n_features], y, train_size=n_rows, stratify=stratify, random_state=0)
    return scale(X), y


@pytest.fixture(scope="session")
def binary_data():
    """X of shape (200, 6), standardised, and y of 0 and 1."""
    X, y = load_breast_cancer(return_X_y=True)
    return _read_only(*_sample(X, y, n_rows=200, n_features=6, stratify=y))


@pytest.fixture(scope="session")
def multiclass_data():
    """X of shape (120, 4), standardised, and y of 0, 1 and 2, forty of each."""
    X, y = load_iris(return_X_y=True)
    return _read_only(*_sample(X, y, n_rows=120, n_features=4, stratify=y))


@pytest.fixture(scope="session")
def regression_data():
    """X of shape (200, 6) and y of shape (200,), both standardised."""
    X, y = load_diabetes(return_X_y=True)
    X, y = _sample(X, y, n_rows=200, n_features=6)
    return _read_only(np.ascontiguousarray(X), scale(y))
