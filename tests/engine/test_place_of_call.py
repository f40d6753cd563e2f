"""Where TensorFlow would compute nothing, or share it out, a fit says so: it ended in TensorFlow's words."""

import numpy as np
import pytest
import tensorflow as tf

from sknn_tune import KerasRegressor

X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
QUICK = {"hidden_layer_sizes": (2,), "epochs": 1, "random_state": 0}


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (
            lambda: tf.distribute.OneDeviceStrategy("CPU:0").scope(),
            r"inside the scope of a tf.distribute.Strategy. Call",
        ),
        (lambda: tf.Graph().as_default(), r"inside a tf.Graph or a tf.function, .* Call it outside"),
    ],
    ids=["strategy", "graph"],
)
def test_places_where_no_network_is_trained(place, sentence):
    by_machine_code = KerasRegressor(**QUICK).fit(X, X[:, 0])
    by_keras = KerasRegressor(**QUICK, engine="keras").fit(X, X[:, 0])
    with place():
        with pytest.raises(RuntimeError, match=sentence):
            KerasRegressor(**QUICK, engine="keras").fit(X, X[:, 0])
        with pytest.raises(RuntimeError, match=sentence):
            by_machine_code.model_  # noqa: B018
        with pytest.raises(RuntimeError, match=sentence):
            by_keras.partial_fit(X, X[:, 0])
        inside = KerasRegressor(**QUICK, engine="numba").fit(X, X[:, 0])
    np.testing.assert_array_equal(inside.predict(X), by_machine_code.predict(X))


def test_a_model_that_a_strategy_shares_out_is_refused():
    def build():
        with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
            return tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])

    with pytest.raises(ValueError, match=r"in the scope of a MirroredStrategy.* Make it outside; the 'device' param"):
        KerasRegressor(build, epochs=1).fit(X, X[:, 0])
