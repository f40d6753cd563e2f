"""Fits share traced models: no number of one is seen in another, and nobody has a model that another uses."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from reference import skip_without_optimizer

from sknn_tune import KerasClassifier
from sknn_tune.engine.keras_loop import _train
from sknn_tune.engine.keras_loop._shelf import Shelf
from sknn_tune.specs import OPTIMIZERS

LAYERS = [
    ("Reshape", {"target_shape": (3, 2)}),
    ("Conv1D", {"filters": 4, "kernel_size": 2, "activation": "relu"}),
    "BatchNormalization",
    ("Dropout", {"rate": 0.3}),
    "Flatten",
]
#: Where it is no matter what is trained, what is traced sooner.
PLAIN = {"feature_layers": None}
PARAMS = {"feature_layers": LAYERS, "hidden_layer_sizes": (4,), "epochs": 2, "batch_size": 64, "engine": "keras"}


@pytest.fixture
def shelf(monkeypatch):
    """One of the test's own."""
    monkeypatch.setattr(_train, "SHELF", Shelf())
    return _train.SHELF


@pytest.fixture
def traced(monkeypatch):
    """Models that were traced, one after the other."""
    made = []

    class Counting(_train.TracedModel):
        def __init__(self, model):
            made.append(model)
            super().__init__(model)

    monkeypatch.setattr(_train, "TracedModel", Counting)
    return made


def _fit(X, y, **params):
    return KerasClassifier(**{**PARAMS, "random_state": 0, **params}).fit(X, y)


def _assert_same(one, other):
    assert one.history_ == other.history_
    ours, theirs = one._trained.arrays, other._trained.arrays
    for a, b in zip(ours.weights + ours.optimizer, theirs.weights + theirs.optimizer, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.few(3)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_model_off_the_shelf_trains_like_a_new_one(binary_data, shelf, traced, monkeypatch, optimizer):
    skip_without_optimizer(optimizer)
    X, y = binary_data
    how = {"optimizer": optimizer, "early_stopping": True, "patience": 1}
    _fit(X, y, **how, random_state=1, learning_rate=0.5)  # whose numbers must not be seen in the next
    shared = _fit(X, y, **how)
    assert len(traced) == 1
    monkeypatch.setattr(_train, "SHELF", Shelf())
    _assert_same(shared, _fit(X, y, **how))


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "other",
    [
        {"learning_rate": 0.1},
        {"epochs": 3},
        {"random_state": 5},
        {"kernel_initializer": "he_uniform"},
        {"early_stopping": True, "monitor": "loss", "patience": float("inf")},
    ],
)
def test_another_number_needs_no_trace(binary_data, shelf, traced, other):
    _fit(*binary_data, **PLAIN)
    _fit(*binary_data, **PLAIN, **other)
    _fit(binary_data[0][:150], binary_data[1][:150], **PLAIN)
    assert len(traced) == 1


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "other",
    [
        {"l2": 0.1},
        {"dropout": 0.2},
        {"activation": "tanh"},
        {"batch_size": 32},
        {"optimizer": "sgd"},
        {"beta_1": 0.8},
        {"clipnorm": 1.0},
        {"learning_rate_schedule": "cosine"},
        {"loss": "hinge"},
        {"metrics": ["mse"]},
        {"feature_layers": ["Flatten"]},
        {"dtype": "float64"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_is_written_into_the_trace_needs_a_new_one(binary_data, shelf, traced, other):
    X, y = binary_data
    other = {**PLAIN, **other}
    _fit(X, y, **PLAIN)
    found = _fit(X, y, **other)
    assert len(traced) == 2
    _assert_same(found, _fit(X, y, **other))


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "other",
    [
        {"feature_layers": [keras.layers.Flatten()]},
        {"activation": keras.ops.tanh},
        {"loss": keras.losses.BinaryCrossentropy()},
        {"callbacks": [keras.callbacks.EarlyStopping("loss")]},
        {"feature_layers": ["Normalization"]},
    ],
    ids=["layer", "activation", "loss", "callbacks", "adapted layer"],
)
def test_what_is_not_plain_is_not_shared(binary_data, shelf, other):
    _fit(*binary_data, **other)
    assert shelf._free == {}


def test_a_fitted_network_is_not_changed_by_later_fits(binary_data, shelf):
    X, y = binary_data
    first = _fit(X, y)
    before = first.predict_proba(X)
    _fit(X, y, random_state=9)
    np.testing.assert_array_equal(first.predict_proba(X), before)
    first.model_.set_weights([0 * weights for weights in first.model_.get_weights()])
    _assert_same(_fit(X, y), _fit(X, y))


def test_a_warm_start_goes_on_from_its_own_numbers(binary_data, shelf):
    X, y = binary_data
    once = _fit(X, y, epochs=4)
    twice = _fit(X, y, epochs=2, warm_start=True)
    _fit(X, y, random_state=9)
    _assert_same(twice.fit(X, y), once)


def test_threads_never_have_the_same_model(binary_data, shelf):
    X, y = binary_data
    alone = [_fit(X, y, random_state=seed) for seed in range(4)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda seed: _fit(X, y, random_state=seed), range(4)))
    for one, other in zip(alone, together, strict=True):
        _assert_same(one, other)


def test_the_shelf_keeps_the_latest_few_without_their_rows():
    class Traced:
        def forget_data(self):
            self.holds_rows = False

    shelf, models = Shelf(most=2), [Traced() for _ in range(3)]
    for key, model in zip("aba", models, strict=True):
        shelf.put_back(key, model)
    assert shelf.take("b") is None  # of the kind that was used least lately
    assert shelf.take("a") is models[2] and shelf.take("a") is models[0] and shelf.take("a") is None
    assert not any(model.holds_rows for model in models)
