"""Machine code against ``keras.Model.fit``: same initial weights and row order, three epochs with a
partial last batch; weights, optimizer state and history agree to 1e-4 relative."""

import numpy as np
import pytest
from reference import assert_equal_training, problem, rows

from sknn_tune.engine._scope import averages_activity_penalties
from sknn_tune.specs import ScheduleSpec

SCHEDULES = {
    "inverse_time": ScheduleSpec("inverse_time", 0.5, 3),
    "staircase": ScheduleSpec("exponential", 0.5, 3, staircase=True),
    "exponential": ScheduleSpec("exponential", 0.5, 3),
    "piecewise": ScheduleSpec("piecewise", 0.5, 1, boundaries=(3, 6)),
    "cosine": ScheduleSpec("cosine", 0.5, 8),
}
PENALTIES = {
    "none": {},
    "kernel": {"l1": 0.01, "l2": 0.02},
    "activity": {"activity_l1": 0.01, "activity_l2": 0.02},
}

#: target, activation, batch_norm, penalty, optimizer, schedule, weighted. Every value of
#: each stands beside several of every other; a full product would take an hour.
COMMON_TABLE = [
    ("binary", "relu", None, "none", "adam", None, False),
    ("binary", "tanh", "before", "kernel", "sgd_momentum", "cosine", True),
    ("binary", "selu", "after", "activity", "nadam", "piecewise", True),
    ("binary", "gelu", None, "kernel", "rmsprop_momentum", "inverse_time", False),
    ("multiclass", "relu", "before", "activity", "adamw", "exponential", True),
    ("multiclass", "elu", None, "kernel", "adagrad", None, False),
    ("multiclass", "leaky_relu", "after", "none", "sgd_nesterov", "staircase", True),
    ("multiclass", "silu", "before", "none", "nadam", None, False),
    ("one_hot", "tanh", "after", "kernel", "rmsprop", "cosine", True),
    ("one_hot", "softplus", None, "activity", "sgd", "piecewise", False),
    ("multilabel", "mish", None, "none", "adam", "inverse_time", True),
    ("multilabel", "relu", "after", "kernel", "sgd_momentum", None, True),
    ("multilabel", "sigmoid", "before", "activity", "adagrad", "exponential", False),
    ("regression", "relu", "before", "kernel", "adam", "staircase", True),
    ("regression", "hard_silu", None, "activity", "adamw", "cosine", False),
    ("regression", "celu", "after", "none", "rmsprop", "exponential", True),
    ("regressions", "tanh", None, "kernel", "nadam", "inverse_time", True),
    ("regressions", "relu", "after", "activity", "sgd_nesterov", None, False),
    ("regressions", "softsign", "before", "none", "rmsprop_momentum", "piecewise", True),
]
OPTIMIZERS = {
    "sgd": ("sgd", {}),
    "sgd_momentum": ("sgd", {"momentum": 0.9}),
    "sgd_nesterov": ("sgd", {"momentum": 0.9, "nesterov": True}),
    "rmsprop_momentum": ("rmsprop", {"momentum": 0.5}),
}


def _optimizer(name):
    optimizer, arguments = OPTIMIZERS.get(name, (name, {}))
    return {"optimizer": optimizer, "optimizer_arguments": tuple(arguments.items())}


@pytest.mark.few(5)
@pytest.mark.parametrize(
    ("target", "activation", "batch_norm", "penalty", "optimizer", "schedule", "weighted"), COMMON_TABLE
)
def test_agrees_with_keras(target, activation, batch_norm, penalty, optimizer, schedule, weighted):
    if penalty == "activity" and not averages_activity_penalties():
        pytest.skip("this Keras adds activity penalties up over the rows of a batch, so such fits are left to it")
    network, training = problem(
        target,
        hidden=(5, 4),
        activation=activation,
        network={"batch_norm": batch_norm, "negative_slope": 0.05, **PENALTIES[penalty]},
        schedule=SCHEDULES.get(schedule),
        **_optimizer(optimizer),
    )
    validation = rows(target, n_rows=15, weighted=weighted, seed=1)
    assert_equal_training(network, training, rows(target, weighted=weighted), validation)


@pytest.mark.few(4)
@pytest.mark.parametrize("arguments", [{"global_clipnorm": 0.1}, {"clipvalue": 0.02}, {"weight_decay": 0.1}])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_clipping_and_weight_decay_agree_with_keras(optimizer, arguments):
    network, training = problem(optimizer=optimizer, optimizer_arguments=tuple(arguments.items()))
    assert_equal_training(network, training, rows("binary"))


@pytest.mark.few(3)
@pytest.mark.parametrize("loss", ["mean_absolute_error", "huber", "log_cosh", "poisson", "mse"])
def test_losses_of_regression_agree_with_keras(loss):
    network, training = problem(
        "regressions",
        loss=loss,
        loss_arguments=(("delta", 0.3),) if loss == "huber" else (),
        network={"output_activation": "softplus" if loss == "poisson" else "linear"},
    )
    assert_equal_training(network, training, rows("regressions"))


@pytest.mark.parametrize("hidden", [(), (3,), (6, 5, 4)])
def test_any_depth_agrees_with_keras(hidden):
    network, training = problem("multiclass", hidden=hidden)
    assert_equal_training(network, training, rows("multiclass"))


def test_layers_may_have_activations_of_their_own():
    network, training = problem(hidden=(5, 4, 3), activation=("tanh", "relu", "softmax"))
    assert_equal_training(network, training, rows("binary"))


def test_double_precision_agrees_to_double_precision():
    # Not Adam: Keras rounds its betas to single precision, so that 1 - 0.999 is right to five digits only.
    network, training = problem(network={"dtype": "float64", "batch_norm": "before", "l2": 0.01}, optimizer="sgd")
    assert_equal_training(network, training, rows("binary", dtype="float64"), tolerance=1e-6)


def test_sparse_rows_train_as_dense_ones():
    from dataclasses import replace

    from scipy.sparse import csr_array

    network, training = problem()
    dense = rows("binary")
    sparse = replace(dense, X=csr_array(dense.X))
    of_dense, of_sparse = (assert_equal_training(network, training, data, data).trained for data in (dense, sparse))
    for one, other in zip(of_dense.weights, of_sparse.weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("batch_size", [22, 21, 1])
def test_batches_of_all_rows_and_of_one_agree_with_keras(batch_size):
    network, training = problem(batch_size=batch_size, network={"batch_norm": "after"} if batch_size > 1 else None)
    assert_equal_training(network, training, rows("binary", weighted=True))
