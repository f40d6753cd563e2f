"""``memory=``: fits are read back, and go on from shorter ones. What happens to files and processes: `tests/chaos`."""

from pathlib import Path

import numpy as np
import pytest
from joblib import Memory, Parallel, delayed
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingRandomSearchCV

from sknn_tune import KerasClassifier
from sknn_tune.engine.machine._runner import MachineRunner

PARAMS = {"hidden_layer_sizes": (6,), "learning_rate": 0.02, "random_state": 0}


@pytest.fixture
def epochs_run(monkeypatch):
    """Counts the epochs that are really trained."""
    counted = []
    for runner in (MachineRunner,):
        original = runner.run_epochs

        def counting(self, *args, original=original):
            epoch, n_epochs = args[-2:]
            counted.extend(range(epoch, epoch + n_epochs))
            return original(self, *args)

        monkeypatch.setattr(runner, "run_epochs", counting)
    return counted


def _fitted(X, y, **params):
    return KerasClassifier(**{**PARAMS, **params}).fit(X, y)


def _assert_same(one, other):
    assert one.history_ == other.history_
    assert (one.n_iter_, one.n_steps_, one.best_epoch_) == (other.n_iter_, other.n_steps_, other.best_epoch_)
    for a, b in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"dropout": 0.3, "batch_norm": True, "metrics": ["AUC"]},
        {"optimizer": "sgd", "nesterov": True, "learning_rate_schedule": "exponential", "class_weight": "balanced"},
        {"optimizer": "adagrad", "dtype": "float64"},
        {"optimizer": "rmsprop", "activation": "gelu"},
        {"engine": "numba", "dropout": 0.2},
    ],
    ids=["plain", "dropout", "schedule", "double", "graph", "compiled"],
)
def test_more_epochs_go_on_from_fewer_with_the_bits_of_training_anew(binary_data, tmp_path, epochs_run, params):
    X, y = binary_data
    fresh = _fitted(X, y, epochs=7, **params)
    epochs_run.clear()
    for epochs in (2, 4, 7):
        stepwise = _fitted(X, y, epochs=epochs, memory=tmp_path, **params)
    assert epochs_run == list(range(7))
    _assert_same(stepwise, fresh)
    _assert_same(_fitted(X, y, epochs=2, memory=tmp_path, **params), _fitted(X, y, epochs=2, **params))


@pytest.mark.parametrize(
    "params",
    [
        {"optimizer": "nadam"},
        {"early_stopping": True, "patience": 1},
        {"learning_rate_schedule": "cosine"},
        {"learning_rate_schedule": "piecewise"},
        {"random_state": None},
    ],
    ids=["nadam", "stopping", "cosine", "piecewise", "no seed"],
)
@pytest.mark.filterwarnings("ignore:The 'memory' parameter of KerasClassifier has no effect")
def test_where_going_on_would_differ_training_starts_anew(binary_data, tmp_path, epochs_run, params):
    X, y = binary_data
    _fitted(X, y, epochs=2, memory=tmp_path, **params)
    epochs_run.clear()
    longer = _fitted(X, y, epochs=4, memory=tmp_path, **params)
    assert epochs_run[0] == 0
    if params.get("random_state", 0) is not None:
        _assert_same(longer, _fitted(X, y, epochs=4, **params))


def test_a_halving_search_over_epochs_trains_no_epoch_twice(binary_data, tmp_path, epochs_run):
    X, y = binary_data
    space = {"learning_rate": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3], "batch_size": [16, 32]}

    def searched(memory):
        epochs_run.clear()
        search = HalvingRandomSearchCV(
            KerasClassifier(**PARAMS, memory=memory),
            space,
            n_candidates=8,
            factor=2,
            resource="epochs",
            max_resources=16,
            min_resources=2,
            cv=2,
            random_state=0,
            refit=False,
        )
        return search.fit(X, y).cv_results_, len(epochs_run)

    without, n_without = searched(None)
    found, n_with = searched(str(tmp_path))
    np.testing.assert_array_equal(found["mean_test_score"], without["mean_test_score"])
    # 8 candidates train 2 epochs, 4 of them 2 more, 2 of these 4 more, the last 8 more: in two folds.
    assert n_with == 2 * (8 * 2 + 4 * 2 + 2 * 4 + 1 * 8) < n_without == 2 * (8 * 2 + 4 * 4 + 2 * 8 + 1 * 16)


def test_a_diverged_fit_is_not_trained_on(binary_data, tmp_path, epochs_run):
    X, y = binary_data
    params = {"optimizer": "sgd", "learning_rate": 1e30, "memory": tmp_path}
    for epochs in (2, 5):
        with pytest.warns(UserWarning, match="Training diverged"):
            fitted = _fitted(X * 1e10, y, epochs=epochs, **params)
        assert fitted.n_iter_ == 1
    assert epochs_run == [0, 1], "the first fit, whose epochs run together, and no other"


def test_several_processes_may_write_at_once(binary_data, tmp_path):
    found = Parallel(n_jobs=2)(
        delayed(_fitted)(*binary_data, epochs=epochs, memory=str(tmp_path)) for epochs in (2, 2, 3, 3, 2)
    )
    for one in found:
        _assert_same(one, _fitted(*binary_data, epochs=one.n_iter_))


def test_a_folder_that_cannot_be_used_costs_a_warning(binary_data, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    with pytest.warns(UserWarning, match="is not kept in 'memory', because its folder cannot be used"):
        fitted = _fitted(*binary_data, epochs=2, memory=in_the_way)
    _assert_same(fitted, _fitted(*binary_data, epochs=2))


def test_a_disk_that_takes_nothing_more_costs_a_warning(binary_data, tmp_path, monkeypatch):
    memory = Memory(tmp_path, verbose=0)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(memory.store_backend), "_open_item", staticmethod(full))
    with pytest.warns(Warning, match="Unable to cache to disk.*No space left on device"):  # joblib's own
        fitted = _fitted(*binary_data, epochs=2, memory=memory)
    _assert_same(fitted, _fitted(*binary_data, epochs=2))


def test_joblibs_own_means_keep_the_folder_small(binary_data, tmp_path, epochs_run):
    memory = Memory(tmp_path, verbose=0)
    _fitted(*binary_data, epochs=2, memory=memory)
    memory.reduce_size(bytes_limit=0)
    assert not list(Path(tmp_path).rglob("output.pkl"))
    _fitted(*binary_data, epochs=2, memory=memory)
    assert epochs_run == [0, 1, 0, 1]
    _fitted(*binary_data, epochs=2, memory=Memory(None))
    assert epochs_run == [0, 1] * 3


def test_a_fit_on_a_card_is_another_than_one_on_the_processor(binary_data, tmp_path, epochs_run, monkeypatch):
    _fitted(*binary_data, epochs=2, memory=tmp_path)
    monkeypatch.setattr("sknn_tune.estimators._run.circumstances", lambda job, **how: ("keras", "GPU"))
    _fitted(*binary_data, epochs=2, memory=tmp_path)
    assert epochs_run == [0, 1, 0, 1]


def test_the_memory_is_bounded_by_joblib(binary_data, tmp_path, epochs_run):
    memory = Memory(tmp_path, verbose=0)
    for seed in range(3):
        _fitted(*binary_data, epochs=1, memory=memory, random_state=seed)
    memory.reduce_size(items_limit=1)
    assert len(list(Path(tmp_path).rglob("output.pkl"))) == 1
    epochs_run.clear()
    _fitted(*binary_data, epochs=1, memory=memory, random_state=2)
    assert epochs_run == []
