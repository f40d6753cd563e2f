"""Both engines, and ``keras.Model.fit`` as the reference, on one problem."""

from __future__ import annotations

import warnings
from functools import cache

import keras
import numpy as np
import pytest

from sknn_tune.engine import Job, TrainedNetwork, train
from sknn_tune.engine._network_arrays import NetworkArrays
from sknn_tune.engine._scope import why_not_machine_code
from sknn_tune.engine.formulas import resolve_optimizer
from sknn_tune.engine.keras_loop._batches import ArrayBatches
from sknn_tune.engine.models import new_model
from sknn_tune.specs import ArrayData, NetworkSpec, TrainingSpec, is_loss_without_penalty

SEED = 5
N_FEATURES = 4
ENGINES = ("numba", "keras")

#: Target kind -> output activation, loss, accuracy, number of outputs.
TARGETS = {
    "binary": ("sigmoid", "binary_crossentropy", "binary", 1),
    "multilabel": ("sigmoid", "binary_crossentropy", "binary", 3),
    "multiclass": ("softmax", "sparse_categorical_crossentropy", "index", 3),
    "one_hot": ("softmax", "categorical_crossentropy", "one_hot", 3),
    "regression": ("linear", "mean_squared_error", None, 1),
    "regressions": ("linear", "mean_squared_error", None, 2),
}


def skip_without_optimizer(name):
    """Muon and others came after the oldest Keras."""
    try:
        keras.optimizers.get(name)
    except ValueError:
        pytest.skip(f"this Keras has no optimizer {name!r}")


@cache
def rows(target: str, n_rows: int = 22, dtype: str = "float32", weighted: bool = False, seed: int = 0) -> ArrayData:
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n_rows, N_FEATURES)).astype(dtype)
    n_outputs = TARGETS[target][3]
    sums = X @ generator.normal(size=(N_FEATURES, n_outputs)) + 0.1
    if target.startswith("regression"):
        y = np.abs(sums) if n_outputs > 1 else np.abs(sums) + 0.1
    elif target in ("binary", "multilabel"):
        y = sums > 0
    else:
        y = sums.argmax(axis=1) if target == "multiclass" else np.eye(n_outputs)[sums.argmax(axis=1)]
    y = y.astype("int64" if target == "multiclass" else dtype)
    weight = generator.uniform(0.2, 2, n_rows) if weighted else None
    return ArrayData(X, y, None if weight is None else (weight / weight.mean()).astype(dtype))


def problem(target: str = "binary", hidden=(5,), activation="relu", network: dict | None = None, **training):
    """Specs for a target, with everything else as given."""
    output_activation, loss, accuracy, n_outputs = TARGETS[target]
    hidden = tuple(hidden)
    activations = (activation,) * len(hidden) if isinstance(activation, str) else tuple(activation)
    network_spec = NetworkSpec(
        **{
            "input_shape": (N_FEATURES,),
            "n_outputs": n_outputs,
            "output_activation": output_activation,
            "hidden_layer_sizes": hidden,
            "activations": activations,
            "kernel_initializers": ("glorot_uniform",) * (len(hidden) + 1),
            "dropouts": (0.0,) * len(hidden),
            **(network or {}),
        }
    )
    training_spec = TrainingSpec(
        **{
            "loss": loss,
            "optimizer": "adam",
            "learning_rate": 0.01,
            "batch_size": 8,
            "epochs": 3,
            "accuracy": accuracy,
            **training,
        }
    )
    return network_spec, training_spec


def initial_model(network: NetworkSpec, training: TrainingSpec):
    """The reference network with initial weights that leave no bias and no statistic at its default."""
    model = new_model(network, training, SEED)
    # Tracing Keras' step takes longer than these few steps do; the arithmetic is the same.
    model.run_eagerly = True
    generator = np.random.default_rng(SEED)
    weights = [w + generator.uniform(0.02, 0.2, w.shape).astype(w.dtype) for w in model.get_weights()]
    model.set_weights(weights)
    return model


def untrained(network: NetworkSpec, training: TrainingSpec, weights=None) -> TrainedNetwork:
    """A network with the weights of `initial_model`, or these, that has made no update."""
    weights = initial_model(network, training).get_weights() if weights is None else weights
    return TrainedNetwork(network, training, SEED, engine="numba", arrays=NetworkArrays(weights, None, None))


def trained_by(engine, network, training, data, validation=None, *, start=None, **job):
    """What an engine makes of it."""
    start = start or untrained(network, training)
    return train(Job(network, training, data, validation, seed=SEED, start=start, **job), engine=engine)


def same_order(data: ArrayData, training: TrainingSpec) -> ArrayBatches:
    """The batches that an engine with our seed makes of these rows."""
    return ArrayBatches(data, training.batch_size, order_of_epoch=Job(None, training, data, None, SEED).row_order)


def train_keras(network: NetworkSpec, training: TrainingSpec, data: ArrayData, validation: ArrayData | None = None):
    """(Keras model, its history, initial weights)."""
    model = initial_model(network, training)
    initial = model.get_weights()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = model.fit(
            same_order(data, training),
            validation_data=None if validation is None else ArrayBatches(validation, 7),
            epochs=training.epochs,
            shuffle=False,
            verbose=0,
        ).history
    return model, history, initial


def assert_equal_training(network, training, data, validation=None, tolerance: float = 1e-4):
    """Weights, optimizer state and history of machine code agree with Keras, relative to how far weights moved."""
    assert why_not_machine_code(network, training) is None
    model, history, initial = train_keras(network, training, data, validation)
    ours = trained_by("numba", network, training, data, validation, start=untrained(network, training, initial))
    _assert_equal(training, ours, model, history, initial, tolerance)
    return ours


def _assert_equal(training, result, model, history, initial, tolerance):
    arrays = result.trained.arrays
    for ours, theirs, before in zip(arrays.weights, model.get_weights(), initial, strict=True):
        moved = np.abs(theirs - before).max()
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * max(moved, 1e-3))
    theirs = [np.asarray(variable) for variable in model.optimizer.variables]
    assert [a.shape for a in arrays.optimizer] == [a.shape for a in theirs]
    assert [a.dtype for a in arrays.optimizer] == [a.dtype for a in theirs]
    # Each moment as a whole: a single one may be as good as zero.
    for ours, expected in zip(*(_moments(training, found) for found in (arrays.optimizer, theirs)), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance * np.abs(expected).max())
    recorded = result.history.as_lists()
    recorded.pop("learning_rate")
    # What we record besides has tests of its own.
    assert {name for name in recorded if not is_loss_without_penalty(name)} == history.keys()
    for name, values in history.items():
        np.testing.assert_allclose(recorded[name], values, rtol=tolerance, atol=1e-6, err_msg=name)


def _moments(training, variables):
    moments, iterations, u_product = resolve_optimizer(training).read_variables(variables)
    flat = [np.concatenate([np.ravel(array) for array in moment]).astype("float64") for moment in moments]
    return [*flat, np.array([iterations, u_product])]
