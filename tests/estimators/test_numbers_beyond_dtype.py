"""Parameters that the dtype of the network cannot hold are refused by name; a limit that it cannot hold is none."""

import warnings

import numpy as np
import pytest

from sknn_tune import KerasClassifier

X = np.random.default_rng(0).normal(size=(20, 3))
y = np.arange(20) % 2


NAMES = ["l2", "activity_l1", "negative_slope", "learning_rate", "epsilon", "weight_decay", "clipnorm"]


@pytest.mark.parametrize("name", NAMES)
def test_what_the_dtype_cannot_hold_is_refused_by_name(name):
    optimizer = "adamw" if name == "weight_decay" else "adam"
    network = KerasClassifier(hidden_layer_sizes=(3,), activation="leaky_relu", optimizer=optimizer, **{name: 1e39})
    with pytest.raises(
        ValueError, match=f"The '{name}' parameter of KerasClassifier must be at most 3.4e\\+38, the lar"
    ):
        network.fit(X, y)


def test_an_endless_limit_is_none():
    network = KerasClassifier(hidden_layer_sizes=(3,), epochs=2, random_state=0)
    expected = network.fit(X, y).predict_proba(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = network.set_params(optimizer__clipvalue=1e300).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
