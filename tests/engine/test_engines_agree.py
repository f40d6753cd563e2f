"""The engines agree on what stands beside the arithmetic: Keras' metrics and callbacks, warm starts, predictions."""

import keras
import numpy as np
import pytest
from sklearn.base import clone

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.engine.models import acts_on_batches

EPOCHS = 5


def both(network, X, y, **fit):
    """The same network trained by each engine."""
    params = {"hidden_layer_sizes": (6,), "epochs": EPOCHS, "learning_rate": 0.02, "random_state": 0}
    return [clone(network).set_params(engine=engine, **params).fit(X, y, **fit) for engine in ("auto", "keras")]


def assert_same(ours, by_keras):
    assert (ours.engine_, by_keras.engine_) == ("numba", "keras")
    assert sorted(ours.history_) == sorted(by_keras.history_)
    for name, values in ours.history_.items():
        np.testing.assert_allclose(values, by_keras.history_[name], rtol=1e-4, atol=1e-6, err_msg=name)
    for one, other in zip(ours.model_.get_weights(), by_keras.model_.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


class TakesWeightsAway(keras.callbacks.Callback):
    """Sets all weights to a tenth after the second epoch."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            self.model.set_weights([weights / 10 for weights in self.model.get_weights()])
        logs["seen"] = float(epoch)


class SetsWeightsAtTheEnd(keras.callbacks.Callback):
    def on_train_end(self, logs=None):
        self.model.set_weights([np.zeros_like(weights) for weights in self.model.get_weights()])


@pytest.mark.parametrize("early_stopping", [False, True])
def test_metrics_are_those_of_keras(binary_data, early_stopping):
    metrics = ["AUC", "mse", keras.metrics.Precision(name="precision")]
    pair = both(KerasClassifier(metrics=metrics, early_stopping=early_stopping), *binary_data)
    assert_same(*pair)
    assert {"AUC", "mse", "precision"} < set(pair[0].history_)


def test_metrics_of_several_classes_get_their_numbers(multiclass_data):
    metrics = ["sparse_categorical_crossentropy", keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top_2")]
    assert_same(*both(KerasClassifier(metrics=metrics), *multiclass_data))


def test_a_metric_can_be_monitored(regression_data):
    X, y = regression_data
    ours, by_keras = both(
        KerasRegressor(metrics=["mae"], monitor="val_mae", early_stopping=True, patience=1), X, y / np.std(y)
    )
    assert ours.best_epoch_ == by_keras.best_epoch_


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "callbacks",
    [
        [keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=0.1, factor=0.3)],
        [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)],
        [keras.callbacks.EarlyStopping(monitor="accuracy", patience=0, restore_best_weights=True)],
        [TakesWeightsAway],
        [SetsWeightsAtTheEnd],
    ],
    ids=["plateau", "scheduler", "stopping", "weights", "end"],
)
def test_callbacks_between_epochs_steer_as_in_keras(binary_data, callbacks):
    assert_same(*both(KerasClassifier(callbacks=callbacks), *binary_data))


def test_callbacks_go_on_with_a_warm_start(binary_data):
    X, y = binary_data
    network = KerasClassifier(callbacks=[TakesWeightsAway], warm_start=True)
    ours = both(network, X, y)[0].fit(X, y)
    assert ours.history_["seen"] == [float(epoch) for epoch in range(ours.n_iter_)]


def test_callbacks_on_batches_go_to_keras(binary_data):
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=1, callbacks=[keras.callbacks.TerminateOnNaN()])
    network.fit(*binary_data)
    assert network.engine_ == "keras"
    assert "acts on batches" in network.engine_reason_


def test_what_acts_on_batches():
    callbacks = keras.callbacks
    assert acts_on_batches(callbacks.TerminateOnNaN())
    assert acts_on_batches(callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None))
    assert not acts_on_batches(callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None))
    assert not acts_on_batches(callbacks.EarlyStopping())


def test_a_network_goes_on_with_the_other_engine(binary_data):
    """Weights and optimizer state of one engine are those of the other."""
    X, y = binary_data
    params = {"hidden_layer_sizes": (6,), "batch_norm": True, "epochs": 2, "warm_start": True, "random_state": 0}
    alone = KerasClassifier(engine="keras", **params).fit(X, y).fit(X, y)
    mixed = KerasClassifier(engine="auto", **params).fit(X, y).set_params(engine="keras").fit(X, y)
    np.testing.assert_allclose(mixed.history_["loss"], alone.history_["loss"], rtol=1e-4)
    back = KerasClassifier(engine="keras", **params).fit(X, y).set_params(engine="auto").fit(X, y)
    np.testing.assert_allclose(back.history_["loss"], alone.history_["loss"], rtol=1e-4)


def test_changed_weights_of_the_model_change_predictions(binary_data):
    X, y = binary_data
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=1, random_state=0).fit(X, y)
    network.predict_proba(X)
    network.model_.set_weights([np.zeros_like(weights) for weights in network.model_.get_weights()])
    np.testing.assert_allclose(network.predict_proba(X), 0.5)


def test_without_shuffling_both_see_the_rows_as_they_come(binary_data):
    X, y = binary_data
    assert_same(*both(KerasClassifier(shuffle=False), X, y))
    with_shuffling = both(KerasClassifier(), X, y)[0]
    assert with_shuffling.history_["loss"] != both(KerasClassifier(shuffle=False), X, y)[0].history_["loss"]


@pytest.mark.parametrize("engine", ["auto", "numba", "keras"])
def test_a_prediction_does_not_depend_on_the_rows_beside_it(multiclass_data, engine):
    X, y = multiclass_data
    network = KerasClassifier(hidden_layer_sizes=(20, 10), epochs=2, random_state=0, engine=engine).fit(X, y)
    together = network.predict_proba(X)
    alone = np.concatenate([network.predict_proba(X[i : i + 1]) for i in range(20)])
    np.testing.assert_array_equal(alone, together[:20])


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"optimizer": "sgd", "momentum": 0.0}, {"momentum": 0.9}),
        ({"optimizer": "rmsprop", "optimizer__momentum": 0.5}, {"optimizer__momentum": 0.0}),
        ({"optimizer": "adam"}, {"learning_rate_schedule": "cosine"}),
        ({"optimizer": "nadam", "learning_rate_schedule": "cosine"}, {"learning_rate_schedule": None}),
        ({"optimizer": "adam"}, {"optimizer": "sgd"}),
    ],
    ids=["momentum", "no momentum", "schedule", "no schedule", "optimizer"],
)
def test_a_warm_start_with_another_optimizer_goes_on_as_in_keras(binary_data, before, after):
    X, y = binary_data
    pair = both(KerasClassifier(warm_start=True, **before), X, y)
    assert_same(*(network.set_params(**after).fit(X, y) for network in pair))
