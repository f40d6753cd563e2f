"""What only ``keras.Model.fit`` can do goes to it, and `engine_reason_` says which and why."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.sparse import csr_array

from sknn_tune import KerasClassifier

IN_LOOP = "The updates run in one compiled function."
BY_FIT = "The updates run in keras.Model.fit because "


def _dense(own_class=keras.Sequential, **compilation):
    model = own_class([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", **compilation)
    return model


class OwnFit(keras.Sequential):
    def fit(self, *args, **kwargs):
        return super().fit(*args, **kwargs)


class OwnTrainFunction(keras.Sequential):
    def make_train_function(self, force=False):
        return super().make_train_function(force)


class OwnTrainStep(keras.Sequential):
    def train_step(self, data):
        return super().train_step(data)


class SeesBatches(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.seen = batch


class SeesEpochs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.seen = epoch


@pytest.fixture
def rows():
    X = np.random.default_rng(0).normal(size=(24, 4)).astype("float32")
    return X, (X[:, 0] > 0).astype(int)


def _reason(X, y=None, **parameters):
    network = KerasClassifier(
        **{"model": lambda: _dense(), "epochs": 1, "batch_size": 12, "random_state": 0, **parameters}
    )
    return network.fit(X, y).engine_reason_


def test_a_model_of_ones_own_trains_in_the_loop(rows):
    assert _reason(*rows).endswith(IN_LOOP)
    assert _reason(*rows, model=lambda: _dense(OwnTrainStep)).endswith(IN_LOOP)
    assert _reason(*rows, callbacks=[SeesEpochs]).endswith(IN_LOOP)
    assert _reason(csr_array(rows[0]), rows[1]).endswith(IN_LOOP)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"model": lambda: _dense(OwnFit)}, "the model has a method 'fit' of its own"),
        ({"model": lambda: _dense(OwnTrainFunction)}, "the model has a method 'make_train_function' of its own"),
        ({"model": lambda: _dense(run_eagerly=True)}, "the model is run eagerly"),
        ({"callbacks": [SeesBatches]}, "a Keras callback acts on batches"),
        ({"fit__validation_freq": 2, "validation_split": 0.5}, "fit__validation_freq is set"),
    ],
    ids=["fit", "train function", "eager", "batches", "argument"],
)
def test_what_model_fit_alone_can_do_goes_to_it(rows, parameters, words):
    assert _reason(*rows, **parameters).endswith(BY_FIT + words + ".")


@pytest.mark.filterwarnings("ignore:The 'batch_size' parameter of .* has no effect:UserWarning")
def test_streams_go_to_model_fit(rows):
    dataset = tf.data.Dataset.from_tensor_slices(rows).batch(12)
    assert _reason(dataset).endswith(BY_FIT + "the rows come as a stream.")


def test_sparse_rows_that_would_be_large_go_to_model_fit(rows, monkeypatch):
    monkeypatch.setattr("sknn_tune.engine.keras_loop._why_model_fit._MOST_DENSE_BYTES", 100)
    assert _reason(csr_array(rows[0]), rows[1]).endswith("the sparse rows would be too large as dense ones.")
    assert _reason(*rows).endswith(IN_LOOP)
