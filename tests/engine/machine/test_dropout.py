"""Dropout of machine code by its statistics, since its draws are its own."""

import math

import numpy as np
import pytest
from machine_code import DTYPES, call
from reference import initial_model, problem, rows, untrained

from sknn_tune.engine import Job, train
from sknn_tune.engine.formulas import FLOOR
from sknn_tune.engine.machine._kernels import layer_address
from sknn_tune.engine.machine._runner import MachineRunner

SHAPE = (400, 250)


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


def test_the_numbers_behind_masks_are_uniform():
    """A higher rate drops what a lower one dropped and more, so masks tell where each number lies."""
    rates = np.arange(1, 50) / 50
    dropped = [int((_masked(np.ones(SHAPE, "float32"), rate)[1] == 0).sum()) for rate in rates]
    counts = np.diff([0, *dropped, math.prod(SHAPE)])
    expected = math.prod(SHAPE) / 50
    assert ((counts - expected) ** 2 / expected).sum() < 85  # the 99.9th percentile with 49 degrees of freedom


DROPOUT = {"dropouts": (0.4, 0.2), "input_dropout": 0.1}


@pytest.mark.parametrize("n_epochs", [1, 3])
def test_every_update_of_a_fit_has_a_key_of_its_own(n_epochs):
    """Neither the seeds, nor the epochs, nor the updates of an epoch share one."""
    network, training = problem(hidden=(6, 5), network=DROPOUT, batch_size=1)
    start = untrained(network, training).arrays
    found = []
    for seed in (1, 2):
        job = Job(network, training, rows("binary", n_rows=500), None, seed)
        runner = MachineRunner(job, start, metrics=None, watched=True)
        found += [runner._keys_of(epoch)(500) for epoch in range(n_epochs)]
    keys = np.concatenate(found)
    assert keys.dtype == np.uint64 and len(np.unique(keys)) == len(keys) == 1000 * n_epochs


def _trained(network, training, seed, start=None, target="binary"):
    start = start or untrained(network, training)
    return train(Job(network, training, rows(target), None, seed, start=start), engine="numba").trained.weights


@pytest.mark.parametrize("activation", ["relu", "selu"])
def test_same_seed_same_weights_and_another_seed_others(activation):
    network, training = problem(hidden=(6, 5), activation=activation, network=DROPOUT, shuffle=False)
    one, again, other = (_trained(network, training, seed) for seed in (1, 1, 2))
    for a, b in zip(one, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


def test_the_mean_gradient_under_dropout_is_that_without():
    """A linear network: over many masks the gradient has the mean of the undropped one."""
    network, training = problem(
        "regression", hidden=(4,), activation="linear", optimizer="sgd", learning_rate=1e-3, epochs=1, batch_size=22
    )
    dropping, _ = problem("regression", hidden=(4,), activation="linear", network={"dropouts": (0.5,)})
    initial = initial_model(network, training).get_weights()

    def move(network, seed):
        weights = _trained(network, training, seed, untrained(network, training, initial), "regression")
        return weights[-1] - initial[-1]  # the output bias: its gradient is linear in the mask

    moves = np.array([move(dropping, seed) for seed in range(300)])
    error = moves.std() / np.sqrt(300)
    assert np.mean(moves) == pytest.approx(move(network, 0).item(), abs=4 * error)
