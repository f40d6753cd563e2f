"""What users of other tools suffer from must not happen here: a test for each numbered complaint.

The numbers are those of the project's list of complaints. Not here, because tested elsewhere or not
a matter of the estimators:

==  ==============================================  =====================================================
 1  no maintained estimator                         test_sklearn_contract.py, test_meta_estimators.py
 2  memory grows over many fits                     test_memory_growth.py
 8  no cross-validation in KerasTuner               test_meta_estimators.py
12  progress of a search                            test_callbacks.py
14  seeds                                           test_reproducible.py
18  pickle, deepcopy, losses of one's own           test_persistence.py
20  a time budget                                   a matter of the searches
21  overhead on small data                          a matter of the engine: tests/engine
22  halving that restarts, pruning in a Pipeline    a matter of the searches
26  slow import in each worker                      test_architecture.py; test_persistence.py (loading)
==  ==============================================  =====================================================
"""

import json
import subprocess
import sys
import tracemalloc

import keras
import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    RandomizedSearchCV,
    ShuffleSplit,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor


@pytest.fixture
def classifier():
    return KerasClassifier(hidden_layer_sizes=(6,), learning_rate=0.02, epochs=3, random_state=0)


@pytest.fixture
def regressor():
    return KerasRegressor(hidden_layer_sizes=(6,), learning_rate=0.02, epochs=3, random_state=0)


# --- 3: GPU out of memory with n_jobs --------------------------------------------------------------------

_TWO_DEVICES = """
import json, os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
import numpy as np
from joblib import Parallel, delayed
from threading import Barrier
from sknn_tune import KerasClassifier

both_are_fitting = Barrier(2, timeout=120)

class Meet:
    def setup(self, estimator, context): ...
    def teardown(self, estimator, context): ...
    def on_fit_task_begin(self, estimator, context): ...
    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch":
            both_are_fitting.wait()

X = np.random.default_rng(0).normal(size=(40, 3))
def device():
    classifier = KerasClassifier(
        hidden_layer_sizes=(4,), epochs=1, random_state=0, device=("CPU:0", "CPU:1"), engine=sys.argv[1]
    )
    classifier.set_callbacks(Meet()).fit(X, X[:, 0] > 0)
    return classifier.device_, classifier.predict_proba(X).tolist()
print(json.dumps(Parallel(n_jobs=2, backend="threading")(delayed(device)() for _ in range(2))))
"""


@pytest.mark.few(1)
@pytest.mark.parametrize("engine", ["auto", "numba", "keras"])
def test_pain_03_fits_at_the_same_time_share_devices_out(engine):
    """Two logical CPUs stand in for two cards: two fits that run together never take the same one."""
    pytest.importorskip("sklearn.callback", reason="a callback of scikit-learn 1.9 holds both fits in one epoch")
    result = subprocess.run(
        [sys.executable, "-c", _TWO_DEVICES, engine], capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, result.stderr
    devices, outputs = zip(*json.loads(result.stdout), strict=True)
    assert sorted(devices) == ["CPU:0", "CPU:1"]
    assert outputs[0] == outputs[1]


# --- 4: an interrupted search loses everything -----------------------------------------------------------

_epochs_run, _interrupt_at = [], []


class CountsEpochs(keras.callbacks.Callback):
    """Is interrupted, as by Ctrl-C, in the epochs of these numbers."""

    def on_epoch_begin(self, epoch, logs=None):
        if len(_epochs_run) in _interrupt_at:
            raise KeyboardInterrupt
        _epochs_run.append(epoch)


def test_pain_04_interrupted_search_goes_on_from_its_last_fit(classifier, binary_data, tmp_path):
    """Three candidates in two folds, three epochs each: interrupted in the fourth fit, three are kept."""
    _epochs_run.clear()
    classifier.set_params(memory=tmp_path, callbacks=CountsEpochs)
    search = GridSearchCV(classifier, {"batch_size": [16, 32, 64]}, cv=2, refit=False, error_score="raise")
    _interrupt_at.append(9)
    with pytest.raises(KeyboardInterrupt):
        search.fit(*binary_data)
    assert len(_epochs_run) == 9
    _interrupt_at.clear()
    resumed = clone(search).fit(*binary_data)
    assert len(_epochs_run) == 6 * 3
    fresh = clone(search).set_params(estimator__memory=None).fit(*binary_data)
    np.testing.assert_array_equal(resumed.cv_results_["mean_test_score"], fresh.cv_results_["mean_test_score"])


# --- 5: early stopping inside cross-validation leaks -----------------------------------------------------


class RecordingSplit(ShuffleSplit):
    """Writes down which rows it was given, by the row number in their first column."""

    seen = []

    def split(self, X, y=None, groups=None):
        RecordingSplit.seen.append(set(np.asarray(X)[:, 0].astype(int)))
        return super().split(X, y, groups)


def test_pain_05_rows_of_the_outer_fold_are_never_watched(classifier, binary_data):
    X, y = binary_data
    X = np.column_stack([np.arange(len(y)), X])
    RecordingSplit.seen.clear()
    classifier.set_params(early_stopping=True, validation_split=RecordingSplit(1, test_size=0.2))
    outer = KFold(4)
    cross_val_score(classifier, X, y, cv=outer, error_score="raise")
    assert RecordingSplit.seen == [set(train) for train, _ in outer.split(X)]


# --- 6: settings lost on clone ---------------------------------------------------------------------------


def test_pain_06_a_search_trains_as_many_epochs_as_asked(classifier, binary_data):
    classifier.set_params(epochs=4, validation_split=0.25, fit__validation_freq=2, optimizer__amsgrad=True)
    results = cross_validate(clone(classifier), *binary_data, cv=2, return_estimator=True, error_score="raise")
    for estimator in results["estimator"]:
        assert estimator.n_iter_ == 4
        assert estimator.get_params() == classifier.get_params()
        assert estimator.model_.optimizer.amsgrad


def test_pain_06_the_argument_of_a_loss_survives_clone(regressor, regression_data):
    """Given by ``loss__delta``. The object ``keras.losses.Huber(delta=...)`` forgets it when copied (keras#23286)."""
    X, y = regression_data
    given = regressor.set_params(loss="huber", loss__delta=0.1)
    expected = clone(given).fit(X, y).history_["loss"]
    by_hand = clone(regressor).set_params(loss=keras.losses.Huber, loss__delta=0.1).fit(X, y).history_["loss"]
    other = clone(given).set_params(loss__delta=1.0).fit(X, y).history_["loss"]
    np.testing.assert_allclose(expected, by_hand, rtol=1e-5)
    assert not np.allclose(expected, other)


# --- 7: "Invalid parameter ... for estimator" ------------------------------------------------------------


def test_pain_07_every_parameter_can_be_searched_alone_and_in_a_pipeline(classifier, binary_data):
    grid = {"learning_rate": [0.01], "optimizer__amsgrad": [True], "dropout": [0.1]}
    GridSearchCV(classifier, grid, cv=2, error_score="raise").fit(*binary_data)
    in_pipeline = {f"kerasclassifier__{name}": values for name, values in grid.items()}
    pipeline = make_pipeline(StandardScaler(), classifier)
    GridSearchCV(pipeline, in_pipeline, cv=2, error_score="raise").fit(*binary_data)


def test_pain_07_a_misspelt_parameter_is_answered_with_its_right_name(classifier, binary_data):
    with pytest.raises(ValueError, match=r"'hidden_layer_size'.*Did you mean 'hidden_layer_sizes'"):
        GridSearchCV(classifier, {"hidden_layer_size": [(4,)]}, cv=2, error_score="raise").fit(*binary_data)


# --- 9: tuning epochs and batch size ---------------------------------------------------------------------


def test_pain_09_epochs_and_batch_size_are_tuned_like_any_parameter(classifier, binary_data):
    search = GridSearchCV(classifier, {"epochs": [1, 3], "batch_size": [20, -1]}, cv=2, error_score="raise")
    best = search.fit(*binary_data).best_estimator_
    assert best.n_iter_ == search.best_params_["epochs"]
    steps_per_epoch = 10 if search.best_params_["batch_size"] == 20 else 1
    assert best.n_steps_ == best.n_iter_ * steps_per_epoch


# --- 10: layers and units as a search space --------------------------------------------------------------


def test_pain_10_topologies_of_any_depth_are_searched_and_counted(classifier, binary_data):
    topologies = [(4,), (6, 4), (), 5, np.int64(3)]
    search = GridSearchCV(classifier, {"hidden_layer_sizes": topologies}, cv=2, n_jobs=2, error_score="raise")
    search.fit(*binary_data)
    tried = search.cv_results_["param_hidden_layer_sizes"]
    assert len(set(tried.tolist())) == 5
    assert list(tried) == topologies


def test_pain_10_topologies_are_drawn(classifier, binary_data):
    space = {"hidden_layer_sizes": [(4,), (4, 4), (6,)], "activation": ["relu", "tanh"]}
    search = RandomizedSearchCV(classifier, space, n_iter=2, cv=2, random_state=0, error_score="raise")
    assert search.fit(*binary_data).best_params_["hidden_layer_sizes"] in space["hidden_layer_sizes"]


# --- 11, 13: curves of every candidate, with the validation loss of every epoch ----------------------------


def test_pain_11_and_13_every_fit_keeps_its_curves(classifier, binary_data):
    classifier.set_params(early_stopping=True, patience=99)
    results = cross_validate(classifier, *binary_data, cv=2, return_estimator=True, n_jobs=2, error_score="raise")
    for estimator in results["estimator"]:
        assert set(estimator.history_) == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
        assert {len(values) for values in estimator.history_.values()} == {3}


# --- 15: predict_proba for two classes -------------------------------------------------------------------


@pytest.mark.parametrize("n_rows", [1, 2, 7])
def test_pain_15_two_classes_have_two_columns_for_any_number_of_rows(classifier, binary_data, n_rows):
    X, y = binary_data
    probabilities = classifier.fit(X, y).predict_proba(X[:n_rows])
    assert probabilities.shape == (n_rows, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert classifier.predict(X[:n_rows]).shape == (n_rows,)


# --- 16: class and sample weights that compose -----------------------------------------------------------


def test_pain_16_weights_of_classes_and_rows_multiply_and_stay_as_they_were(classifier, binary_data):
    X, y = binary_data
    weights = np.random.default_rng(0).uniform(0.5, 2, size=len(y))
    before, class_weight = weights.copy(), {0: 2.0, 1: 5.0}
    both = clone(classifier).set_params(class_weight=class_weight).fit(X, y, sample_weight=weights)
    multiplied = clone(classifier).fit(X, y, sample_weight=weights * np.where(y == 1, 5.0, 2.0))
    np.testing.assert_array_equal(weights, before)
    assert class_weight == {0: 2.0, 1: 5.0}
    np.testing.assert_allclose(both.predict_proba(X), multiplied.predict_proba(X), rtol=1e-4)


# --- 17: callbacks shared between fits -------------------------------------------------------------------


def test_pain_17_a_callback_object_starts_anew_in_every_fold(regressor, regression_data):
    """Shared, the object would bring its best value and its patience from one fold to the next."""
    X, y = regression_data
    stopping = keras.callbacks.EarlyStopping(monitor="loss", min_delta=0.05, patience=1)
    regressor.set_params(callbacks=[stopping], epochs=12)
    same_fold = [(np.arange(150), np.arange(150, 200))] * 3
    results = cross_validate(regressor, X, y, cv=same_fold, return_estimator=True, error_score="raise")
    assert len({estimator.n_iter_ for estimator in results["estimator"]}) == 1
    assert len(set(results["test_score"])) == 1
    best = getattr(stopping, "best", None)  # which Keras sets when training begins, in older versions
    assert best is None or not np.isfinite(best)


# --- 19: one failed trial poisons the search -------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Training diverged")  # is what happens to one candidate
@pytest.mark.filterwarnings("ignore:Scoring failed")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_pain_19_candidates_that_fail_or_diverge_do_not_hurt_the_others(regressor, regression_data):
    grid = [
        {"optimizer": ["sgd"], "learning_rate": [0.01, 1e30]},
        {"activation": [["relu", "relu"]]},  # two for one hidden layer
    ]
    search = GridSearchCV(regressor, grid, cv=2).fit(*regression_data)
    assert np.isfinite(search.cv_results_["mean_test_score"]).tolist() == [True, False, False]
    assert search.best_params_ == {"optimizer": "sgd", "learning_rate": 0.01}
    assert search.cv_results_["rank_test_score"].tolist() == [1, 2, 2]


# --- 23: the last rows, unshuffled, as validation rows ------------------------------------------------------


def test_pain_23_rows_sorted_by_class_are_watched_in_equal_shares(classifier, binary_data):
    """Keras would hold out the last rows: all of one class, and missing from training."""
    X, y = binary_data
    order = np.argsort(y, kind="stable")
    fitted = classifier.set_params(early_stopping=True, validation_fraction=0.4, epochs=30, batch_size=8)
    fitted.fit(X[order], y[order])
    assert fitted.score(X, y) > 0.85
    assert fitted.history_["val_accuracy"][-1] > 0.8


# --- 24: sparse input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form", [sparse.csr_matrix, sparse.csc_matrix, sparse.coo_matrix, sparse.csr_array, sparse.csc_array]
)
def test_pain_24_sparse_rows_are_as_good_as_dense_ones(classifier, binary_data, form):
    X, y = binary_data
    X = np.where(np.abs(X) < 0.5, 0, X)
    dense = clone(classifier).fit(X, y)
    thin = classifier.fit(form(X), y)
    np.testing.assert_allclose(thin.predict_proba(form(X)), dense.predict_proba(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(thin.predict_proba(X), dense.predict_proba(X), rtol=1e-5, atol=1e-6)


@pytest.mark.thorough
def test_pain_24_a_large_sparse_matrix_is_never_made_dense_whole(classifier):
    """Dense, these rows take 800 MB."""
    generator = np.random.default_rng(0)
    X = sparse.random(10_000, 20_000, density=1e-4, format="csr", dtype="float32", random_state=0)
    y = generator.integers(2, size=X.shape[0])
    classifier.set_params(epochs=1, batch_size=500, early_stopping=True)
    classifier.fit(X[:100], y[:100])  # compiles, which takes many times as long while memory is watched
    tracemalloc.start()
    try:
        classifier.fit(X, y).predict_proba(X)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200e6


# --- 25: column order unchecked --------------------------------------------------------------------------


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_pain_25_columns_in_another_order_are_refused(classifier, binary_data, package):
    frames = pytest.importorskip(package)
    X, y = binary_data
    names = [f"column {number}" for number in range(X.shape[1])]
    frame = frames.DataFrame({name: X[:, number] for number, name in enumerate(names)})
    if not hasattr(StandardScaler().fit(frame), "feature_names_in_"):
        pytest.skip(f"this scikit-learn does not know the columns of this {package}")
    classifier.fit(frame, y)
    assert list(classifier.feature_names_in_) == names
    with pytest.raises(ValueError, match="same order"):
        classifier.predict(frame[names[::-1]])
