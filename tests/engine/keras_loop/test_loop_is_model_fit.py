"""The compiled loop against ``keras.Model.fit``: same initial weights, row order and seeds, and every bit the same."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from reference import skip_without_optimizer

from sknn_tune.engine import Job
from sknn_tune.engine._seeding import derived_seed
from sknn_tune.engine.keras_loop._compiled_steps import CompiledSteps
from sknn_tune.engine.keras_loop._model_fit import train_by_model_fit
from sknn_tune.engine.keras_loop._runner import KerasRunner
from sknn_tune.engine.keras_loop._traced_model import TracedModel
from sknn_tune.engine.loop import run_epochs
from sknn_tune.engine.models import make_optimizer, new_model
from sknn_tune.engine.models._seeded_defaults import seeded_defaults
from sknn_tune.specs import ArrayData, CustomNetworkSpec, NetworkSpec, StoppingSpec, TrainingSpec
from sknn_tune.specs._vocabulary import OPTIMIZERS

SEED = 3
N_ROWS = 22  # two whole batches of eight and a partial one


def _data(shape, n_outputs=1, classes=None, weighted=False, seed=0, n_rows=N_ROWS):
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n_rows, *shape)).astype("float32")
    if classes is not None:
        y = generator.integers(classes, size=n_rows)
    else:
        y = generator.normal(size=(n_rows, n_outputs)).astype("float32")
    weight = generator.uniform(0.2, 2, n_rows).astype("float32") if weighted else None
    return ArrayData(X, y, weight)


def _custom(build, shape, kind="continuous"):
    meta = {"X_shape_": (N_ROWS, *shape), "target_type_": kind, "n_outputs_": 1}
    return CustomNetworkSpec(build, {}, meta, {})


def _dense_spec(**changes):
    fields = {
        "input_shape": (4,),
        "n_outputs": 1,
        "output_activation": "linear",
        "hidden_layer_sizes": (6,),
        "activations": ("tanh",),
        "kernel_initializers": ("glorot_uniform",) * 2,
        "dropouts": (0.0,),
    }
    return NetworkSpec(**{**fields, **changes})


def _training(**changes):
    fields = {"loss": "mean_squared_error", "optimizer": "adam", "learning_rate": 0.01, "batch_size": 8, "epochs": 3}
    return TrainingSpec(**{**fields, **changes})


def convolution():
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.SpatialDropout2D(0.3),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def recurrent():
    return keras.Sequential([keras.Input((5, 3)), layers.LSTM(4, dropout=0.2, recurrent_dropout=0.2), layers.Dense(1)])


def attention():
    inputs = keras.Input((5, 4))
    attended = layers.MultiHeadAttention(2, 2, dropout=0.1)(inputs, inputs)
    outputs = layers.Dense(1)(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(inputs + attended)))
    return keras.Model(inputs, outputs)


class Penalised(layers.Layer):
    """Adds a loss of its own, which depends on the rows."""

    def call(self, inputs):
        self.add_loss(0.1 * keras.ops.mean(keras.ops.square(inputs)))
        return inputs


def with_added_loss():
    return keras.Sequential([keras.Input((4,)), layers.Dense(5, activation="gelu"), Penalised(), layers.Dense(1)])


class OwnStep(keras.Model):
    """Trains and tests by steps of its own, and returns numbers that no metric holds."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = layers.Dense(5, activation="relu"), layers.Dense(1)

    def call(self, inputs):
        return self.out(self.hidden(inputs))

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            error = keras.ops.mean(keras.ops.abs(self(x, training=True) - y))
        gradients = tape.gradient(error, self.trainable_weights)
        self.optimizer.apply(gradients, self.trainable_weights)
        return {"loss": error, "rows": keras.ops.shape(x)[0]}

    def test_step(self, data):
        x, y = data
        return {"loss": keras.ops.mean(keras.ops.abs(self(x, training=False) - y))}


def own_step():
    model = OwnStep()
    model(np.zeros((1, 4), "float32"))
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    return model


class OwnLossAndMetrics(keras.Model):
    """Overrides what the standard step calls."""

    def __init__(self):
        super().__init__()
        self.out = layers.Dense(1)
        self.seen = keras.metrics.Mean(name="seen")

    def call(self, inputs, training=None):
        return self.out(inputs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(keras.ops.square(y_pred - y)) + 0.01 * keras.ops.sum(keras.ops.abs(self.out.kernel))

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        results = super().compute_metrics(x, y, y_pred, sample_weight)
        self.seen.update_state(y_pred)
        return {**results, "seen": self.seen.result()}


def own_loss():
    model = OwnLossAndMetrics()
    model(np.zeros((1, 4), "float32"))
    return model


def mixed_precision():
    policy = keras.dtype_policies.DTypePolicy("mixed_float16")
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(6, activation="relu", dtype=policy),
            layers.Dense(1, dtype=policy),
            layers.Activation("linear", dtype="float32"),
        ]
    )


CLASSES = {"loss": "sparse_categorical_crossentropy", "accuracy": "index"}
CASES = {
    "dense": (_dense_spec(), _training(), {}),
    "batch norm and dropout": (_dense_spec(batch_norm="before", dropouts=(0.4,), input_dropout=0.1), _training(), {}),
    "alpha dropout": (_dense_spec(activations=("selu",), dropouts=(0.2,)), _training(), {}),
    "penalties": (_dense_spec(l1=0.01, l2=0.02, activity_l2=0.1), _training(), {}),
    "several outputs": (_dense_spec(n_outputs=3), _training(), {"n_outputs": 3}),
    "sample weights": (_dense_spec(), _training(), {"weighted": True}),
    "double precision": (_dense_spec(dtype="float64"), _training(), {}),
    "metrics": (_dense_spec(), _training(metrics=["mae", "mse"]), {"weighted": True}),
    "cosine schedule": (_dense_spec(), _training(optimizer_arguments=(("global_clipnorm", 0.1),)), {}),
    "averaged weights": (_dense_spec(), _training(optimizer_arguments=(("use_ema", True),)), {}),
    "gathered gradients": (_dense_spec(), _training(optimizer_arguments=(("gradient_accumulation_steps", 2),)), {}),
    "scaled loss": (_dense_spec(), _training(optimizer_arguments=(("loss_scale_factor", 8.0),)), {}),
    "convolution": (_custom(convolution, (6, 6, 1), "multiclass"), _training(**CLASSES), {"classes": 3}),
    "convolution, weighted": (
        _custom(convolution, (6, 6, 1), "multiclass"),
        _training(**CLASSES),
        {"classes": 3, "weighted": True},
    ),
    "recurrent": (_custom(recurrent, (5, 3)), _training(), {}),
    "attention": (_custom(attention, (5, 4)), _training(), {}),
    "added loss": (_custom(with_added_loss, (4,)), _training(), {}),
    "own step": (_custom(own_step, (4,)), _training(), {}),
    "own loss": (_custom(own_loss, (4,)), _training(), {}),
    "mixed precision": (
        _custom(mixed_precision, (4,)),
        _training(optimizer_arguments=(("loss_scale_factor", 64.0),)),
        {},
    ),
    **{f"optimizer {name}": (_dense_spec(), _training(optimizer=name), {}) for name in OPTIMIZERS},
}


def _both(network, training, data, validation=None):
    """(model, course) of the loop and of ``Model.fit``."""
    job = Job(network, training, data, validation, seed=SEED)
    found = []
    for train in (_by_loop, train_by_model_fit):
        with seeded_defaults(derived_seed(SEED, "test")):
            model = new_model(network, training, SEED)
            found.append((model, train(job, model, [])))
    return found


def _by_loop(job, model, callbacks):
    runner = KerasRunner(job, TracedModel(model))
    return run_epochs(job, runner, callbacks, lambda: None)


def _assert_same(one, other):
    (model, course), (by_fit, expected) = one, other
    for ours, theirs in zip(model.variables, by_fit.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs), err_msg=theirs.path)
    for ours, theirs in zip(model.optimizer.variables, by_fit.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs), err_msg=theirs.path)
    assert course.n_steps == expected.n_steps and course.best_epoch == expected.best_epoch
    ours, theirs = course.history.as_lists(), expected.history.as_lists()
    assert set(ours) == set(theirs)
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-6, atol=1e-7, err_msg=name)


@pytest.mark.few(8)
@pytest.mark.parametrize("name", CASES)
def test_every_bit_is_that_of_model_fit(name):
    network, training, kind = CASES[name]
    skip_without_optimizer(training.optimizer)
    shape = network.input_shape if isinstance(network, NetworkSpec) else network.meta["X_shape_"][1:]
    data, validation = _data(shape, **kind), _data(shape, **kind, seed=1, n_rows=10)
    _assert_same(*_both(network, training, data, validation))


@pytest.mark.parametrize("restore", [True, False])
def test_early_stopping_is_that_of_keras(restore):
    stopping = StoppingSpec("val_loss", 1, 0.0, restore)
    training = _training(learning_rate=0.3, epochs=20, stopping=stopping, optimizer_arguments=(("use_ema", True),))
    both = _both(_dense_spec(), training, _data((4,)), _data((4,), seed=1))
    assert both[0][1].history.epochs != () and len(both[0][1].history.epochs) < 20
    _assert_same(*both)


def _several_heads():
    inputs = keras.Input((4,))
    hidden = layers.Dense(6, activation="relu", kernel_initializer=keras.initializers.GlorotUniform(1))(inputs)
    heads = {
        "value": layers.Dense(1, name="value", kernel_initializer=keras.initializers.GlorotUniform(2))(hidden),
        "kind": layers.Dense(
            3, activation="softmax", name="kind", kernel_initializer=keras.initializers.GlorotUniform(3)
        )(hidden),
    }
    model = keras.Model(inputs, heads)
    model.compile(
        optimizer=make_optimizer(_training()),
        loss={"value": "mse", "kind": "sparse_categorical_crossentropy"},
        metrics={"kind": ["accuracy"]},
    )
    return model


def test_a_model_with_several_heads_is_trained_as_by_model_fit():
    data = _data((4,))
    targets = {"value": data.y, "kind": np.arange(N_ROWS) % 3}
    by_loop, by_fit = _several_heads(), _several_heads()
    history = by_fit.fit(data.X, targets, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    by_loop.train_on_batch(data.X[:8], {name: target[:8] for name, target in targets.items()})  # makes all variables
    by_loop.set_weights(_several_heads().get_weights())
    for variable in by_loop.optimizer.variables:
        variable.assign(np.zeros(variable.shape) if variable.name != "learning_rate" else 0.01)
    steps = CompiledSteps(by_loop, "train_step", (data.X, targets), 8)
    for epoch in range(2):
        by_loop.reset_metrics()
        steps(np.arange(N_ROWS))
        assert float(by_loop.get_metrics_result()["loss"]) == pytest.approx(history["loss"][epoch], rel=1e-6)
    for ours, theirs in zip(by_loop.get_weights(), by_fit.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
