"""Dropout by its statistics, since its draws are its own."""

import numpy as np
import pytest
from fused_reference import SEED, initial_model, order, problem, rows

from sknn_tune.engine._fused_dropout import dropout_keys
from sknn_tune.engine._fused_layers import dropped, uniform_bits
from sknn_tune.engine._fused_path import train_fused
from sknn_tune.engine._numpy_dropout import DropoutMask, bits_of_epoch
from sknn_tune.engine._tensorflow import tf

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


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_masks_of_numpy_keep_the_mean(rate):
    mask = DropoutMask(rate, SHAPE, np.float32)
    mask.draw(bits_of_epoch(0, 0))
    outputs, gradient = np.empty(SHAPE, "float32"), np.ones(SHAPE, "float32")
    mask.forward(np.ones(SHAPE, "float32"), outputs)
    mask.backward(gradient)
    np.testing.assert_array_equal(outputs, gradient)
    assert np.mean(outputs == 0) == pytest.approx(rate, abs=0.01)
    assert np.mean(outputs) == pytest.approx(1, abs=0.02)
    dropped = outputs == 0
    for one, other in ((dropped[1:], dropped[:-1]), (dropped[:, 1:], dropped[:, :-1])):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.015


@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_alpha_masks_of_numpy_keep_mean_and_variance(rate):
    inputs = np.random.default_rng(0).normal(size=SHAPE).astype("float32")
    mask, outputs, gradient = (
        DropoutMask(rate, SHAPE, np.float32, alpha=True),
        np.empty_like(inputs),
        np.ones_like(inputs),
    )
    mask.draw(bits_of_epoch(0, 0))
    mask.forward(inputs, outputs)
    mask.backward(gradient)
    assert np.mean(outputs) == pytest.approx(0, abs=0.02)
    assert np.var(outputs) == pytest.approx(1, abs=0.03)
    assert np.mean(gradient == 0) == pytest.approx(rate, abs=0.01)
    moved = np.empty_like(inputs)
    mask.forward(inputs + 1, moved)
    np.testing.assert_allclose(moved - outputs, gradient, atol=1e-5)


@pytest.mark.parametrize("place", [(1, 0), (0, 1)])
def test_every_seed_and_epoch_has_masks_of_its_own(place):
    masks = []
    for at in ((0, 0), place):
        mask, drawn = DropoutMask(0.5, SHAPE, np.float32), np.ones(SHAPE, "float32")
        mask.draw(bits_of_epoch(*at))
        mask.backward(drawn)
        masks.append(drawn.ravel())
    assert abs(np.corrcoef(*masks)[0, 1]) < 0.015


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


@pytest.mark.parametrize("way", ["numpy", "graph"])
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


@pytest.mark.parametrize("way", ["numpy", "graph"])
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
