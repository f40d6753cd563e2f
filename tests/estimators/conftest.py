"""Estimators that are fitted in a blink, for tests that look at what came of the parameters."""

from functools import partial

import pytest

from sknn_tune import KerasClassifier, KerasRegressor

#: One update, run eagerly: Keras takes longer to trace a graph than to train a small network without one.
#: engine="keras", because these tests look at the Keras model that was trained.
QUICK = {
    "hidden_layer_sizes": (5,),
    "epochs": 1,
    "batch_size": -1,
    "random_state": 0,
    "engine": "keras",
    "compile__run_eagerly": True,
}


def pytest_configure(config):
    config.addinivalue_line("markers", "parameters(*names): the estimator parameters that the test is about")


@pytest.fixture
def classifier():
    """``classifier(dropout=0.5)`` is a small, quick KerasClassifier with that parameter."""
    return partial(KerasClassifier, **QUICK)


@pytest.fixture
def regressor():
    """``regressor(dropout=0.5)`` is a small, quick KerasRegressor with that parameter."""
    return partial(KerasRegressor, **QUICK)
