"""Dropout by its statistics, since its draws are its own."""

import math

import numpy as np
import pytest
from fused_reference import SEED, initial_model, order, problem, rows
from machine_code import DTYPES, call
from sknn_tune.engine._fused_dropout import dropout_keys
from sknn_tune.engine._fused_layers import dropped, uniform_bits

from sknn_tune.engine._job import Job
from sknn_tune.engine._tensorflow import tf
from sknn_tune.engine.formulas._selu import FLOOR
from sknn_tune.engine.loop._epochs import train_fused
from sknn_tune.engine.machine._kernels import layer_address
from sknn_tune.engine.machine._runner import JitRunner

SHAPE = (400, 250)


def _key(seed=0, step=0, layer=0):
    return tf.constant(dropout_keys(seed, step, 1, layer + 1)[0, layer])


def _uniform(**place):
    return uniform_bits(_key(**place), tf.zeros(SHAPE)).numpy()


def test_numbers_are_uniform():
    numbers = _uniform()
    assert numbers.min() >= 0 and numbers.max() < 1
    counts = np.histogram(numbers, bins=50, range=(0, 1))[0]
    expected = numbers.size / 50
    chi_squared = ((counts - expected) ** 2 / expected).sum()
    assert chi_squared < 85  # the 99.9th percentile with 49 degrees of freedom


def test_neighbours_are_uncorrelated():
    numbers = _uniform()
    for one, other in ((numbers[1:], numbers[:-1]), (numbers[:, 1:], numbers[:, :-1])):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.015


@pytest.mark.parametrize("place", [{"seed": 1}, {"step": 1}, {"layer": 1}])
def test_every_seed_update_and_layer_has_numbers_of_its_own(place):
    assert abs(np.corrcoef(_uniform().ravel(), _uniform(**place).ravel())[0, 1]) < 0.015


def test_keys_do_not_depend_on_how_updates_are_grouped():
    together = dropout_keys(3, 10, 6, 2)
    np.testing.assert_array_equal(together, np.concatenate([dropout_keys(3, 10, 2, 2), dropout_keys(3, 12, 4, 2)]))
    assert len(np.unique(dropout_keys(3, 0, 500, 3).reshape(-1, 2), axis=0)) == 1500


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_keeps_the_mean(rate):
    outputs, factor = dropped(tf.ones(SHAPE), _key(), tf.constant(rate), alpha=False)
    assert np.mean(outputs == 0) == pytest.approx(rate, abs=0.01)
    assert np.mean(outputs) == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(outputs, factor)


@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_alpha_dropout_keeps_mean_and_variance(rate):
    inputs = tf.constant(np.random.default_rng(0).normal(size=SHAPE).astype("float32"))
    outputs, factor = dropped(inputs, _key(), tf.constant(rate), alpha=True)
    assert np.mean(outputs) == pytest.approx(0, abs=0.02)
    assert np.var(outputs) == pytest.approx(1, abs=0.03)
    assert np.mean(factor.numpy() == 0) == pytest.approx(rate, abs=0.01)
    # Where a unit is kept, its output moves with its input by exactly this factor.
    moved, _ = dropped(inputs + 1, _key(), tf.constant(rate), alpha=True)
    np.testing.assert_allclose(moved - outputs, factor, atol=1e-5)


def _masked(inputs, rate, *, key=1, layer=0, first=0, alpha=False, in_place=False):
    """Outputs and mask of machine code, for ``inputs`` that begin at position ``first`` of their batch."""
    scale, shift = 1 / (1 - rate), 0.0
    if alpha:
        scale = 1 / math.sqrt((1 - rate) * (1 + rate * FLOOR**2))
        shift = -scale * FLOOR * rate
    inputs, kept, number = inputs.copy(), np.full_like(inputs, np.nan), inputs.dtype.type
    out = inputs if in_place else np.full_like(inputs, np.nan)
    address = layer_address("drop_to_floor" if alpha else "drop", inputs.dtype.name)
    place = np.uint64(key), layer, first, round(rate * 2**24)
    call(address, inputs, kept, out, inputs.size, *place, number(scale), number(shift))
    return out, kept


def _assert_uncorrelated(one, other):
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.015


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_masks_of_machine_code_keep_the_mean(rate, dtype):
    outputs, kept = _masked(np.ones(SHAPE, dtype), rate)
    np.testing.assert_array_equal(outputs, kept)
    np.testing.assert_array_equal(np.unique(kept), np.array([0, 1 / (1 - rate)], dtype))
    assert np.mean(outputs == 0) == pytest.approx(rate, abs=0.01)
    assert np.mean(outputs) == pytest.approx(1, abs=0.02)


def test_neighbours_in_masks_of_machine_code_are_uncorrelated():
    _, kept = _masked(np.ones(SHAPE, "float32"), 0.5)
    _assert_uncorrelated(kept[1:], kept[:-1])
    _assert_uncorrelated(kept[:, 1:], kept[:, :-1])
    assert np.ptp(kept.mean(axis=0)) < 0.45 and np.ptp(kept.mean(axis=1)) < 0.55  # no unit or row of its own


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_alpha_masks_of_machine_code_keep_mean_and_variance(rate, dtype):
    inputs = np.random.default_rng(0).normal(size=SHAPE).astype(dtype)
    outputs, kept = _masked(inputs, rate, alpha=True)
    assert np.mean(outputs) == pytest.approx(0, abs=0.02)
    assert np.var(outputs) == pytest.approx(1, abs=0.03)
    assert np.mean(kept == 0) == pytest.approx(rate, abs=0.01)
    # Where a unit is kept, its output moves with its input by exactly this factor.
    moved, _ = _masked(inputs + 1, rate, alpha=True)
    np.testing.assert_allclose(moved - outputs, kept, atol=1e-5)
    assert len(np.unique(outputs[kept == 0])) == 1


@pytest.mark.parametrize("alpha", [False, True], ids=["plain", "alpha"])
def test_what_is_dropped_in_place_is_the_same(alpha):
    inputs = np.random.default_rng(0).normal(size=SHAPE).astype("float32")
    for one, other in zip(*(_masked(inputs, 0.3, alpha=alpha, in_place=here) for here in (False, True)), strict=True):
        np.testing.assert_array_equal(one, other)


#: Neighbouring numbers, and one bit far up or in the middle.
PLACES = [{"key": 2}, {"key": 1 + 2**63}, {"key": 1 + 2**32}, {"layer": 1}, {"layer": 2}]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: "-".join(f"{k}{v}" for k, v in place.items()))
def test_every_key_and_layer_has_masks_of_its_own(place):
    one, other = (_masked(np.ones(SHAPE, "float32"), 0.5, **at)[1] for at in ({}, place))
    _assert_uncorrelated(one, other)
    for shift in (1, 2, SHAPE[1]):  # nor the same numbers a little further on
        _assert_uncorrelated(one.ravel()[shift:], other.ravel()[:-shift])
        _assert_uncorrelated(one.ravel()[:-shift], other.ravel()[shift:])


@pytest.mark.parametrize("alpha", [False, True], ids=["plain", "alpha"])
@pytest.mark.parametrize("n_first", [0, 1, 13, 22])
def test_masks_of_machine_code_do_not_depend_on_how_a_batch_is_split(n_first, alpha):
    inputs = np.random.default_rng(0).normal(size=(22, 7)).astype("float32")
    whole = _masked(inputs, 0.3, alpha=alpha)
    parts = [
        _masked(inputs[part], 0.3, first=first * 7, alpha=alpha)
        for first, part in ((0, slice(n_first)), (n_first, slice(n_first, None)))
    ]
    for one, of_parts in zip(whole, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(of_parts))


def test_nothing_is_dropped_at_a_rate_of_zero_and_nan_is_not_hidden_by_a_mask():
    inputs = np.random.default_rng(0).normal(size=SHAPE).astype("float32")
    np.testing.assert_array_equal(_masked(inputs, 0.0)[0], inputs)
    assert np.isnan(_masked(np.full(SHAPE, np.nan, "float32"), 0.5)[0]).all()


@pytest.mark.parametrize("n_epochs", [1, 3])
def test_every_update_of_a_fit_has_a_key_of_its_own(n_epochs):
    """Neither the seeds, nor the epochs, nor the updates of an epoch share one."""
    network, training = problem(hidden=(6, 5), network=DROPOUT, batch_size=1)
    found = []
    for seed in (1, 2):
        job = Job(network, training, rows("binary", n_rows=500), None, order(500), seed, None)
        runner = JitRunner(job, watched=True)
        found += [runner._keys(epoch) for epoch in range(n_epochs)]
    keys = np.concatenate(found)
    assert keys.dtype == np.uint64 and len(np.unique(keys)) == len(keys) == 1000 * n_epochs


def _trained(network, training, **how):
    model = initial_model(network, training)
    return train_fused(
        network,
        training,
        rows("binary"),
        None,
        initial_weights=model.get_weights(),
        initial_optimizer=None,
        row_order=order(22),
        **{"dropout_seed": SEED, "way": "graph", **how},
    )


DROPOUT = {"dropouts": (0.4, 0.2), "input_dropout": 0.1}


@pytest.mark.parametrize("way", ["numba", "graph"])
@pytest.mark.parametrize("activation", ["relu", "selu"])
def test_same_seed_same_weights_and_another_seed_others(activation, way):
    network, training = problem(hidden=(6, 5), activation=activation, network=DROPOUT)
    one, again, other = (_trained(network, training, dropout_seed=seed, way=way) for seed in (1, 1, 2))
    for a, b in zip(one.weights, again.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any() for a, b in zip(one.weights, other.weights, strict=True))


def test_compiled_and_uncompiled_programs_draw_the_same():
    network, training = problem(hidden=(6, 5), activation="selu", network=DROPOUT)
    one, other = (_trained(network, training, way=way) for way in ("graph", "compiled"))
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("way", ["numba", "graph"])
def test_the_mean_gradient_under_dropout_is_that_without(way):
    """A linear network: over many masks the gradient has the mean of the undropped one."""
    network, training = problem(
        "regression", hidden=(4,), activation="linear", optimizer="sgd", learning_rate=1e-3, epochs=1, batch_size=22
    )
    dropping, _ = problem("regression", hidden=(4,), activation="linear", network={"dropouts": (0.5,)})
    model = initial_model(network, training)
    initial = model.get_weights()

    def move(network, seed):
        result = train_fused(
            network,
            training,
            rows("regression"),
            None,
            initial_weights=initial,
            initial_optimizer=None,
            row_order=order(22),
            dropout_seed=seed,
            way=way,
        )
        return result.weights[-1] - initial[-1]  # the output bias: its gradient is linear in the mask

    moves = np.array([move(dropping, seed) for seed in range(300)])
    error = moves.std() / np.sqrt(300)
    assert np.mean(moves) == pytest.approx(move(network, 0).item(), abs=4 * error)
