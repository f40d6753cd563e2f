"""The same ``random_state`` gives the same weights, bit for bit, whatever else runs; and no fit changes the process."""

import gc
import logging
import os
import random
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from sklearn.base import clone

from sknn_tune import KerasClassifier


@pytest.fixture(scope="module", params=["auto", "keras"])
def network(request):
    """Everything that draws random numbers: weights, row order, dropout, rows held out."""
    return KerasClassifier(
        hidden_layer_sizes=(8, 4),
        dropout=0.3,
        input_dropout=0.1,
        early_stopping=True,
        epochs=3,
        random_state=7,
        engine=request.param,
    )


def fitted_weights(estimator, X, y):
    """At the top level of this file, so that it can be sent to other processes."""
    return [np.array(weights) for weights in clone(estimator).fit(X, y).model_.get_weights()]


@pytest.fixture(scope="module")
def expected(network, binary_data):
    return fitted_weights(network, *binary_data)


def assert_same(weights, expected):
    for one, other in zip(weights, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def are_same(weights, expected):
    return all(np.array_equal(one, other) for one, other in zip(weights, expected, strict=True))


def test_same_seed_same_weights(network, expected, binary_data):
    assert_same(fitted_weights(network, *binary_data), expected)


def test_other_seed_other_weights(network, expected, binary_data):
    assert not are_same(fitted_weights(clone(network).set_params(random_state=8), *binary_data), expected)


def test_no_seed_new_weights_in_every_fit(network, expected, binary_data):
    unseeded = clone(network).set_params(random_state=None)
    one, other = (fitted_weights(unseeded, *binary_data) for _ in range(2))
    assert not are_same(one, other)
    assert not are_same(one, expected)


def test_random_state_object_gives_a_new_seed_in_every_fit(network, binary_data):
    def two_fits():
        # The generator itself, not a copy of it: so `fit`, not `fitted_weights`, which clones.
        drawn_from = np.random.RandomState(0)
        for _ in range(2):
            estimator = clone(network)
            estimator.random_state = drawn_from
            yield estimator.fit(*binary_data).model_.get_weights()

    first, second = two_fits()
    assert not are_same(first, second)
    for weights, again in zip((first, second), two_fits(), strict=True):
        assert_same(again, weights)


def test_two_threads_with_unseeded_fits_beside(network, expected, binary_data):
    unseeded = clone(network).set_params(random_state=None, hidden_layer_sizes=(5,))
    jobs = [joblib.delayed(fitted_weights)(estimator, *binary_data) for estimator in (network, unseeded) * 3]
    results = joblib.Parallel(n_jobs=2, backend="threading")(jobs)
    for weights in results[::2]:
        assert_same(weights, expected)


def test_loky_workers(network, expected, binary_data):
    jobs = [joblib.delayed(fitted_weights)(network, *binary_data) for _ in range(2)]
    for weights in joblib.Parallel(n_jobs=2, backend="loky")(jobs):
        assert_same(weights, expected)


def _numpy():
    np.random.seed(3)


def _python():
    random.seed(3)


def _tensorflow():
    import tensorflow as tf

    tf.random.set_seed(3)


def _keras():
    import keras

    keras.utils.set_random_seed(3)


@pytest.fixture
def global_seeds_restored():
    """These tests set global seeds on purpose: put them back."""
    from tensorflow.python.eager import context

    numpy_state, python_state, seed = np.random.get_state(), random.getstate(), context.global_seed()
    yield
    np.random.set_state(numpy_state)
    random.setstate(python_state)
    context.context()._set_global_seed(seed)


@pytest.mark.few(4)
@pytest.mark.usefixtures("global_seeds_restored")
@pytest.mark.parametrize("set_seed", [_numpy, _python, _tensorflow, _keras])
def test_global_seeds_are_not_read(network, expected, binary_data, set_seed):
    set_seed()
    assert_same(fitted_weights(network, *binary_data), expected)


@pytest.mark.usefixtures("global_seeds_restored")
def test_global_seed_does_not_make_unseeded_fits_alike(network, binary_data):
    unseeded = clone(network).set_params(random_state=None)
    weights = []
    for _ in range(2):
        _keras()
        weights.append(fitted_weights(unseeded, *binary_data))
    assert not are_same(*weights)


@pytest.mark.usefixtures("global_seeds_restored")
def test_fit_after_a_seeded_fit_of_scikeras(network, expected, binary_data):
    """SciKeras switches TensorFlow's determinism on and never off; our fits must not mind."""
    from scikeras.utils.random_state import tensorflow_random_state
    from tensorflow.python.framework import config

    before = os.environ.get("TF_DETERMINISTIC_OPS")
    config.is_op_determinism_enabled()  # asked before SciKeras sets the variable, or it would stay on for good
    with tensorflow_random_state(3):
        assert_same(fitted_weights(network, *binary_data), expected)
        unseeded = fitted_weights(clone(network).set_params(random_state=None), *binary_data)
    assert not are_same(unseeded, expected)
    assert os.environ.get("TF_DETERMINISTIC_OPS") == before


def _state_of_the_process() -> dict:
    import keras
    from tensorflow.python.eager import context
    from tensorflow.python.framework import config

    return {
        "numpy.random": [np.asarray(part).tolist() for part in np.random.get_state(legacy=True)],
        "random": random.getstate(),
        "seed of TensorFlow": context.global_seed(),
        "determinism of TensorFlow": config.is_op_determinism_enabled(),
        "soft placement": config.get_soft_device_placement(),
        "environment": dict(os.environ),
        "floatx": keras.config.floatx(),
        "dtype policy": keras.config.dtype_policy().name,
        "image data format": keras.config.image_data_format(),
        "backend": keras.config.backend(),
        "warnings": list(warnings.filters),
        "logging": {name: logging.getLogger(name).level for name in (None, "tensorflow", "absl", "keras")},
        "handlers": {name: len(logging.getLogger(name).handlers) for name in (None, "tensorflow", "absl", "keras")},
        "collector": (gc.isenabled(), gc.get_threshold()),
        "floating point errors": np.geterr(),
        "printing": np.get_printoptions(),
        "folder": os.getcwd(),
    }


@pytest.mark.few(4)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("random_state", [7, None])
def test_fit_and_predict_change_nothing_in_the_process(network, expected, binary_data, dtype, random_state):
    """``expected`` has loaded TensorFlow, which does change things, once."""
    X, y = binary_data
    estimator = clone(network).set_params(dtype=dtype, random_state=random_state)
    before = _state_of_the_process()
    estimator.fit(X, y)
    estimator.predict_proba(X)
    estimator.partial_fit(X, y)
    after = _state_of_the_process()
    assert {name for name in before if before[name] != after[name]} == set()


def test_fit_that_fails_changes_nothing_in_the_process(network, expected, binary_data):
    X, y = binary_data
    before = _state_of_the_process()
    with pytest.raises(ValueError, match="monitor"):
        clone(network).set_params(monitor="val_nothing").fit(X, y)
    after = _state_of_the_process()
    assert {name for name in before if before[name] != after[name]} == set()


def _build(meta):
    """A model function whose layers have no seeds of their own."""
    import keras

    return keras.Sequential(
        [
            keras.layers.Input((meta["n_features_in_"],)),
            keras.layers.Dense(6, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def test_model_function_without_seeds_is_reproducible_in_threads(binary_data):
    estimator = KerasClassifier(_build, epochs=2, random_state=7)
    expected = fitted_weights(estimator, *binary_data)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: fitted_weights(estimator, *binary_data), range(4)))
    for weights in results:
        assert_same(weights, expected)
    assert not are_same(fitted_weights(clone(estimator).set_params(random_state=8), *binary_data), expected)


def test_keras_draws_its_own_seeds_again_after_a_fit(binary_data):
    """Inside a fit, `make_default_seed` is ours for that thread; afterwards nothing of it is left."""
    from keras.src.backend import random as backend_random
    from keras.src.random import seed_generator

    KerasClassifier(_build, epochs=1, random_state=7).fit(*binary_data)
    for module in (seed_generator, backend_random):
        assert module.make_default_seed.__module__.startswith("keras.")
