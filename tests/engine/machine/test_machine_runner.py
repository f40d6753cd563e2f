"""Fits by machine code: without TensorFlow, in threads and processes, with the same bits everywhere."""

import os
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import threadpoolctl
from joblib import Parallel, delayed, dump, load
from reference import SEED, problem, rows, trained_by, untrained
from scipy.sparse import csc_array, csr_array
from sklearn.base import clone

from sknn_tune import KerasClassifier
from sknn_tune.engine import Job
from sknn_tune.engine._network_arrays import NetworkArrays
from sknn_tune.engine._scope import averages_activity_penalties
from sknn_tune.engine.formulas import (
    ACTIVATIONS,
    MOMENTS,
    ROW_ACTIVATIONS,
    layer_widths,
    network_structure,
    resolve_optimizer,
    weight_slots,
)
from sknn_tune.engine.machine import _runner, _table, _updates
from sknn_tune.engine.machine._blas_threads import n_free_cores, one_blas_thread
from sknn_tune.engine.machine._initial_weights import initial_weights
from sknn_tune.engine.machine._runner import MachineRunner
from sknn_tune.specs import ArrayData

NAMES = sorted({*ACTIVATIONS, *ROW_ACTIVATIONS})
PARAMS = {"hidden_layer_sizes": (20, 10), "batch_norm": True, "dropout": 0.1, "epochs": 3, "random_state": 0}


def _fitted(X, y, **params):
    return KerasClassifier(**{**PARAMS, **params}).fit(X, y)


def _same_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True))


def _runner_of(network, training, data):
    start = NetworkArrays(initial_weights(network, SEED), None, None)
    return MachineRunner(Job(network, training, data, None, SEED), start, metrics=None, watched=True)


def _assert_same_arrays(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def _trained(network, training, data, weights, validation=None):
    return trained_by("numba", network, training, data, validation, start=untrained(network, training, weights))


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
    assert found[0].engine_ == "numba"
    assert _same_weights(*found)


@pytest.fixture
def parts(monkeypatch):
    """Sets how many parts the updates of fits have from now on, however small they are."""
    monkeypatch.setattr(_updates, "_OPERATIONS_OF_A_PART", 1)
    monkeypatch.setattr(_updates, "_ROWS_OF_A_PART", 1)
    monkeypatch.setattr(_updates, "_MOST_PARTS", 1)

    def use(n_parts):
        monkeypatch.setattr(_updates, "_MOST_PARTS", n_parts)
        monkeypatch.setattr(os, "cpu_count", lambda: n_parts)

    return use


@pytest.mark.few(5)
@pytest.mark.parametrize("n_parts", [2, 4])
@pytest.mark.parametrize(
    "penalties",
    [{}, {"l2": 1e-3, "clipnorm": 1.0}, {"activity_l1": 1e-3, "activity_l2": 1e-3}, {"dropout": 0.3}],
    ids=["none", "kernel", "activity", "dropout"],
)
def test_parts_of_a_batch_give_the_gradient_of_the_whole(binary_data, penalties, n_parts, parts):
    if "activity_l1" in penalties and not averages_activity_penalties():
        pytest.skip("this Keras adds activity penalties up over the rows of a batch, so such fits are left to it")
    X, y = binary_data
    weight = np.linspace(0.5, 1.5, len(X))

    def fitted():
        # And a last batch of 50.
        params = {"batch_norm": False, "dropout": 0.0, "batch_size": 75, "dtype": "float64", **penalties}
        return KerasClassifier(**{**PARAMS, **params}).fit(X, y, weight)

    whole = fitted()
    parts(n_parts)
    in_parts = fitted()
    assert not _same_weights(in_parts, whole)
    for one, other in zip(in_parts.model_.get_weights(), whole.model_.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(in_parts.history_["loss"], whole.history_["loss"], rtol=1e-9)


@pytest.mark.parametrize("n_rows_of_last", [1, 3])
def test_parts_without_a_row_change_nothing(binary_data, n_rows_of_last, parts):
    """A last batch may have fewer rows than others have parts."""
    X, y = (array[: 96 + n_rows_of_last] for array in binary_data)

    def fitted():
        return _fitted(X, y, batch_size=32, batch_norm=False, dropout=0.2, dtype="float64")

    whole = fitted()
    parts(4)
    for one, other in zip(fitted().model_.get_weights(), whole.model_.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_updates_of_members_stay_whole(binary_data, parts):
    """No core is free for a part of them, and a part more costs the thread that does them all."""
    params = {"batch_norm": False, "n_members": 2, "epochs": 1}
    whole = _fitted(*binary_data, **params)
    parts(4)
    assert _same_weights(_fitted(*binary_data, **params), whole)
    alone = clone(whole.members_[0]).fit(*binary_data)
    assert not _same_weights(alone, whole.members_[0])  # where parts are made, they show in the last digits


@pytest.mark.parametrize("n_fits", [1, 3])
def test_whoever_works_a_part_out_the_bits_are_the_same(binary_data, n_fits, parts):
    """Alone with all cores, alone with one, and beside others that leave none."""
    params = {"batch_norm": False, "hidden_layer_sizes": (64, 32), "batch_size": 64}
    parts(4)
    found = []
    for limit in (1, 2, 4):
        with threadpoolctl.threadpool_limits(limit, "blas"):
            jobs = (delayed(_fitted)(*binary_data, **params) for _ in range(n_fits))
            found += Parallel(n_jobs=n_fits, backend="threading")(jobs)
    assert all(_same_weights(each, found[0]) for each in found)


def test_no_thread_of_a_fit_outlives_it(binary_data, parts):
    parts(4)
    before = threading.active_count()
    with threadpoolctl.threadpool_limits(4, "blas"):
        _fitted(*binary_data, batch_norm=False)
    assert threading.active_count() == before


def test_blas_gets_its_threads_back(binary_data):
    def n_threads():
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}

    for limit in (2, 1):
        with threadpoolctl.threadpool_limits(limit, "blas"):
            with one_blas_thread():
                assert n_threads() == {1}
                assert n_free_cores() == limit - 1
                with one_blas_thread():
                    assert n_threads() == {1}
                    assert n_free_cores() == 0, "another fit wants the other cores"
                assert n_threads() == {1}
            assert n_threads() == {limit}
            with pytest.raises(KeyboardInterrupt), one_blas_thread():
                raise KeyboardInterrupt
            assert n_threads() == {limit}
            Parallel(n_jobs=3, backend="threading")(delayed(_fitted)(*binary_data) for _ in range(6))
            assert n_threads() == {limit}


def test_a_fit_in_another_thread_limits_blas_though_this_thread_owns_its_limits():
    """threadpoolctl lets only the thread that first set a limit set another, and says nothing to the others."""
    found = []

    def look():
        found.append({library["num_threads"] for library in controller.info()})

    def fit():
        with one_blas_thread():
            look()
        look()

    controller = threadpoolctl.ThreadpoolController().select(user_api="blas")
    with controller.limit(limits=2):
        thread = threading.Thread(target=fit)
        thread.start()
        thread.join()
        look()
    assert found == [{1}, {2}, {2}]


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


LATE = """
import os, sys
import numpy as np
from joblib import Parallel, delayed
from sknn_tune import KerasClassifier

def loaded_and_pid(engine):
    from joblib.externals.loky import process_executor
    # Workers look at their memory after a task, once in so many seconds: these after every task.
    assert hasattr(process_executor, "_MEMORY_LEAK_CHECK_DELAY")
    process_executor._MEMORY_LEAK_CHECK_DELAY = -1
    KerasClassifier(hidden_layer_sizes=(5,), epochs=1, engine=engine).fit(np.ones((20, 4)), np.arange(20) % 2)
    return "tensorflow" in sys.modules, os.getpid()

found = []
with Parallel(n_jobs=2, backend="loky") as parallel:
    for engine in ("auto", "keras", "auto"):
        found.append(set(parallel(delayed(loaded_and_pid)(engine) for _ in range(2))))
before, with_tensorflow, after = found
assert not any(loaded for loaded, _ in before) and all(loaded for loaded, _ in with_tensorflow), found
pids = [{pid for _, pid in each} for each in found]
assert pids[2] <= pids[0] | pids[1] and len(pids[0] | pids[1] | pids[2]) == 2, found
"""


@pytest.mark.thorough
def test_a_worker_that_loads_tensorflow_late_goes_on():
    """joblib would take it for a memory leak. In a process of its own, whose workers import nothing of these tests."""
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


FORMS = {
    "Fortran": np.asfortranarray,
    "float32 Fortran": lambda X: np.asfortranarray(X, "float32"),
    "rows apart": lambda X: np.repeat(X, 2, axis=0).astype("float32")[::2],
    "CSR": csr_array,
    "CSC": csc_array,
}


@pytest.mark.few(8)
@pytest.mark.parametrize("values_at_once", [1, 17 * 6, 10_000 * 6])
@pytest.mark.parametrize("form", FORMS)
def test_rows_read_at_a_time_and_their_form_do_not_matter(binary_data, form, values_at_once, monkeypatch):
    X, y = binary_data
    expected = _fitted(X, y, batch_size=7)
    monkeypatch.setattr(_table, "_VALUES_AT_ONCE", values_at_once)
    assert _same_weights(_fitted(FORMS[form](X), y, batch_size=7), expected)


@pytest.mark.parametrize("operations_at_once", [1, 20_000])
def test_updates_made_in_one_call_do_not_matter(binary_data, operations_at_once, monkeypatch):
    expected = _fitted(*binary_data, batch_size=7)
    monkeypatch.setattr(_runner, "_OPERATIONS_AT_ONCE", operations_at_once)
    assert _same_weights(_fitted(*binary_data, batch_size=7), expected)


@pytest.mark.parametrize("penalty", [{}, {"l2": 0.01, "dropout": 0.3}])
def test_epochs_run_together_do_not_matter(binary_data, penalty, monkeypatch):
    weight = np.linspace(0.5, 1.5, 200)
    params = {"batch_size": 7, "epochs": 5, **penalty}
    together = KerasClassifier(**{**PARAMS, **params}).fit(*binary_data, weight)
    monkeypatch.setattr(_runner, "_ROWS_AT_ONCE", 1)
    one_by_one = KerasClassifier(**{**PARAMS, **params}).fit(*binary_data, weight)
    assert _same_weights(together, one_by_one)
    assert dict(together.history_) == dict(one_by_one.history_)


#: What the machine code may be handed as rows and targets.
ARRAYS = {
    "as they are": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "columns apart": lambda array: np.repeat(array, 2, axis=1)[:, ::2],
    "other bytes": lambda array: array.astype(array.dtype.newbyteorder()),
    "unaligned": lambda array: _unaligned(array),
}


def _unaligned(array):
    buffer = np.empty(array.nbytes + 1, np.uint8)
    moved = buffer[1:].view(array.dtype).reshape(array.shape)
    moved[:] = array
    return moved


@pytest.mark.parametrize("form", ARRAYS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_engine_reads_arrays_in_any_form(form, dtype):
    network, training = problem("regressions", network={"dtype": dtype})
    data = rows("regressions", dtype=dtype, weighted=True)

    def trained(data):
        return _trained(network, training, data, initial_weights(network, SEED))

    expected = trained(data)
    for changed in (replace(data, X=ARRAYS[form](data.X)), replace(data, y=ARRAYS[form](data.y))):
        _assert_same_arrays(trained(changed).trained.weights, expected.trained.weights)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_memory_maps_are_read_and_never_written(binary_data, tmp_path, dtype):
    """What joblib hands to its workers."""
    X, y = binary_data
    arrays = X.astype(dtype), y, np.linspace(0.5, 1.5, len(X))
    expected = KerasClassifier(**PARAMS).fit(*arrays)
    dump(arrays, tmp_path / "arrays")
    mapped = load(tmp_path / "arrays", mmap_mode="r")
    assert all(isinstance(array, np.memmap) and not array.flags.writeable for array in mapped)
    assert _same_weights(KerasClassifier(**PARAMS).fit(*mapped), expected)


@pytest.mark.thorough
def test_workers_that_are_handed_memory_maps_give_the_same_bits(binary_data):
    X, y = np.tile(binary_data[0], (1, 20)).astype("float32"), binary_data[1]
    expected = _fitted(X, y)
    with Parallel(n_jobs=2, max_nbytes=100) as parallel:
        for found in parallel(delayed(_fitted)(X, y) for _ in range(2)):
            assert _same_weights(found, expected)


def test_python_goes_on_while_machine_code_trains():
    """Fits in threads do not wait for each other: an epoch gives Python's lock away."""
    network, training = problem(hidden=(64, 64), batch_size=50_000, epochs=1)
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(50_000, 4)).astype("float32"), np.zeros(50_000, "float32")
    runner = _runner_of(network, training, ArrayData(X, y))
    counted, over = [0], threading.Event()
    updates, within = runner._updates, []

    def counted_updates(batches):
        before = counted[0]
        updates(batches)
        within.append(counted[0] - before)

    def count():
        while not over.is_set():
            counted[0] += 1
            time.sleep(0)  # gives the lock away, which nobody takes by force

    runner._updates = counted_updates
    interval = sys.getswitchinterval()
    counter = threading.Thread(target=count)
    try:
        sys.setswitchinterval(1000)
        counter.start()
        for epoch in range(5):
            runner.run_epochs(epoch, 1)
    finally:
        over.set()
        sys.setswitchinterval(interval)
        counter.join()
    assert max(within) > 0


@pytest.mark.few(12)
@pytest.mark.parametrize("batch_norm", [None, "before", "after"])
@pytest.mark.parametrize("activation", NAMES)
def test_a_weight_that_is_no_number_is_noticed_wherever_it_stands(activation, batch_norm):
    network, training = problem("regression", (4, 3), activation, {"batch_norm": batch_norm}, optimizer="sgd", epochs=1)
    data, validation = rows("regression"), rows("regression", n_rows=9, seed=1)
    weights = initial_weights(network, SEED)
    for index, slot in enumerate(weight_slots(network_structure(network), layer_widths(network))):
        broken = [array.copy() for array in weights]
        broken[index].flat[-1] = np.nan
        result = _trained(network, training, data, broken, validation)
        assert np.isnan(result.history.epochs[-1]["val_loss"]), slot
        if slot.is_trainable:  # moving statistics are for prediction only
            assert result.diverged_epoch == 0 and np.isnan(result.history.epochs[-1]["loss"]), slot


@pytest.mark.few(40)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("target", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("activation", NAMES)
def test_a_fit_with_an_absurd_rate_diverges_or_shows_an_absurd_loss(activation, target, optimizer):
    network, training = problem(
        target, (4, 3), activation, optimizer=optimizer, learning_rate=1e30, epochs=6, batch_size=4
    )
    result = _trained(network, training, rows(target), initial_weights(network, SEED))
    loss = result.history.epochs[-1]["loss"]
    if result.diverged_epoch is None:  # bounded activations have sums of 1e30, and a crossentropy is as large
        assert target != "regression" and 1e20 < loss < np.inf
    else:
        assert not np.isfinite(loss)


@pytest.mark.parametrize("clipping", [{"global_clipnorm": 1.0}, {"clipvalue": 0.1}], ids=["norm", "value"])
def test_clipping_hides_no_gradient_that_is_nan(clipping):
    network, training = problem("regression", optimizer="sgd", optimizer_arguments=tuple(clipping.items()), epochs=1)
    data = rows("regression")
    y = data.y.copy()
    y[3] = np.nan
    result = _trained(network, training, replace(data, y=y), initial_weights(network, SEED))
    assert result.diverged_epoch == 0 and all(np.isnan(array).any() for array in result.trained.weights)


def test_a_gradient_whose_norm_overflows_is_not_taken_for_none():
    """As from features in nanoseconds: Keras makes all weights NaN, and nobody may go on as if nothing were."""
    network, training = problem("regression", optimizer="sgd", optimizer_arguments=(("global_clipnorm", 1.0),))
    data = rows("regression")
    data = replace(data, X=data.X * np.float32(1e14))
    weights = initial_weights(network, SEED)
    result = _trained(network, training, data, weights)
    assert result.diverged_epoch is not None or any(
        (a != b).any() for a, b in zip(result.trained.weights, weights, strict=True)
    )


@pytest.mark.parametrize("form", sorted(MOMENTS))
def test_a_state_that_is_kept_never_changes(form):
    """Training goes on in vectors of its own."""
    optimizer, arguments = {
        "plain": ("sgd", {}),
        "momentum": ("sgd", {"momentum": 0.9}),
        "scaled": ("rmsprop", {}),
        "adaptive": ("adam", {}),
        "scaled_momentum": ("rmsprop", {"momentum": 0.9}),
    }[form]
    network, training = problem(
        optimizer=optimizer, optimizer_arguments=tuple(arguments.items()), network={"batch_norm": "after"}
    )
    assert resolve_optimizer(training).form == form
    runner = _runner_of(network, training, rows("binary"))
    runner.run_epochs(0, 1)
    first = runner.save()
    arrays = [first.weights, first.moving, *first.moments]
    copies = [array.copy() for array in arrays]
    runner.run_epochs(1, 1)
    second = runner.save()
    _assert_same_arrays(arrays, copies)
    assert all((a != b).any() for a, b in zip(arrays, [second.weights, second.moving, *second.moments], strict=True))
