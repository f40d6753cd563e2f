"""Members that share weights: machine code against ``keras.Model.fit``, as in the test of parity."""

from dataclasses import replace

import numpy as np
import pytest
from reference import assert_equal_training, initial_model, problem, rows, trained_by, untrained
from scipy.sparse import csr_array

from sknn_tune.engine import Job, train
from sknn_tune.engine._scope import averages_activity_penalties
from sknn_tune.engine.machine import _updates
from sknn_tune.engine.machine._initial_weights import initial_weights
from sknn_tune.engine.models import build_network
from sknn_tune.specs import ScheduleSpec

PENALTIES = {
    "none": {},
    "kernel": {"l1": 0.01, "l2": 0.02},
    "activity": {"activity_l1": 0.01, "activity_l2": 0.02},
}
SCHEDULE = ScheduleSpec("exponential", 0.5, 3)

#: target, activation, penalty, optimizer, its arguments, weighted.
TABLE = [
    ("binary", "relu", "none", "adam", {}, False),
    ("binary", "tanh", "kernel", "sgd", {"momentum": 0.9}, True),
    ("binary", "selu", "activity", "nadam", {}, True),
    ("multiclass", "gelu", "kernel", "rmsprop", {"momentum": 0.5}, False),
    ("multiclass", "elu", "activity", "adamw", {"weight_decay": 0.1}, True),
    ("one_hot", "leaky_relu", "kernel", "rmsprop", {}, True),
    ("one_hot", "softmax", "none", "sgd", {}, False),
    ("multilabel", "silu", "activity", "adagrad", {}, True),
    ("multilabel", "mish", "none", "adam", {"global_clipnorm": 0.05}, False),
    ("regression", "softplus", "kernel", "adamw", {}, True),
    ("regression", "hard_silu", "activity", "sgd", {"momentum": 0.9, "nesterov": True}, False),
    ("regressions", "celu", "none", "nadam", {"clipvalue": 0.02}, True),
    ("regressions", "softsign", "kernel", "adagrad", {}, False),
]


def of_members(target="binary", n_members=3, network=None, **given):
    return problem(target, network={"n_members": n_members, **(network or {})}, **given)


@pytest.mark.few(4)
@pytest.mark.parametrize(("target", "activation", "penalty", "optimizer", "arguments", "weighted"), TABLE)
def test_agrees_with_keras(target, activation, penalty, optimizer, arguments, weighted):
    if penalty == "activity" and not averages_activity_penalties():
        pytest.skip("this Keras adds activity penalties up over the rows of a batch, so such fits are left to it")
    network, training = of_members(
        target,
        hidden=(5, 4),
        activation=activation,
        network={"negative_slope": 0.05, **PENALTIES[penalty]},
        schedule=SCHEDULE if weighted else None,
        optimizer=optimizer,
        optimizer_arguments=tuple(arguments.items()),
    )
    validation = rows(target, n_rows=15, weighted=weighted, seed=1)
    assert_equal_training(network, training, rows(target, weighted=weighted), validation)


@pytest.mark.few(2)
@pytest.mark.parametrize("loss", ["mean_absolute_error", "huber", "log_cosh", "poisson"])
def test_losses_of_regression_agree_with_keras(loss):
    network, training = of_members(
        "regressions",
        loss=loss,
        network={"output_activation": "softplus" if loss == "poisson" else "linear"},
    )
    assert_equal_training(network, training, rows("regressions"), rows("regressions", seed=1))


@pytest.mark.few(2)
@pytest.mark.parametrize("hidden", [(), (3,), (6, 5, 4)])
def test_any_depth_agrees_with_keras(hidden):
    assert_equal_training(*of_members("multiclass", hidden=hidden), rows("multiclass"), rows("multiclass", seed=1))


@pytest.mark.parametrize("batch_size", [22, 1])
def test_batches_of_all_rows_and_of_one_agree_with_keras(batch_size):
    assert_equal_training(*of_members(batch_size=batch_size), rows("binary", weighted=True))


def test_double_precision_agrees_to_double_precision():
    # As in the test of parity, not Adam, whose betas Keras rounds to single precision.
    network, training = of_members(network={"dtype": "float64", "l2": 0.01}, optimizer="sgd", hidden=(5, 4))
    assert_equal_training(network, training, rows("binary", dtype="float64"), tolerance=1e-6)


@pytest.mark.parametrize("initializer", ["he_normal", "random_normal"])
def test_engines_start_from_the_same_weights(initializer):
    network, _ = of_members(hidden=(5, 4), network={"kernel_initializers": (initializer,) * 3})
    ours, theirs = initial_weights(network, 3), build_network(network, 3).get_weights()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_members_start_from_signs_of_their_own_and_heads_of_their_own():
    network, _ = of_members(hidden=(5, 4), n_members=6)
    _, signs, scales, biases, _, second, *_, heads, _ = initial_weights(network, 0)
    assert set(np.unique(signs)) == {-1, 1}
    assert len(np.unique(signs, axis=0)) > 1
    assert (scales == 1).all()
    assert (second == 1).all()
    assert not biases.any()
    assert len(np.unique(heads, axis=0)) == 6


def test_members_of_more_begin_as_those_of_fewer():
    few, many = (initial_weights(of_members(n_members=n)[0], 0) for n in (2, 5))
    for one, other in zip(few, many, strict=True):
        np.testing.assert_array_equal(one, other if one.shape == other.shape else other[:2])


def test_scales_that_are_all_one_and_equal_heads_are_one_network():
    """The mean of equal members is each of them, and each is a network with the shared kernels."""
    network, training = of_members(hidden=(5, 4))
    alone, _ = problem(hidden=(5, 4))
    weights = initial_model(alone, training).get_weights()
    kernel, bias, second, second_bias, head, head_bias = weights
    ones = np.ones((3, 4), "float32"), np.ones((3, 5), "float32")

    def thrice(array):
        return np.stack([array] * 3)

    shared = [kernel, *ones, thrice(bias), second, ones[1], ones[0], thrice(second_bias)]
    shared += [thrice(head), thrice(head_bias)]
    data = rows("binary", weighted=True)
    of_one = trained_by("numba", alone, training, data, start=untrained(alone, training, weights))
    first_loss = [
        trained_by(engine, network, training, data, start=untrained(network, training, shared)).history.epochs[0][
            "loss"
        ]
        for engine in ("numba", "keras")
    ]
    untouched = [
        untrained(spec, training, given).predict(data.X) for spec, given in ((alone, weights), (network, shared))
    ]
    np.testing.assert_allclose(*untouched, rtol=1e-6)
    np.testing.assert_allclose(first_loss, of_one.history.epochs[0]["loss"], rtol=0.02)


@pytest.mark.parametrize("dropout", [{"input_dropout": 0.3}, {"dropouts": (0.5, 0.2)}, {"activations": ("selu",) * 2}])
def test_every_member_has_dropout_masks_of_its_own(dropout):
    """Equal members stay equal without dropout, and part with it."""
    given = {"dropouts": (0.4, 0.0), **dropout} if "activations" in dropout else dropout
    for settings, part in (({}, False), (given, True)):
        network, training = of_members(hidden=(5, 4), network=settings, optimizer="sgd", epochs=1, batch_size=22)
        weights = initial_weights(network, 0)
        for place in (1, 8):  # signs and heads
            weights[place] = np.stack([weights[place][0]] * 3)
        result = trained_by("numba", network, training, rows("binary"), start=untrained(network, training, weights))
        heads = result.trained.weights[8]
        assert np.array_equal(heads[0], heads[1]) is not part
        assert np.isfinite(heads).all()


def test_dropout_changes_no_mean():
    """With targets far below, the absolute error is linear in the outputs of a linear network."""
    linear = {"activations": ("linear",), "dropouts": (0.5,), "input_dropout": 0.2}
    settings = {"hidden": (50,), "n_members": 8, "loss": "mean_absolute_error", "learning_rate": 1e-9, "epochs": 300}
    dropping, training = of_members("regression", network=linear, **settings)
    data = rows("regression")
    data = replace(data, y=data.y - 1000)
    dropped, kept = (
        np.array(train(Job(network, training, data, None, seed=0), engine="numba").history.as_lists()["loss"])
        for network in (dropping, replace(dropping, dropouts=(0.0,), input_dropout=0.0))
    )
    assert dropped.std() > 0.01
    np.testing.assert_allclose(dropped.mean(), kept.mean(), atol=4 * dropped.std() / np.sqrt(300))


@pytest.mark.parametrize("batch_size", [8, 7])
def test_the_parts_of_an_update_do_not_change_it(monkeypatch, batch_size):
    """Of a last batch of one row, two of three parts have none."""
    dropout = {"dropouts": (0.3, 0.0), "input_dropout": 0.2}
    network, training = of_members(hidden=(5, 4), network=dropout, batch_size=batch_size)
    found = []
    for n in (1, 3):
        monkeypatch.setattr(_updates, "n_parts", lambda *given, n=n: n)
        found.append(trained_by("numba", network, training, rows("binary", weighted=True)))
    one, three = (result.trained.weights for result in found)
    for first, second in zip(one, three, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-6)


def test_sparse_rows_train_as_dense_ones():
    network, training = of_members()
    dense = rows("binary")
    results = [
        trained_by("numba", network, training, data, data) for data in (dense, replace(dense, X=csr_array(dense.X)))
    ]
    for one, other in zip(*(result.trained.weights for result in results), strict=True):
        np.testing.assert_array_equal(one, other)
