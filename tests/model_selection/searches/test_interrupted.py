"""Ctrl-C in a search keeps the candidates that are finished; SIGTERM ends the workers, too."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone

from sknn_tune import KerasRegressor
from sknn_tune._compat.scikit_learn import HAS_CALLBACKS
from sknn_tune.model_selection import (
    BayesianSearchCV,
    CapacitySearchCV,
    CoarseToFineSearchCV,
    HistoryRecorder,
    HyperbandSearchCV,
    RefitWith,
)

X, Y = np.arange(12.0).reshape(-1, 1), np.arange(12.0)


class Interrupted(RegressorMixin, BaseEstimator):
    """Predicts ``size``; Ctrl-C is pressed in the fit with this number."""

    n_fits = 0
    interrupt_in = None

    def __init__(self, size=1, epochs=1):
        self.size = size
        self.epochs = epochs

    def fit(self, X, y):
        Interrupted.n_fits += 1
        if Interrupted.n_fits == Interrupted.interrupt_in:
            signal.raise_signal(signal.SIGINT)
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.full(len(X), float(self.size))


@pytest.fixture
def press_ctrl_c_in():
    def press(number):
        Interrupted.n_fits, Interrupted.interrupt_in = 0, number

    yield press
    press(None)


SIZES = [8, 1, 5, 3, 4, 6, 2, 7]
SEARCHES = {
    "coarse to fine": lambda **more: CoarseToFineSearchCV(
        Interrupted(), {"size": SIZES}, n_iter=6, n_rounds=1, timeout=1e6, random_state=0, cv=2, **more
    ),
    "capacity": lambda **more: CapacitySearchCV(
        Interrupted(), param_name="size", sizes=SIZES, patience=8, cv=2, **more
    ),
    "bayesian": lambda **more: BayesianSearchCV(Interrupted(), {"size": SIZES}, n_iter=6, random_state=0, cv=2, **more),
    "hyperband": lambda **more: HyperbandSearchCV(
        Interrupted(), {"size": SIZES}, resource="epochs", max_resources=9, timeout=1e6, random_state=0, cv=2, **more
    ),
}


@pytest.fixture(params=SEARCHES)
def new_search(request):
    return SEARCHES[request.param]


def stopped(search, match="interrupted after 3 candidates"):
    with pytest.raises(KeyboardInterrupt, match=match):
        search.fit(X, Y)
    return search


def test_what_is_finished_is_there(new_search, press_ctrl_c_in):
    whole = new_search().fit(X, Y)
    press_ctrl_c_in(7)  # two folds each: in the first fit of the fourth
    search = stopped(clone(whole))
    assert search.cv_results_["params"] == whole.cv_results_["params"][:3]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], whole.cv_results_["mean_test_score"][:3])
    best = int(np.argmax(search.cv_results_["mean_test_score"]))
    assert search.best_params_ == search.cv_results_["params"][best]
    assert search.best_score_ == search.cv_results_["mean_test_score"][best]
    assert search.refit is True
    with pytest.raises(AttributeError, match="interrupted before the best candidate was fitted"):
        search.predict(X)
    if "n_candidates_" in vars(search):
        assert search.n_candidates_ == [[3]]
    press_ctrl_c_in(None)
    assert search.fit(X, Y).predict(X).shape == Y.shape


def test_ctrl_c_before_the_first_is_finished(new_search, press_ctrl_c_in):
    press_ctrl_c_in(2)
    search = stopped(new_search(), match="^$")
    assert not hasattr(search, "cv_results_")


def test_ctrl_c_in_the_refit(new_search, press_ctrl_c_in):
    whole = new_search().fit(X, Y)
    n_candidates = len(whole.cv_results_["params"])
    press_ctrl_c_in(2 * n_candidates + 1)
    search = stopped(whole, match=f"after {n_candidates} candidates")  # which had a best_estimator_ before
    assert search.best_params_ == new_search().fit(X, Y).best_params_
    assert not hasattr(search, "best_estimator_")


@pytest.mark.parametrize("refit", ["r2", False, lambda results: 1], ids=["name", "False", "function"])
def test_several_metrics(refit, press_ctrl_c_in):
    press_ctrl_c_in(7)
    search = stopped(SEARCHES["coarse to fine"](scoring=["r2", "neg_max_error"], refit=refit))
    assert len(search.cv_results_["mean_test_neg_max_error"]) == 3
    assert search.refit is refit
    assert hasattr(search, "best_score_") == isinstance(refit, str)
    assert getattr(search, "best_index_", None) in ([None] if refit is False else [0, 1, 2])
    assert not callable(refit) or search.best_index_ == 1


def test_a_study_goes_on(tmp_path, press_ctrl_c_in):
    storage = f"sqlite:///{tmp_path / 'search.db'}"
    press_ctrl_c_in(7)
    search = stopped(SEARCHES["bayesian"](storage=storage))
    press_ctrl_c_in(None)
    assert search.fit(X, Y).cv_results_["params"] == SEARCHES["bayesian"]().fit(X, Y).cv_results_["params"]
    assert Interrupted.n_fits == 2 * (6 - 3) + 1 + 2 * 6 + 1  # only what was missing, and the refits


def test_refit_with_has_the_search(press_ctrl_c_in):
    press_ctrl_c_in(7)
    search = stopped(RefitWith(SEARCHES["coarse to fine"](), {"epochs": 2}))
    assert len(search.cv_results_["params"]) == 3


@pytest.mark.skipif(not HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9")
def test_watchers_count_what_is_finished(monkeypatch):
    n_fits, fit = 0, KerasRegressor.fit

    def interrupted(self, *arguments, **more):
        nonlocal n_fits
        n_fits += 1
        fitted = fit(self, *arguments, **more)
        if n_fits == 4:  # the second of the second candidate, of which one fit has been seen
            signal.raise_signal(signal.SIGINT)
        return fitted

    monkeypatch.setattr(KerasRegressor, "fit", interrupted)
    network = KerasRegressor(hidden_layer_sizes=(2,), random_state=0)
    search = CapacitySearchCV(network, param_name="epochs", sizes=[1, 2, 3], cv=2).set_callbacks(HistoryRecorder())
    stopped(search, match="interrupted after 1 candidates")
    assert search.cv_results_["mean_n_epochs"].tolist() == [1]


SCRIPT = """
import os, sys, time
import numpy as np
from sklearn.dummy import DummyRegressor
from sknn_tune.model_selection import CoarseToFineSearchCV

def note(line):
    with open(sys.argv[1], "a") as log:
        log.write(f"{line}\\n")

class Slow(DummyRegressor):
    def __init__(self, log, quantile=0.5):
        super().__init__(strategy="quantile", quantile=quantile)
        self.log = log

    def fit(self, X, y):
        with open(self.log, "a") as log:
            log.write(f"{os.getpid()}\\n")
        time.sleep(0.1)
        return super().fit(X, y)

quantiles = {"quantile": np.linspace(0, 1, 1000).tolist()}
search = CoarseToFineSearchCV(Slow(sys.argv[1]), quantiles, n_iter=900, timeout=1e6, cv=2, n_jobs=2)
try:
    search.fit(np.zeros((8, 1)), np.arange(8))
except KeyboardInterrupt:
    note(f"kept {len(search.cv_results_['params'])} {hasattr(search, 'best_estimator_')}")
search.fit(np.zeros((8, 1)), np.arange(8))
"""


def is_running(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # which has ended, and nobody has asked how


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_signals_while_workers_fit(tmp_path):
    script, log = tmp_path / "search.py", tmp_path / "log"
    script.write_text(SCRIPT)
    log.touch()

    def wait_for(condition):
        deadline = time.monotonic() + 120
        while not condition(log.read_text().split("\n")):
            assert search.poll() is None, "the search has ended by itself"
            assert time.monotonic() < deadline
            time.sleep(0.02)

    search = subprocess.Popen([sys.executable, script, log])
    try:
        wait_for(lambda lines: len(lines) > 9)
        search.send_signal(signal.SIGINT)
        wait_for(lambda lines: lines[-2].isdigit() and any(line.startswith("kept") for line in lines))
        before, _, after = log.read_text().partition("kept ")
        n_kept, has_best, *workers = after.split()
        assert 0 < int(n_kept) <= len(before.split()) // 2
        assert has_best == "False"
        search.terminate()
        assert search.wait(60) == -signal.SIGTERM
        deadline = time.monotonic() + 60
        while any(map(is_running, workers)):
            assert time.monotonic() < deadline, "workers have outlived the search"
            time.sleep(0.05)
    finally:
        search.kill()
