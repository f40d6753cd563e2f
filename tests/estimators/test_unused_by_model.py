"""Parameters of the network that a model of the user's own does not ask for are said to have no effect."""

import functools
import warnings

import keras
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from sknn_tune import KerasClassifier, KerasRegressor

QUICK = {"epochs": 1, "batch_size": -1, "random_state": 0}
X = np.random.default_rng(0).normal(size=(30, 2)).astype("float32")
y = X[:, 0]


def network(units=3, dropout=0.0):
    layers = [keras.layers.Dense(units), keras.layers.Dropout(dropout), keras.layers.Dense(1)]
    return keras.Sequential([keras.Input((2,)), *layers])


def of_nothing():
    return network()


def of_dropout(meta, dropout):
    return network(dropout=dropout)


def of_params(params):
    return network(dropout=params["dropout"])


def of_anything(**arguments):
    return network()


class Own(KerasRegressor):
    def _keras_build_fn(self, meta):
        return network(dropout=self.dropout)


GIVEN = {
    "hidden_layer_sizes": (5,),
    "activation": "tanh",
    "output_activation": "sigmoid",
    "kernel_initializer": keras.initializers.HeNormal(seed=0),
    "batch_norm": True,
    "dropout": [0.5],
    "negative_slope": 0.1,
    "batch_norm_momentum": 0.9,
    "batch_norm_epsilon": 1e-2,
    "input_dropout": 0.1,
    "l1": 0.1,
    "l2": 0.1,
    "activity_l1": 0.1,
    "activity_l2": 0.1,
}


@pytest.mark.few(4)
@pytest.mark.parametrize("name", GIVEN)
def test_a_parameter_that_the_function_does_not_ask_for_is_said(name):
    sentence = f"The {name!r} parameter of KerasRegressor has no effect: the function given as 'model' does not ask"
    with pytest.warns(UserWarning, match=sentence) as caught:
        KerasRegressor(of_nothing, **{name: GIVEN[name]}, **QUICK).fit(X, y)
    (warning,) = (each for each in caught if each.category is UserWarning)
    assert warning.filename == __file__


def test_a_finished_model_asks_for_nothing():
    with pytest.warns(UserWarning, match="'dropout' parameter .* has no effect: 'model' is a finished Keras model"):
        KerasRegressor(network(), dropout=0.5, **QUICK).fit(X, y)


def test_a_search_over_what_no_candidate_uses_says_it_once():
    with pytest.warns(UserWarning, match="The 'l2' parameter of KerasRegressor has no effect") as caught:
        GridSearchCV(KerasRegressor(of_dropout, **QUICK), {"l2": [0.1, 0.2], "dropout": [0.1, 0.2]}, cv=2).fit(X, y)
    assert [each.category for each in caught].count(UserWarning) == 1


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "estimator",
    [
        KerasRegressor(of_dropout, dropout=0.5, **QUICK),
        KerasRegressor(functools.partial(of_dropout, None), dropout=0.5, **QUICK),
        KerasRegressor(of_params, dropout=0.5, **QUICK),
        KerasRegressor(of_anything, dropout=0.5, **QUICK),
        KerasRegressor(of_nothing, hidden_layer_sizes=[100], dropout=0, l2=0.0, **QUICK),
        Own(dropout=0.5, **QUICK),
        GridSearchCV(KerasRegressor(**QUICK), {"model": [None, of_nothing], "dropout": [0.1, 0.2]}, cv=2),
    ],
    ids=["asked for", "partial", "params", "anything", "defaults", "method", "another model"],
)
def test_nothing_is_said_of_what_may_be_used(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        estimator.fit(X, y)


def test_an_output_activation_that_says_that_columns_are_classes_is_used():
    def build():
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="softmax")])

    classifier = KerasClassifier(build, output_activation="softmax", **QUICK)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert classifier.fit(X, np.eye(3)[np.arange(30) % 3]).n_classes_ == 3
