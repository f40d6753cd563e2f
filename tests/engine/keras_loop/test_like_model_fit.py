"""What callbacks and users do to a model counts in the loop as it does in ``keras.Model.fit``."""

import keras
import numpy as np
import pytest

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.engine.keras_loop import _train
from sknn_tune.engine.keras_loop._shelf import Shelf

QUICK = {"hidden_layer_sizes": (4,), "epochs": 2, "random_state": 0}


@pytest.fixture
def rows():
    X = np.random.default_rng(0).normal(size=(45, 36)).astype("float32")
    return X, X[:, 0] * 2


class Freeze(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.model.layers[0].trainable = False


class SeesBatches(keras.callbacks.Callback):
    """Only ``Model.fit`` serves it."""

    def on_train_batch_end(self, batch, logs=None):
        self.seen = batch


def test_a_callback_that_freezes_a_layer_is_heeded(rows):
    for more in ([], [SeesBatches]):
        params = {**QUICK, "engine": "keras", "callbacks": [Freeze, *more]}
        one, four = (KerasRegressor(**{**params, "epochs": epochs}).fit(*rows) for epochs in (1, 4))
        np.testing.assert_array_equal(one.model_.get_weights()[0], four.model_.get_weights()[0])
    with pytest.raises(ValueError, match="frozen or thawed layers of the model, which machine code does not follow"):
        KerasRegressor(**QUICK, callbacks=[Freeze]).fit(*rows)


def test_global_settings_of_keras_are_not_those_of_an_earlier_fit(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(_train, "SHELF", Shelf())
    pooled = [("Reshape", {"target_shape": (3, 4, 3)}), "GlobalAveragePooling2D"]

    def losses(**params):
        return KerasRegressor(feature_layers=pooled, **QUICK, **params).fit(*rows).history_["loss"]

    first, format_before = losses(memory=tmp_path), keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        remembered, shared = losses(memory=tmp_path), losses()
        monkeypatch.setattr(_train, "SHELF", Shelf())
        fresh = losses()
    finally:
        keras.config.set_image_data_format(format_before)
    assert remembered == shared == fresh != first


@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_what_a_user_changed_in_the_model_counts(rows, engine):
    network = KerasRegressor(**QUICK, engine=engine).fit(*rows)
    network.model_.layers[-1].activation = keras.activations.sigmoid
    found = network.predict(rows[0])
    np.testing.assert_allclose(found, network.model_.predict(rows[0], verbose=0)[:, 0], rtol=1e-5)
    assert found.min() >= 0 and found.max() <= 1


def test_training_goes_on_with_the_users_own_model(rows):
    network = KerasRegressor(**QUICK, engine="keras").fit(*rows)
    before = network.model_.get_weights()[0]
    network.model_.layers[0].trainable = False
    network.partial_fit(*rows)
    np.testing.assert_array_equal(network.model_.get_weights()[0], before)
    network.model_.compile(keras.optimizers.SGD(0.01), "mae")
    network.partial_fit(*rows)
    assert network.history_["loss"][-1] == pytest.approx(np.abs(network.predict(rows[0]) - rows[1]).mean(), rel=0.2)


@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_what_is_not_one_number_is_left_out_of_the_history(rows, engine):
    class Adds(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs |= {"one": np.array([0.5]), "several": [1, 2], "word": "x"}

    X, y = rows
    network = KerasClassifier(**QUICK, engine=engine, metrics=["f1_score"], callbacks=[Adds()]).fit(X, (y > 0) * 1)
    assert {"loss", "accuracy", "f1_score", "one", "learning_rate"} == set(network.history_)
