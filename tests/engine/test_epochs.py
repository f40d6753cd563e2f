"""The loop over epochs: early stopping, observers, interruptions, going on, prediction."""

from dataclasses import replace

import numpy as np
import pytest
from reference import ENGINES, initial_model, problem, rows, same_order, trained_by, untrained

from sknn_tune.engine._tensorflow import keras
from sknn_tune.engine.arrays import Predictor
from sknn_tune.engine.keras_loop._batches import ArrayBatches
from sknn_tune.engine.loop._stopping import EarlyStopper
from sknn_tune.specs import StoppingSpec

HOW = {}


@pytest.fixture(params=ENGINES, autouse=True)
def engine(request, monkeypatch):
    """What these tests say holds whatever runs the updates."""
    monkeypatch.setitem(HOW, "engine", request.param)
    return request.param


def _train(network, training, data, validation=None, **job):
    return trained_by(HOW["engine"], network, training, data, validation, **job)


def _assert_same_bits(one, other):
    one, other = one.trained.arrays, other.trained.arrays
    for a, b in zip(one.weights + one.optimizer, other.weights + other.optimizer, strict=True):
        np.testing.assert_array_equal(a, b)


class _Watcher:
    def __init__(self, stop_after=None, interrupt_in=None):
        self.begun, self.ended, self.snapshots = [], [], []
        self._stop_after, self._interrupt_in = stop_after, interrupt_in

    def on_epoch_begin(self, epoch):
        if epoch == self._interrupt_in:
            raise KeyboardInterrupt
        self.begun.append(epoch)

    def on_epoch_end(self, epoch, values, snapshot):
        self.ended.append((epoch, dict(values)))
        self.snapshots.append(snapshot())
        return epoch == self._stop_after


@pytest.mark.few(4)
@pytest.mark.parametrize("restore", [True, False])
@pytest.mark.parametrize(("monitor", "min_delta"), [("val_loss", 0.0), ("val_accuracy", 0.01)])
def test_early_stopping_is_that_of_keras(monitor, min_delta, restore):
    stopping = StoppingSpec(monitor, 2, min_delta, restore)
    # A rate so high that the validation loss soon goes up again.
    network, training = problem(hidden=(8,), learning_rate=0.3, epochs=20, stopping=stopping)
    data, validation = rows("binary"), rows("binary", n_rows=15, seed=1)
    ours = _train(network, training, data, validation)
    model = initial_model(network, training)
    callback = keras.callbacks.EarlyStopping(
        monitor=monitor, patience=2, min_delta=min_delta, restore_best_weights=restore
    )
    history = model.fit(
        same_order(data, training),
        validation_data=ArrayBatches(validation, 15),
        epochs=20,
        shuffle=False,
        verbose=0,
        callbacks=[callback],
    ).history
    assert len(ours.history.epochs) == len(history["loss"]) < 20
    assert ours.best_epoch == callback.best_epoch
    np.testing.assert_allclose(ours.history.as_lists()["val_loss"], history["val_loss"], rtol=1e-3)
    for a, b in zip(ours.trained.weights, model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


def test_the_first_epoch_never_stops_training():
    stopper = EarlyStopper(StoppingSpec("loss", 0, 0.0, True), lambda name: False)
    assert not stopper.sees(0, {"loss": 1.0}, lambda: "a")
    assert stopper.sees(1, {"loss": 1.5}, lambda: "b")
    assert (stopper.best_epoch, stopper.best) == (0, "a")


def test_a_monitor_that_is_not_recorded_is_named():
    network, training = problem(stopping=StoppingSpec("val_auc", 2, 0.0, True))
    with pytest.raises(ValueError, match="'val_auc', but the epochs record only: loss, accuracy, learning_rate"):
        _train(network, training, rows("binary"))


def test_observers_hear_of_every_epoch_and_change_nothing():
    network, training = problem(network={"batch_norm": "after"})
    watcher = _Watcher()
    watched = _train(network, training, rows("binary"), observers=[watcher], first_epoch=4)
    assert watcher.begun == [4, 5, 6]
    assert [epoch for epoch, _ in watcher.ended] == [4, 5, 6]
    assert [values for _, values in watcher.ended] == list(watched.history.epochs)
    _assert_same_bits(watched, _train(network, training, rows("binary"), first_epoch=4))
    for ours, snapshot in zip(watched.trained.weights, watcher.snapshots[-1].weights, strict=True):
        np.testing.assert_array_equal(ours, snapshot)


def test_an_observer_can_stop_training():
    network, training = problem()
    stopped = _train(network, training, rows("binary"), observers=[_Watcher(stop_after=1)])
    assert len(stopped.history.epochs) == 2 and stopped.n_steps == 6 and stopped.best_epoch == 1
    _assert_same_bits(stopped, _train(network, replace(training, epochs=2), rows("binary")))


def test_an_interruption_keeps_the_last_finished_epoch():
    network, training = problem()
    result = _train(network, training, rows("binary"), observers=[_Watcher(interrupt_in=2)])
    assert result.interrupted and len(result.history.epochs) == 2
    _assert_same_bits(result, _train(network, replace(training, epochs=2), rows("binary")))


def test_an_interruption_of_the_first_epoch_leaves_nothing_to_keep():
    network, training = problem()
    with pytest.raises(KeyboardInterrupt):
        _train(network, training, rows("binary"), observers=[_Watcher(interrupt_in=0)])


@pytest.mark.parametrize("watched", [True, False])
def test_training_ends_with_the_epoch_that_diverges(watched):
    network, training = problem("regression", optimizer="sgd", learning_rate=1e12, epochs=30)
    result = _train(network, training, rows("regression"), observers=[_Watcher()] if watched else [], first_epoch=3)
    assert result.diverged_epoch == 3 + len(result.history.epochs) - 1
    losses = result.history.as_lists()["loss"]
    assert np.isfinite(losses[:-1]).all() and not np.isfinite(losses[-1])


@pytest.mark.few(4)
@pytest.mark.parametrize("optimizer", ["adam", "nadam", "rmsprop", "sgd", "adagrad"])
def test_going_on_is_like_never_having_stopped(optimizer):
    network, training = problem(
        network={"batch_norm": "before", "dropouts": (0.3,)},
        optimizer=optimizer,
        optimizer_arguments=(("momentum", 0.5),) if optimizer in ("sgd", "rmsprop") else (),
    )
    once = _train(network, replace(training, epochs=4), rows("binary"))
    first = _train(network, replace(training, epochs=2), rows("binary"))
    second = _train(
        network,
        replace(training, epochs=2),
        rows("binary"),
        start=first.trained,
        first_epoch=2,
    )
    # Nadam's product goes through Keras' single-precision variable.
    for a, b in zip(second.trained.weights, once.trained.weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert second.trained.arrays.optimizer[0] == 12


@pytest.mark.few(8)
@pytest.mark.parametrize("batch_norm", [None, "before", "after"])
@pytest.mark.parametrize("target", ["binary", "multiclass", "regressions"])
def test_predictions_are_those_of_keras(target, batch_norm):
    network, training = problem(target, hidden=(5, 4), activation="elu", network={"batch_norm": batch_norm})
    model = initial_model(network, training)
    X = rows(target).X
    expected = model.predict(X, verbose=0)
    for batch_rows in (None, 5):
        found = Predictor(network, model.get_weights())(X, batch_rows=batch_rows)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_no_rows_have_no_predictions():
    network, training = problem("multiclass")
    weights = initial_model(network, training).get_weights()
    assert Predictor(network, weights)(np.empty((0, 4), "float32")).shape == (0, 3)


def test_weights_of_another_shape_are_refused():
    network, training = problem()
    weights = initial_model(*problem(hidden=(7,))).get_weights()
    with pytest.raises(ValueError, match="warm_start cannot go on from the present weights"):
        _train(network, training, rows("binary"), start=untrained(*problem(hidden=(7,)), weights))
