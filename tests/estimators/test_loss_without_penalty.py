"""Networks with penalties record their loss without them, too, whatever trains them."""

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

from sknn_tune import KerasClassifier, KerasRegressor

NAMES = ["loss_without_penalty", "val_loss_without_penalty"]


@pytest.fixture
def split_data(binary_data):
    X, y = binary_data
    return X[:150], y[:150], X[150:], y[150:]


def on_batches():
    """A callback for which Keras' own fit is needed."""
    import keras

    class OnBatches(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            pass

    return OnBatches()


WAYS = {
    "numba": lambda: {"engine": "numba"},
    "keras": lambda: {"engine": "keras"},
    "Model.fit": lambda: {"engine": "keras", "callbacks": on_batches()},
}
PENALTIES = {
    "kernels": {"l1": 0.01, "l2": 0.1},
    "activations": {"activity_l1": 0.1, "activity_l2": 0.01},
    "members": {"l2": 0.1, "n_members": 2},
    "sharing members": {"l2": 0.1, "n_members": 3, "share_weights": True},
    "double precision": {"l2": 0.1, "dtype": "float64"},
}


@pytest.mark.few(4)
@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_it_is_the_log_loss_of_the_rows(way, penalty, split_data):
    X, y, X_val, y_val = split_data
    network = KerasClassifier(hidden_layer_sizes=(8,), epochs=3, random_state=0, **way(), **penalty)
    network.fit(X, y, X_val=X_val, y_val=y_val)
    history = network.history_
    # Members record the mean of their losses, where they do not share.
    members = getattr(network, "members_", [network])
    expected = np.mean([log_loss(y_val, member.predict_proba(X_val)) for member in members])
    np.testing.assert_allclose(history["val_loss_without_penalty"][-1], expected, rtol=1e-5)
    assert history["val_loss"][-1] > history["val_loss_without_penalty"][-1] + 0.01
    assert history["loss"][-1] > history["loss_without_penalty"][-1] + 0.01


@pytest.mark.few(3)
@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)
def test_all_ways_record_the_same(penalty, split_data):
    X, y, X_val, y_val = split_data
    histories = []
    for way in WAYS.values():
        network = KerasClassifier(hidden_layer_sizes=(8,), epochs=3, random_state=0, **way(), **penalty)
        histories.append(network.fit(X, y, X_val=X_val, y_val=y_val).history_)
    for name in NAMES:
        for history in histories[1:]:
            np.testing.assert_allclose(history[name], histories[0][name], rtol=1e-4)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_without_penalties_nothing_is_added(way, split_data):
    X, y, X_val, y_val = split_data
    network = KerasClassifier(hidden_layer_sizes=(8,), epochs=2, random_state=0, **way())
    names = network.fit(X, y, X_val=X_val, y_val=y_val).history_
    assert set(names) == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}


@pytest.mark.parametrize("engine", ["numba", "keras"])
def test_of_a_regressor_it_is_the_squared_error(engine, split_data):
    X, _, X_val, _ = split_data
    network = KerasRegressor(hidden_layer_sizes=(8,), l2=0.5, epochs=3, random_state=0, engine=engine)
    network.fit(X, X[:, :2], X_val=X_val, y_val=X_val[:, :2])
    expected = mean_squared_error(X_val[:, :2], network.predict(X_val))
    np.testing.assert_allclose(network.history_["val_loss_without_penalty"][-1], expected, rtol=1e-5)


def penalised_kernel(meta, keras):
    layers = [keras.layers.Dense(8, kernel_regularizer="l2"), keras.layers.Dense(1, activation="sigmoid")]
    return keras.Sequential([keras.Input((6,)), *layers])


def added_loss(meta, keras):
    class Added(keras.layers.Layer):
        def call(self, x):
            self.add_loss(keras.ops.mean(keras.ops.square(x)))
            return x

    return keras.Sequential([keras.Input((6,)), Added(), keras.layers.Dense(1, activation="sigmoid")])


def subclass(meta, keras):
    class Own(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.dense = keras.layers.Dense(1, activation="sigmoid", kernel_regularizer="l2")

        def call(self, x):
            return self.dense(x)

    return Own()


@pytest.mark.parametrize("build", [penalised_kernel, added_loss, subclass])
def test_penalties_of_an_own_model_are_left_out_too(build, split_data):
    import keras

    X, y, X_val, y_val = split_data
    network = KerasClassifier(lambda meta: build(meta, keras), epochs=2, random_state=0)
    network.fit(X, y, X_val=X_val, y_val=y_val)
    expected = log_loss(y_val, network.predict_proba(X_val))
    np.testing.assert_allclose(network.history_["val_loss_without_penalty"][-1], expected, rtol=1e-5)
    assert network.history_["val_loss"][-1] > expected
    # Keras' own numbers of the model are what they were.
    assert set(network.model_.evaluate(X_val, y_val, verbose=0, return_dict=True)) == {"loss", "accuracy"}


def test_model_with_a_loss_of_its_own_records_what_it_says(split_data):
    """What its ``compute_loss`` adds, nobody else knows."""
    import keras

    class Own(keras.Model):
        def __init__(self, **options):
            super().__init__(**options)
            self.dense = keras.layers.Dense(1, activation="sigmoid", kernel_regularizer="l2")

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return 2 * super().compute_loss(x, y, y_pred, sample_weight)

    network = KerasClassifier(lambda: Own(), epochs=2, random_state=0).fit(*split_data[:2])
    assert list(network.history_) == ["loss", "accuracy", "learning_rate"]


def test_penalties_of_feature_layers_are_left_out(split_data):
    X, y, X_val, y_val = split_data
    layers = [("Dense", {"units": 4, "kernel_regularizer": "l2"})]
    network = KerasClassifier(feature_layers=layers, epochs=2, random_state=0).fit(X, y, X_val=X_val, y_val=y_val)
    expected = log_loss(y_val, network.predict_proba(X_val))
    np.testing.assert_allclose(network.history_["val_loss_without_penalty"][-1], expected, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:The '(batch_size|shuffle)' parameter")  # which are for rows in memory
def test_streams_record_it_as_rows_in_memory_do(split_data):
    import tensorflow as tf

    X, y, X_val, y_val = split_data
    batches = tf.data.Dataset.from_tensor_slices((X.astype("float32"), y)).batch(32)
    network = KerasClassifier(hidden_layer_sizes=(8,), l2=0.1, epochs=2, shuffle=False, random_state=0)
    stream = network.fit(batches, X_val=X_val, y_val=y_val).history_
    rows = network.fit(X, y, X_val=X_val, y_val=y_val).history_
    for name in NAMES:
        np.testing.assert_allclose(stream[name], rows[name], rtol=1e-4)


@pytest.mark.parametrize("engine", ["numba", "keras"])
def test_fits_that_go_on_record_it(engine, split_data):
    X, y, _, _ = split_data
    network = KerasClassifier(hidden_layer_sizes=(8,), l2=0.1, epochs=2, random_state=0, warm_start=True, engine=engine)
    whole = KerasClassifier(hidden_layer_sizes=(8,), l2=0.1, epochs=4, random_state=0, engine=engine).fit(X, y)
    network.fit(X, y).fit(X, y)
    np.testing.assert_allclose(network.history_[NAMES[0]], whole.history_[NAMES[0]], rtol=1e-5)
    network.partial_fit(X, y)
    assert len(network.history_[NAMES[0]]) == 5
    # With numbers of a fit that Keras' own fit has made in between.
    if engine == "keras":
        network.model_.fit(X, y, verbose=0)
        before = network.fit(X, y).history_
        assert before["loss"][-1] > before[NAMES[0]][-1] > 0


@pytest.mark.few(3)
@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_early_stopping_can_watch_it(way, l2, split_data):
    """Also without penalties, so that both can stand in one search. By default it watches what Keras watches."""
    X, y, _, _ = split_data
    network = KerasClassifier(
        hidden_layer_sizes=(8,), l2=l2, epochs=20, learning_rate=0.1, random_state=0, **way()
    ).set_params(early_stopping=True, patience=2, monitor="val_loss_without_penalty")
    history = network.fit(X, y).history_
    assert network.best_epoch_ == np.argmin(history["val_loss_without_penalty"])
    assert network.n_iter_ == min(network.best_epoch_ + 3, 20)
    network.set_params(monitor="val_loss").fit(X, y)
    assert network.best_epoch_ == np.argmin(network.history_["val_loss"])


def test_members_stop_on_it_with_their_mean(split_data):
    X, y, _, _ = split_data
    network = KerasClassifier(hidden_layer_sizes=(8,), l2=0.1, epochs=8, random_state=0, n_members=2)
    network.set_params(early_stopping=True, monitor="val_loss_without_penalty").fit(X, y)
    assert network.best_epoch_ == np.argmin(network.history_["val_loss_without_penalty"])


def test_it_is_read_back_from_memory(split_data, tmp_path):
    X, y, _, _ = split_data
    network = KerasClassifier(hidden_layer_sizes=(8,), l2=0.1, epochs=2, random_state=0, memory=tmp_path)
    first = network.fit(X, y).history_
    assert network.fit(X, y).history_ == first
    assert first[NAMES[0]] < first["loss"]
