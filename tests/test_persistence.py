"""Estimators are stored, copied and moved: nothing they know or would do next is lost."""

import copy
import json
import pickle
import subprocess
import sys
from html import unescape
from pathlib import Path

import joblib
import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.exceptions import NotFittedError

FITTED = ("classes_", "n_classes_", "n_outputs_", "n_features_in_", "n_iter_", "n_steps_", "best_epoch_")
FITTED += ("n_parameters_", "engine_", "engine_reason_", "device_")


def _pickle(estimator, folder):
    return pickle.loads(pickle.dumps(estimator))


def _joblib(estimator, folder):
    joblib.dump(estimator, folder / "estimator.joblib")
    return joblib.load(folder / "estimator.joblib")


def _joblib_compressed(estimator, folder):
    joblib.dump(estimator, folder / "estimator.joblib.gz", compress=("gzip", 3))
    return joblib.load(folder / "estimator.joblib.gz")


def _deepcopy(estimator, folder):
    return copy.deepcopy(estimator)


def _copy(estimator, folder):
    return copy.copy(estimator)


def _clone(estimator, folder):
    return clone(estimator)


INDEPENDENT = [_pickle, _joblib, _joblib_compressed, _deepcopy]


@pytest.fixture(scope="module", params=["auto", "keras"])
def fitted(request, binary_data):
    """With all that a fit can leave behind: moving averages, dropout generators, optimizer state, held-out rows."""
    return KerasClassifier(
        hidden_layer_sizes=(6, 4),
        batch_norm=True,
        dropout=0.2,
        early_stopping=True,
        epochs=3,
        warm_start=True,
        random_state=0,
        engine=request.param,
    ).fit(*binary_data)


def assert_same_weights(one, other):
    for ours, theirs in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


# --- unfitted ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copied", [*INDEPENDENT, _copy, _clone])
@pytest.mark.parametrize("Estimator", [KerasClassifier, KerasRegressor])
def test_unfitted_estimator_keeps_its_parameters(Estimator, copied, tmp_path):
    estimator = Estimator(hidden_layer_sizes=(5, 4), optimizer="sgd", optimizer__momentum=0.8, callbacks=[], epochs=3)
    other = copied(estimator, tmp_path)
    assert other.get_params() == estimator.get_params()
    assert other.get_params()["optimizer__momentum"] == 0.8
    with pytest.raises(NotFittedError):
        check_is_fitted(other)


# --- fitted --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copied", [*INDEPENDENT, _copy])
def test_fitted_estimator_predicts_the_same(fitted, copied, binary_data, tmp_path):
    X, _ = binary_data
    other = copied(fitted, tmp_path)
    np.testing.assert_array_equal(other.predict_proba(X), fitted.predict_proba(X))
    assert other.history_ == fitted.history_
    for name in FITTED:
        np.testing.assert_array_equal(getattr(other, name), getattr(fitted, name))
    assert_same_weights(other, fitted)


@pytest.mark.few(2)
@pytest.mark.parametrize("copied", INDEPENDENT)
def test_copy_goes_on_training_like_the_original(fitted, copied, binary_data, tmp_path):
    """Weights, moments of Adam, number of updates, row order and dropout go on where they were."""
    original = copy.deepcopy(fitted)
    other = copied(fitted, tmp_path)
    original.fit(*binary_data)
    other.fit(*binary_data)
    assert other.history_ == original.history_
    assert other.n_steps_ == original.n_steps_ == 2 * fitted.n_steps_
    assert_same_weights(other, original)


@pytest.mark.few(3)
@pytest.mark.parametrize("copied", INDEPENDENT)
def test_training_a_copy_leaves_the_original_alone(fitted, copied, binary_data, tmp_path):
    X, y = binary_data
    before, n_iter = fitted.predict_proba(X), fitted.n_iter_
    copied(fitted, tmp_path).fit(X, y)
    np.testing.assert_array_equal(fitted.predict_proba(X), before)
    assert fitted.n_iter_ == n_iter == len(fitted.history_["loss"])


def test_clone_of_a_fitted_estimator_is_unfitted(fitted):
    other = clone(fitted)
    assert other.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        check_is_fitted(other)
    assert not [name for name in vars(other) if name.endswith("_") and not name.startswith("__")]


def test_stored_estimator_does_not_hold_the_training_rows(binary_data):
    X, y = binary_data
    sizes = []
    for repeats in (1, 20):
        estimator = KerasClassifier(hidden_layer_sizes=(4,), epochs=1, random_state=0)
        estimator.fit(np.tile(X, (repeats, 1)), np.tile(y, repeats))
        sizes.append(len(pickle.dumps(estimator)))
    assert abs(sizes[1] - sizes[0]) < 100


_IN_A_FRESH_PROCESS = """
import json, sys
import joblib, numpy as np
estimator = joblib.load(sys.argv[1])
assert "tensorflow" not in sys.modules, "loading a file must not load TensorFlow"
print(json.dumps(estimator.predict_proba(np.load(sys.argv[2])).tolist()))
"""


def test_fresh_process_predicts_the_same(fitted, binary_data, tmp_path):
    X, _ = binary_data
    joblib.dump(fitted, tmp_path / "estimator.joblib")
    np.save(tmp_path / "X.npy", X)
    command = [sys.executable, "-c", _IN_A_FRESH_PROCESS, str(tmp_path / "estimator.joblib"), str(tmp_path / "X.npy")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    np.testing.assert_array_equal(json.loads(result.stdout), fitted.predict_proba(X))


def test_estimator_from_a_machine_with_a_gpu_predicts_without_one(fitted, binary_data, tmp_path):
    X, _ = binary_data
    moved = copy.deepcopy(fitted)
    moved.device, moved.device_ = "GPU:7", "GPU:7"
    moved = _pickle(moved, tmp_path)
    np.testing.assert_array_equal(moved.predict_proba(X), fitted.predict_proba(X))
    moved.device = ("GPU:6", "GPU:7")
    np.testing.assert_array_equal(moved.predict_proba(X), fitted.predict_proba(X))


# --- Keras objects and functions as parameters -----------------------------------------------------------


def build(units, meta):
    return keras.Sequential(
        [
            keras.layers.Input((meta["n_features_in_"],)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(1),
        ]
    )


def squared_tanh(x):
    return keras.ops.tanh(x) ** 2


def cubic_loss(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred) ** 3, axis=-1)


def largest_error(y_true, y_pred):
    return keras.ops.max(keras.ops.abs(y_true - y_pred))


class Counting(keras.callbacks.Callback):
    """A callback of the user's own, with an argument."""

    def __init__(self, start=5):
        super().__init__()
        self.count = start

    def on_epoch_end(self, epoch, logs=None):
        self.count += 1


WITH_OBJECTS = {
    "optimizer object": lambda: {"optimizer": keras.optimizers.Nadam(0.02, beta_1=0.7)},
    "optimizer class": lambda: {"optimizer": keras.optimizers.RMSprop, "optimizer__rho": 0.8},
    "layer objects": lambda: {"feature_layers": [keras.layers.Dense(5, activation="tanh"), keras.layers.Dropout(0.1)]},
    "schedule object": lambda: {
        "learning_rate_schedule": keras.optimizers.schedules.ExponentialDecay(0.05, 10, 0.5, staircase=True)
    },
    "loss object": lambda: {"loss": keras.losses.LogCosh()},
    "loss class": lambda: {"loss": keras.losses.Huber, "loss__delta": 0.3},
    "loss function": lambda: {"loss": cubic_loss},
    "initializer object": lambda: {"kernel_initializer": keras.initializers.RandomUniform(-0.2, 0.2, seed=3)},
    "activation function": lambda: {"activation": squared_tanh},
    "metric object": lambda: {"metrics": [keras.metrics.MeanAbsolutePercentageError(name="percentage")]},
    "metric function": lambda: {"metrics": [largest_error]},
    "callback object": lambda: {"callbacks": [Counting(7)]},
    "callback class": lambda: {"callbacks": Counting, "callbacks__start": 7},
    "model function": lambda: {"model": build, "model__units": 5, "hidden_layer_sizes": (100,)},
    "model object": lambda: {
        "hidden_layer_sizes": (100,),  # the default: a model has layers of its own
        "model": keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(1)]),
    },
}


@pytest.fixture(params=WITH_OBJECTS)
def with_objects(request):
    return KerasRegressor(
        **{"hidden_layer_sizes": (4,), "epochs": 2, "random_state": 0, **WITH_OBJECTS[request.param]()}
    )


@pytest.mark.few(4)
def test_objects_as_parameters_survive_storing_copying_and_cloning(with_objects, regression_data, tmp_path):
    """Unfitted or fitted, every copy trains to the same numbers: no setting of an object was lost on the way."""
    X, y = regression_data
    copies = [_pickle(with_objects, tmp_path), clone(with_objects)]  # which makes deep copies of parameters
    expected = with_objects.fit(X, y).predict(X)
    copies.append(_pickle(clone(with_objects), tmp_path))
    for other in copies:
        assert other.get_params().keys() == with_objects.get_params().keys()
        np.testing.assert_array_equal(other.fit(X, y).predict(X), expected)
    for other in (_pickle(with_objects, tmp_path), _deepcopy(with_objects, tmp_path)):
        np.testing.assert_array_equal(other.predict(X), expected)
        assert_same_weights(other, with_objects)


@pytest.mark.few(6)
def test_objects_as_parameters_are_not_changed_by_a_fit(with_objects, regression_data):
    def configurations():
        given = with_objects.get_params()
        values = [value for entry in given.values() for value in (entry if isinstance(entry, list) else [entry])]
        return [value.get_config() for value in values if hasattr(value, "get_config") and not isinstance(value, type)]

    before, model = configurations(), with_objects.model
    weights = model.get_weights() if isinstance(model, keras.Model) else []
    with_objects.fit(*regression_data)
    assert configurations() == before
    for now, then in zip(model.get_weights() if weights else [], weights, strict=True):
        np.testing.assert_array_equal(now, then)
    for layer in with_objects.feature_layers or ():
        assert not layer.weights
    if isinstance(with_objects.optimizer, keras.optimizers.Optimizer):
        assert not with_objects.optimizer.built
    if isinstance(with_objects.callbacks, list):  # the one object that a fit is to act on
        assert with_objects.callbacks[0].count == 7 + 2


# --- other formats -------------------------------------------------------------------------------------


def test_network_saved_by_keras_predicts_the_same(fitted, binary_data, tmp_path):
    X, _ = binary_data
    fitted.model_.save(tmp_path / "network.keras")
    network = keras.models.load_model(tmp_path / "network.keras")
    probability = network.predict(X.astype("float32"), verbose=0)[:, 0]
    np.testing.assert_allclose(probability, fitted.predict_proba(X)[:, 1], rtol=1e-5, atol=1e-6)


def test_pipeline_in_skops(fitted, binary_data):
    skops_io = pytest.importorskip("skops.io")
    X, y = binary_data
    pipeline = make_pipeline(StandardScaler(), clone(fitted)).fit(X, y)
    stored = skops_io.dumps(pipeline)
    types = skops_io.get_untrusted_types(data=stored)
    assert all(name.startswith("sknn_tune.") for name in types), types
    loaded = skops_io.loads(stored, trusted=types)
    np.testing.assert_array_equal(loaded.predict_proba(X), pipeline.predict_proba(X))
    assert loaded[-1].history_ == pipeline[-1].history_


# --- display -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_fitted", [False, True])
def test_html_is_that_of_scikit_learn(fitted, is_fitted):
    estimator = fitted if is_fitted else clone(fitted)
    html = make_pipeline(StandardScaler(), estimator)._repr_html_()
    assert "sk-top-container" in html
    assert "KerasClassifier" in html
    assert "hidden_layer_sizes" in html
    assert repr(estimator) in unescape(estimator._repr_html_())


def test_no_file_is_written_beside_the_estimator(fitted, binary_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    clone(fitted).fit(*binary_data)
    pickle.dumps(fitted)
    assert list(Path(tmp_path).iterdir()) == []
