"""Which losses measure the same is read from parameters, whatever form they have."""

import pickle
from functools import partial

import keras
import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.model_selection.results import differing, is_loss, what_is_measured


def quantile_loss(q, y_true, y_pred):
    error = y_true - y_pred
    return keras.ops.mean(keras.ops.maximum(q * error, (q - 1) * error), axis=-1)


def pinball(q):
    def loss(y_true, y_pred):
        return quantile_loss(q, y_true, y_pred)

    return loss


class Asymmetric(keras.losses.Loss):
    """Its configuration lacks the one thing that counts."""

    def __init__(self, share=0.5, **options):
        super().__init__(**options)
        self.share = share

    def call(self, y_true, y_pred):
        return quantile_loss(self.share, y_true, y_pred)


DIFFERENT = {
    "names": ({"loss": "mse"}, {"loss": "mae"}),
    "routed arguments": ({"loss": "huber", "loss__delta": 0.5}, {"loss": "huber", "loss__delta": 1.0}),
    "objects": ({"loss": keras.losses.Huber(delta=0.5)}, {"loss": keras.losses.Huber(delta=1.0)}),
    "own objects": ({"loss": Asymmetric(0.1)}, {"loss": Asymmetric(0.9)}),
    "functions with another value inside": ({"loss": pinball(0.1)}, {"loss": pinball(0.9)}),
    "partial functions": ({"loss": partial(quantile_loss, 0.1)}, {"loss": partial(quantile_loss, 0.9)}),
    "lambdas": ({"loss": lambda y, p: (y - p) ** 2}, {"loss": lambda y, p: (y - p) ** 4}),
    "of an own model": ({"model": len, "model__loss": "mse"}, {"model": len, "model__loss": "mae"}),
    "weights of losses": ({"compile__loss_weights": [1, 2]}, {"compile__loss_weights": [1, 1]}),
}
ALIKE = {
    "synonyms": ({"loss": "mse"}, {"loss": "MeanSquaredError"}),
    "class and name": ({"loss": keras.losses.MeanSquaredError}, {"loss": "mse"}),
    "function and name": ({"loss": keras.losses.mean_absolute_error}, {"loss": "mae"}),
    "equal objects": ({"loss": keras.losses.Huber(delta=0.5)}, {"loss": keras.losses.Huber(delta=0.5)}),
    "equal functions": ({"loss": pinball(0.1)}, {"loss": pinball(0.1)}),
    "NumPy's numbers": ({"loss__delta": 1}, {"loss__delta": np.float64(1.0)}),
    "other parameters": ({"l2": 0.1, "optimizer": "sgd", "model": len}, {"l2": 0.0, "hidden_layer_sizes": ()}),
}


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_different_losses_are_told_apart(pair):
    found = differing(what_is_measured(KerasRegressor(**parameters)) for parameters in pair)
    assert len(found) == 1
    assert set(found) <= set(pair[0])


@pytest.mark.parametrize("pair", ALIKE.values(), ids=ALIKE)
def test_the_same_loss_is_the_same(pair):
    assert differing(what_is_measured(KerasRegressor(**parameters)) for parameters in pair) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"class_weight": None}, {"class_weight": "balanced"}),
        ({"class_weight": {0: 1.0, 1: 2.0}}, {"class_weight": {0: 1.0, 1: 3.0}}),
        ({"label_smoothing": 0.0}, {"label_smoothing": 0.1}),
    ],
)
def test_weights_and_smoothing_of_targets_count(one, other):
    assert differing(what_is_measured(KerasClassifier(**each)) for each in (one, other)) == list(one)


def test_order_of_class_weights_does_not_count():
    weights = {0: 1, 1: 2}, {1: 2.0, 0: 1.0}
    assert differing(what_is_measured(KerasClassifier(class_weight=each)) for each in weights) == []


def test_any_estimator_is_read():
    assert differing(what_is_measured(SGDClassifier(loss=loss)) for loss in ("hinge", "log_loss")) == ["loss"]
    assert what_is_measured(object()) == {}


def test_texts_go_to_other_processes():
    found = what_is_measured(KerasRegressor(loss=pinball(0.1)))
    assert pickle.loads(pickle.dumps(found)) == found


def test_losses_are_told_from_metrics():
    assert all(map(is_loss, ["loss", "val_loss", "val_loss_without_penalty", "val_out_loss"]))
    assert not any(map(is_loss, ["val_accuracy", "val_mse", "val_binary_crossentropy"]))
