"""Callback objects: the user's own in a direct fit, copies where several fits would share them."""

from __future__ import annotations

import copy
import pickle
import threading

import joblib
import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate

from sknn_tune import KerasRegressor, TabularRegressor

pytestmark = pytest.mark.parameters("callbacks")

QUICK = {"hidden_layer_sizes": (4,), "epochs": 3, "random_state": 0}
ENGINES = pytest.mark.parametrize("engine", ["numba", "keras"])


class Collect(keras.callbacks.Callback):
    """Writes losses down in a list that it was given, and in one of its own."""

    def __init__(self, given):
        super().__init__()
        self._given, self.own = given, []

    def on_epoch_end(self, epoch, logs=None):
        self._given.append(logs["loss"])
        self.own.append(logs["loss"])


class Writes(keras.callbacks.Callback):
    """Holds what cannot be copied: a file and a lock."""

    def __init__(self, file):
        super().__init__()
        self.file, self.guard = file, threading.Lock()

    def on_epoch_end(self, epoch, logs=None):
        with self.guard:
            self.file.write("x")


class Around(keras.callbacks.Callback):
    """Has a callback, a metric and a generator of numbers."""

    def __init__(self, callback, metric, generator):
        super().__init__()
        self.callback, self.metric, self.generator = callback, metric, generator


@ENGINES
def test_a_fit_uses_the_object_itself(regression_data, engine):
    history, given = keras.callbacks.History(), []
    fitted = KerasRegressor(callbacks=[history, Collect(given)], engine=engine, **QUICK).fit(*regression_data)
    assert history.history["loss"] == given == fitted.history_["loss"]
    fitted.fit(*regression_data)
    assert history.epoch == [0, 1, 2]  # which Keras begins anew
    assert len(history.history["loss"]) == len(given) == 6  # which it does not


@pytest.mark.parametrize("wrap", [lambda c: c, lambda c: [c], lambda c: (c,), lambda c: {"name": c}], ids=range(4))
def test_however_it_is_given(regression_data, wrap):
    collect = Collect([])
    KerasRegressor(callbacks=wrap(collect), **QUICK).fit(*regression_data)
    assert len(collect.own) == 3


def test_going_on_and_sharing_weights_are_direct_fits(regression_data):
    history = keras.callbacks.History()
    network = KerasRegressor(callbacks=history, warm_start=True, **QUICK).fit(*regression_data)
    network.fit(*regression_data).partial_fit(*regression_data)
    assert len(history.history["loss"]) == 7
    history = keras.callbacks.History()
    KerasRegressor(callbacks=history, n_members=3, share_weights=True, **QUICK).fit(*regression_data)
    assert len(history.history["loss"]) == 3


def test_the_table_of_an_estimator_for_tables_is_encoded_without_it(regression_data):
    collect = Collect([])
    TabularRegressor(callbacks=[collect], epochs=3, n_members=1, share_weights=False).fit(*regression_data)
    assert len(collect.own) == len(collect._given) == 3


def test_members_have_copies_that_report_to_the_same_list(regression_data):
    collect = Collect([])
    network = KerasRegressor(callbacks=[collect], n_members=2, **QUICK).fit(*regression_data)
    assert collect.own == []
    assert len(collect._given) == 6
    assert [len(member.callbacks[0].own) for member in network.members_] == [3, 3]


def test_members_that_go_on_keep_their_copies(regression_data):
    network = KerasRegressor(callbacks=[Collect([])], n_members=2, **QUICK)
    for _ in range(3):
        network.partial_fit(*regression_data)
    assert [len(member.callbacks[0].own) for member in network.members_] == [3, 3]


@pytest.mark.parametrize("backend", ["sequential", "threading"])
def test_folds_have_copies_that_report_to_the_same_list(regression_data, backend):
    collect = Collect([])
    with joblib.parallel_config(backend, n_jobs=2):
        results = cross_validate(
            KerasRegressor(callbacks=collect, **QUICK), *regression_data, cv=2, return_estimator=True
        )
    assert collect.own == []
    assert len(collect._given) == 6
    assert [len(network.callbacks.own) for network in results["estimator"]] == [3, 3]


def test_the_best_estimator_of_a_search_has_seen_its_own_fit(regression_data):
    search = GridSearchCV(KerasRegressor(callbacks=[keras.callbacks.History()], **QUICK), {"l2": [0.0, 0.1]}, cv=2)
    (history,) = search.fit(*regression_data).best_estimator_.callbacks
    assert history.history["loss"] == search.best_estimator_.history_["loss"]


def test_a_file_and_a_lock_are_shared(regression_data, tmp_path):
    with open(tmp_path / "written", "w") as file:
        network = KerasRegressor(callbacks=Writes(file), **QUICK).fit(*regression_data)
        cross_validate(network, *regression_data, cv=2, error_score="raise")
        assert clone(network).callbacks.guard is network.callbacks.guard
    assert (tmp_path / "written").read_text() == 9 * "x"


def test_what_acts_within_a_callback_is_copied():
    given = Around(
        keras.callbacks.EarlyStopping(patience=3), keras.metrics.AUC(thresholds=[0.3]), np.random.default_rng(0)
    )
    copied = clone(KerasRegressor(callbacks=given)).callbacks
    assert copied.callback is not given.callback
    assert copied.callback.patience == 3
    assert copied.metric is not given.metric
    assert copied.metric.thresholds == given.metric.thresholds
    assert copied.generator is not given.generator


def test_a_trial_of_optuna_hears_of_every_epoch(regression_data):
    optuna = pytest.importorskip("optuna")

    class Report(keras.callbacks.Callback):
        def __init__(self, trial):
            super().__init__()
            self._trial = trial

        def on_epoch_end(self, epoch, logs=None):
            self._trial.report(logs["loss"], epoch)
            if self._trial.should_prune():
                raise optuna.TrialPruned

    def direct(trial):
        rate = [0.1, 1e-6][trial.number]
        KerasRegressor(callbacks=[Report(trial)], learning_rate=rate, **QUICK).fit(*regression_data)
        return 0.0

    def validated(trial):
        network = KerasRegressor(callbacks=[Report(trial)], **QUICK)
        return cross_validate(network, *regression_data, cv=2, error_score="raise")["test_score"].mean()

    pruner = optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=0)
    study = optuna.create_study(pruner=pruner)
    study.optimize(direct, 2)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED"]
    study = optuna.create_study(pruner=optuna.pruners.NopPruner())
    with pytest.warns(UserWarning, match="already reported"):
        study.optimize(validated, 1)
    assert len(study.trials[0].intermediate_values) == 3


KERAS = {
    "History": lambda folder: keras.callbacks.History(),
    "EarlyStopping": lambda folder: keras.callbacks.EarlyStopping("loss", restore_best_weights=True),
    "ReduceLROnPlateau": lambda folder: keras.callbacks.ReduceLROnPlateau("loss", patience=1),
    "CSVLogger": lambda folder: keras.callbacks.CSVLogger(folder / "log.csv"),
    "ModelCheckpoint": lambda folder: keras.callbacks.ModelCheckpoint(folder / "model.keras", "loss"),
    "TensorBoard": lambda folder: pytest.importorskip("tensorboard") and keras.callbacks.TensorBoard(folder),
    "TerminateOnNaN": lambda folder: keras.callbacks.TerminateOnNaN(),
    "LearningRateScheduler": lambda folder: keras.callbacks.LearningRateScheduler(np.minimum),
    "BackupAndRestore": lambda folder: keras.callbacks.BackupAndRestore(folder),
}


@pytest.mark.few(4)
@pytest.mark.parametrize("make", KERAS.values(), ids=KERAS)
def test_an_estimator_with_a_used_callback_is_stored_and_copied_without_its_model(make, regression_data, tmp_path):
    given = make(tmp_path)
    network = KerasRegressor(callbacks=[given], **QUICK).fit(*regression_data)
    assert given.model is not None
    expected = network.predict(regression_data[0])
    for other in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network), clone(network)):
        assert other.callbacks[0] is not given
        assert other.callbacks[0]._model is None
        np.testing.assert_array_equal(other.fit(*regression_data).predict(regression_data[0]), expected)


def test_memory_knows_a_callback_of_keras_that_was_used(regression_data, tmp_path):
    stopping = keras.callbacks.EarlyStopping("loss", patience=2)
    for callback in (stopping, stopping, keras.callbacks.EarlyStopping("loss", patience=2)):
        KerasRegressor(callbacks=[callback], memory=tmp_path, **QUICK).fit(*regression_data)
    assert len(list(tmp_path.rglob("output.pkl"))) == 1
    KerasRegressor(callbacks=keras.callbacks.EarlyStopping("loss", patience=1), memory=tmp_path, **QUICK).fit(
        *regression_data
    )
    assert len(list(tmp_path.rglob("output.pkl"))) == 2
