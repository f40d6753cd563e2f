"""Frozen layers stay frozen: in the first fit and in those that go on, in copies, with both engines; and export."""

import pickle

import keras
import numpy as np
import pytest

from sknn_tune import KerasClassifier

QUICK = {"epochs": 2, "batch_size": 50, "random_state": 0}


def first_kernel(fitted):
    return fitted.model_.layers[0].get_weights()[0]


def is_trained(fitted, X, y, first=True) -> bool:
    layer = fitted.model_.layers[0 if first else -1]
    before = layer.get_weights()[0]
    fitted.fit(X, y)
    return not np.array_equal(fitted.model_.layers[0 if first else -1].get_weights()[0], before)


@pytest.mark.few(1)
@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_frozen_after_a_first_fit(engine, binary_data):
    X, y = binary_data
    fitted = KerasClassifier(hidden_layer_sizes=(4,), warm_start=True, engine=engine, **QUICK).fit(X, y)
    fitted.model_.layers[0].trainable = False
    assert not is_trained(fitted, X, y)
    assert is_trained(fitted, X, y, first=False)
    assert fitted.engine_ == "keras"
    for other in (
        pickle.loads(pickle.dumps(fitted)),
        fitted.set_params(learning_rate=0.1),
        fitted.set_params(optimizer="sgd"),
        fitted.set_params(dropout=0.3),
        fitted.partial_fit(X, y),
    ):
        assert not is_trained(other, X, y)
    fitted.model_.layers[0].trainable = True
    assert is_trained(fitted, X, y)
    assert fitted.engine_ == ("numba" if engine == "auto" else "keras")


def test_pickled_between_freezing_and_the_next_fit(binary_data):
    X, y = binary_data
    fitted = KerasClassifier(hidden_layer_sizes=(4,), warm_start=True, engine="keras", **QUICK).fit(X, y)
    fitted.model_.layers[0].trainable = False
    read = pickle.loads(pickle.dumps(fitted))
    assert not is_trained(read, X, y) and not is_trained(fitted, X, y)
    np.testing.assert_array_equal(read.predict_proba(X), fitted.predict_proba(X))


def test_machine_code_says_that_it_cannot(binary_data):
    X, y = binary_data
    fitted = KerasClassifier(hidden_layer_sizes=(4,), warm_start=True, engine="numba", **QUICK).fit(X, y)
    fitted.model_.layers[0].trainable = False
    with pytest.raises(ValueError, match="because layers of its model_ are frozen"):
        fitted.fit(X, y)


@pytest.mark.few(2)
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("trained", [False, True])
def test_a_model_that_comes_frozen(compiled, trained, binary_data):
    X, y = binary_data
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
    )
    if compiled:
        model.compile("adam", "binary_crossentropy")
        if trained:
            model.fit(X, y, verbose=0)
    model.layers[0].trainable = False
    kernel = model.layers[0].get_weights()[0]
    fitted = KerasClassifier(model, warm_start=True, **QUICK).fit(X, y)
    np.testing.assert_array_equal(first_kernel(fitted), kernel)
    fitted.model_.layers[0].trainable = True
    assert is_trained(fitted, X, y)


@pytest.mark.parametrize(
    "arguments", [{}, {"engine": "keras"}, {"n_members": 2}, {"n_members": 2, "share_weights": True}]
)
def test_a_model_was_called_before_it_is_shown(arguments, binary_data):
    # Keras exports to ONNX, for which no package is installed here, what was called once.
    fitted = KerasClassifier(hidden_layer_sizes=(4,), epochs=1, random_state=0, **arguments).fit(*binary_data)
    assert fitted.model_.input_shape == (None, 6)
    assert fitted.model_._called  # this is what it looks at
