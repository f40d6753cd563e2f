"""scikit-learn's callbacks (1.9 and later) see every epoch of a fit, alone, in a Pipeline and in a search."""

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor

sklearn_callback = pytest.importorskip("sklearn.callback", reason="set_callbacks came with scikit-learn 1.9")


class Recorder:
    """A callback that writes down every task it is told of, and stops where it is asked to."""

    def __init__(self, stop_after=None, fail_after=None):
        self.stop_after = stop_after
        self.fail_after = fail_after
        self.begun, self.ended, self.fitted = [], [], []
        self.n_setups = self.n_teardowns = 0

    def setup(self, estimator, context):
        self.n_setups += 1

    def teardown(self, estimator, context):
        self.n_teardowns += 1

    def on_fit_task_begin(self, estimator, context):
        self.begun.append(context.task_name)

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.ended.append(context.task_name)
        if context.task_name != "epoch":
            return False
        self.fitted.append((fitted_estimator.n_iter_, fitted_estimator.score(X, y)))
        if self.n_epochs == self.fail_after:
            raise RuntimeError("the callback has failed")
        return self.n_epochs == self.stop_after

    @property
    def n_epochs(self):
        return self.ended.count("epoch")


@pytest.fixture(params=["auto", "keras"])
def classifier(request):
    return KerasClassifier(hidden_layer_sizes=(6,), learning_rate=0.02, epochs=4, random_state=0, engine=request.param)


@pytest.fixture
def progress_bar():
    pytest.importorskip("rich")
    return sklearn_callback.ProgressBar


# --- every epoch is a task -------------------------------------------------------------------------------


def test_each_epoch_is_a_task_with_an_estimator_that_can_predict(classifier, binary_data):
    recorder = Recorder()
    classifier.set_callbacks(recorder).fit(*binary_data)
    assert recorder.begun == ["fit", *["epoch"] * 4]
    assert recorder.ended == [*["epoch"] * 4, "fit"]
    assert [n_iter for n_iter, _ in recorder.fitted] == [1, 2, 3, 4]
    assert recorder.fitted[-1][1] == classifier.score(*binary_data)
    assert recorder.n_setups == recorder.n_teardowns == 1


def test_watching_changes_nothing(classifier, binary_data):
    X, y = binary_data
    watched = clone(classifier).set_callbacks(Recorder()).fit(X, y)
    np.testing.assert_array_equal(watched.predict_proba(X), classifier.fit(X, y).predict_proba(X))
    assert watched.history_ == classifier.history_


def test_regressor_has_the_same_tasks(regression_data):
    recorder = Recorder()
    KerasRegressor(hidden_layer_sizes=(4,), epochs=3).set_callbacks(recorder).fit(*regression_data)
    assert recorder.n_epochs == 3


def test_scoring_monitor_has_a_row_for_every_epoch(classifier, binary_data):
    monitor = sklearn_callback.ScoringMonitor(scoring="roc_auc")
    classifier.set_callbacks(monitor).fit(*binary_data)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert [row["task_id"] for row in rows] == [0, 1, 2, 3]
    scores = [row["roc_auc"] for row in rows]
    assert scores[0] < scores[-1] > 0.9


def test_scoring_monitor_on_the_network_inside_a_search(classifier, binary_data):
    """Two candidates in two folds, and the refit: five fits of four epochs, one run of the monitor."""
    monitor = sklearn_callback.ScoringMonitor(scoring="accuracy")
    search = RandomizedSearchCV(
        classifier.set_callbacks(monitor), {"batch_size": [16, 32]}, n_iter=2, cv=2, n_jobs=2, error_score="raise"
    ).fit(*binary_data)
    assert search.best_score_ > 0.5
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert len(rows) == 5 * 4


# --- stopping and failing --------------------------------------------------------------------------------


def test_callback_that_returns_true_stops_training(classifier, binary_data):
    recorder = Recorder(stop_after=2)
    classifier.set_callbacks(recorder).fit(*binary_data)
    assert classifier.n_iter_ == recorder.n_epochs == len(classifier.history_["loss"]) == 2
    assert recorder.ended[-1] == "fit"


def test_one_of_two_callbacks_is_enough_to_stop_and_both_hear_of_it(classifier, binary_data):
    stopping, watching = Recorder(stop_after=1), Recorder()
    classifier.set_callbacks(stopping, watching).fit(*binary_data)
    assert stopping.n_epochs == watching.n_epochs == classifier.n_iter_ == 1


def test_callback_that_fails_is_torn_down_and_the_next_fit_works(classifier, binary_data):
    failing = Recorder(fail_after=2)
    classifier.set_callbacks(failing)
    with pytest.raises(RuntimeError, match="the callback has failed"):
        classifier.fit(*binary_data)
    assert failing.n_setups == failing.n_teardowns == 1
    recorder = Recorder()
    classifier.set_callbacks(recorder).fit(*binary_data)
    assert recorder.n_epochs == classifier.n_iter_ == 4


def test_fit_that_fails_tears_its_callbacks_down(classifier, binary_data):
    X, y = binary_data
    recorder = Recorder()
    classifier.set_callbacks(recorder)
    with pytest.raises(ValueError, match="inconsistent"):
        classifier.fit(X, y[:-1])
    assert recorder.n_setups == recorder.n_teardowns == 1


def test_early_stopping_ends_the_epochs_and_the_fit(classifier, binary_data):
    recorder = Recorder()
    classifier.set_params(epochs=50, early_stopping=True, patience=1, learning_rate=0.5)
    classifier.set_callbacks(recorder).fit(*binary_data)
    assert recorder.n_epochs == classifier.n_iter_ < 50
    assert recorder.ended[-1] == "fit"


def test_warm_start_counts_on(classifier, binary_data):
    recorder = Recorder()
    classifier.set_params(warm_start=True).set_callbacks(recorder)
    classifier.fit(*binary_data).fit(*binary_data)
    assert [n_iter for n_iter, _ in recorder.fitted] == list(range(1, 9))
    assert classifier.n_iter_ == 8


def test_callbacks_are_removed_by_an_empty_call(classifier, binary_data):
    recorder = Recorder()
    classifier.set_callbacks(recorder).set_callbacks()
    classifier.fit(*binary_data)
    assert recorder.n_epochs == 0


# --- progress bars -------------------------------------------------------------------------------------


def test_progress_bar_of_an_estimator(classifier, binary_data, progress_bar, capsys):
    classifier.set_callbacks(progress_bar()).fit(*binary_data)
    shown = capsys.readouterr().out
    assert "KerasClassifier - fit" in shown
    assert "100%" in shown


def test_progress_bar_is_full_after_an_early_stop(classifier, binary_data, progress_bar, capsys):
    classifier.set_params(epochs=50, early_stopping=True, patience=1, learning_rate=0.5)
    classifier.set_callbacks(progress_bar()).fit(*binary_data)
    assert classifier.n_iter_ < 50
    assert "100%" in capsys.readouterr().out.splitlines()[-1]


def test_progress_bar_of_a_pipeline_shows_the_fit_of_its_network(classifier, binary_data, progress_bar, capsys):
    make_pipeline(StandardScaler(), classifier).set_callbacks(progress_bar()).fit(*binary_data)
    shown = capsys.readouterr().out
    assert "Pipeline - fit" in shown
    assert "KerasClassifier - fit" in shown


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bar_of_a_search_shows_every_fit(classifier, binary_data, progress_bar, capsys, n_jobs):
    """Two candidates in two folds, and the refit: five bars of epochs, from other processes, too."""
    search = RandomizedSearchCV(classifier, {"batch_size": [16, 32]}, n_iter=2, cv=2, n_jobs=n_jobs)
    search.set_callbacks(progress_bar()).fit(*binary_data)
    shown = capsys.readouterr().out
    assert "RandomizedSearchCV - fit" in shown
    assert shown.count("KerasClassifier - fit") == 5


# --- the two doors -------------------------------------------------------------------------------------


def test_callback_of_scikit_learn_is_refused_as_one_of_keras(classifier, binary_data):
    message = r"The 'callbacks' parameter of KerasClassifier takes Keras callbacks, but Recorder is one of scikit-learn"
    for given in ([Recorder()], {"name": Recorder()}, Recorder()):
        with pytest.raises(TypeError, match=message + r".*set_callbacks\(\.\.\.\)"):
            clone(classifier, safe=False).set_params(callbacks=given).fit(*binary_data)


def test_callback_of_keras_is_refused_as_one_of_scikit_learn(classifier):
    with pytest.raises(
        TypeError, match=r"set_callbacks of KerasClassifier takes .*, but EarlyStopping is one of Keras"
    ):
        classifier.set_callbacks(keras.callbacks.EarlyStopping())


def test_both_kinds_work_side_by_side(classifier, binary_data):
    recorder = Recorder()
    stopping = keras.callbacks.EarlyStopping(monitor="loss", min_delta=1e9, patience=1)
    classifier.set_params(callbacks=[stopping]).set_callbacks(recorder).fit(*binary_data)
    assert recorder.n_epochs == classifier.n_iter_ == 2
