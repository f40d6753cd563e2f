"""Fits by NumPy: without TensorFlow, in threads and processes, with the same bits everywhere."""

import os
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
import threadpoolctl
from joblib import Parallel, delayed

from sknn_tune import KerasClassifier
from sknn_tune.engine import _numpy_halves
from sknn_tune.engine._blas_threads import in_turn
from sknn_tune.engine._fused_scope import averages_activity_penalties
from sknn_tune.engine._partner_thread import both

PARAMS = {"hidden_layer_sizes": (20, 10), "batch_norm": True, "dropout": 0.1, "epochs": 3, "random_state": 0}


def _fitted(X, y, **params):
    return KerasClassifier(**{**PARAMS, **params}).fit(X, y)


def _same_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True))


def test_threads_and_processes_give_the_same_bits(binary_data):
    X, y = binary_data
    expected = _fitted(X, y)
    for backend in ("threading", "loky"):
        for found in Parallel(n_jobs=2, backend=backend)(delayed(_fitted)(X, y) for _ in range(4)):
            assert _same_weights(found, expected), backend


#: Its updates are shared by two threads, where there are two.
LARGE = {"hidden_layer_sizes": (512, 256), "batch_size": 200, "epochs": 2, "batch_norm": False}


@pytest.mark.parametrize("params", [{}, LARGE, {**LARGE, "dtype": "float64"}], ids=["small", "large", "double"])
def test_the_number_of_blas_threads_does_not_matter(binary_data, params):
    X, y = np.tile(binary_data[0], (1, 20)), binary_data[1]
    found = []
    for limit in (1, 4):
        with threadpoolctl.threadpool_limits(limit, "blas"):
            found.append(_fitted(X, y, **params))
    assert "NumPy" in found[0].engine_reason_.split(":")[0]
    assert _same_weights(*found)


@pytest.mark.parametrize("penalties", [{}, {"l2": 1e-3, "clipnorm": 1.0}, {"activity_l1": 1e-3, "activity_l2": 1e-3}])
def test_halves_of_a_batch_give_the_gradient_of_the_whole(binary_data, penalties, monkeypatch):
    if "activity_l1" in penalties and not averages_activity_penalties():
        pytest.skip("this Keras adds activity penalties up over the rows of a batch, so such fits are left to it")
    X, y = binary_data
    params = {
        **penalties,
        "batch_norm": False,
        "dropout": 0.0,
        "batch_size": 75,
        "dtype": "float64",
    }  # and a last batch of 50
    weight = np.linspace(0.5, 1.5, len(X))
    whole = KerasClassifier(**{**PARAMS, **params}).fit(X, y, weight)
    monkeypatch.setattr(_numpy_halves, "_OPERATIONS", 0)
    halves = KerasClassifier(**{**PARAMS, **params}).fit(X, y, weight)
    assert not _same_weights(halves, whole)
    for one, other in zip(halves.model_.get_weights(), whole.model_.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(halves.history_["loss"], whole.history_["loss"], rtol=1e-9)


def test_the_other_half_says_what_went_wrong_and_is_waited_for():
    order = []

    def slow():
        time.sleep(0.05)
        order.append("other")

    def interrupted():
        order.append("one")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        both(interrupted, slow, at_once=True)
    assert order == ["one", "other"]
    with pytest.raises(ZeroDivisionError):
        both(lambda: 1, lambda: 1 / 0, at_once=True)
    assert both(lambda: 1, lambda: 2, at_once=True) == both(lambda: 1, lambda: 2, at_once=False) == (1, 2)


def test_blas_gets_its_threads_back(binary_data):
    def n_threads():
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}

    for limit in (2, 1):
        with threadpoolctl.threadpool_limits(limit, "blas"):
            with in_turn() as has_second_core:
                assert n_threads() == {1}
                assert has_second_core == (limit == 2)
            with pytest.raises(KeyboardInterrupt), in_turn():
                raise KeyboardInterrupt
            Parallel(n_jobs=3, backend="threading")(delayed(_fitted)(*binary_data) for _ in range(6))
            assert n_threads() == {limit}


def test_a_fit_and_all_that_follows_need_no_tensorflow():
    code = textwrap.dedent(
        """
        import pickle, sys
        import numpy as np
        from sklearn.model_selection import RandomizedSearchCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from sknn_tune import KerasClassifier, KerasRegressor

        generator = np.random.default_rng(0)
        X, y = generator.normal(size=(60, 4)), np.arange(60) % 3
        network = KerasClassifier(hidden_layer_sizes=5, epochs=2, early_stopping=True)
        pipeline = make_pipeline(StandardScaler(), network)
        search = RandomizedSearchCV(pipeline, {"kerasclassifier__learning_rate": [0.1, 0.01]}, n_iter=2, cv=2)
        search.fit(X, y)
        pickle.loads(pickle.dumps(search)).predict_proba(X)
        network.fit(X, y).partial_fit(X, y).score(X, y)
        KerasRegressor(hidden_layer_sizes=5, epochs=2, l2=0.1, device="CPU").fit(X, y).predict(X)
        print(sorted({"tensorflow", "keras", "scikeras"} & set(sys.modules)))
        """
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr[-2000:]


def _pid_after(engine, X, y):
    _fitted(X, y, engine=engine, epochs=1)
    time.sleep(1.2)  # joblib's workers look at their memory once a second
    return os.getpid()


def test_a_worker_that_loads_tensorflow_late_goes_on(binary_data):
    """joblib would take it for a memory leak."""
    pids = []
    with Parallel(n_jobs=2, backend="loky") as parallel:
        for engine in ("auto", "keras", "auto"):
            pids.append(set(parallel(delayed(_pid_after)(engine, *binary_data) for _ in range(2))))
    assert pids[2] <= pids[0] | pids[1] and len(pids[0] | pids[1] | pids[2]) == 2


@pytest.mark.parametrize("rows_at_once", [1, 17, 10_000])
def test_rows_gathered_at_a_time_do_not_matter(binary_data, rows_at_once, monkeypatch):
    from sknn_tune.engine import _numpy_runner

    X, y = binary_data
    expected = _fitted(X, y, batch_size=7)
    monkeypatch.setattr(_numpy_runner, "_VALUES_AT_ONCE", rows_at_once * (X.shape[1] + 1))
    assert _same_weights(_fitted(X, y, batch_size=7), expected)
