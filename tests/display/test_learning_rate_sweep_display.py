"""The picture of a sweep shows what the sweep says."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from sknn_tune import KerasClassifier
from sknn_tune.display import LearningRateSweepDisplay
from sknn_tune.inspection import learning_rate_sweep
from sknn_tune.inspection.learning_rate import summarise


@pytest.fixture(scope="module")
def sweep(binary_data):
    network = KerasClassifier(hidden_layer_sizes=(4,), optimizer="sgd", random_state=0)
    return learning_rate_sweep(network, *binary_data, rates=[1e-4, 1e-2, 1e10], epochs=5)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def _lines(display):
    return {line.get_label(): line for line in display.ax_.get_lines()}


def test_lines_are_those_of_the_sweep(sweep):
    display = LearningRateSweepDisplay.from_sweep(sweep)
    lines = _lines(display)
    np.testing.assert_array_equal(lines["after 5 epochs"].get_xdata(), sweep.rates)
    np.testing.assert_array_equal(lines["after 5 epochs"].get_ydata()[:2], sweep.losses[:2])
    assert set(lines["before training"].get_ydata()) == {sweep.starting_loss}
    assert lines["best: 0.01"].get_xdata() == [0.01]
    np.testing.assert_array_equal(lines["diverged"].get_xdata(), [1e10])
    assert display.ax_.get_xscale() == "log"
    assert display.ax_.get_xlabel() == "learning rate"
    assert display.ax_.get_ylabel() == "loss on the training rows"


def test_range_is_shaded(sweep):
    display = LearningRateSweepDisplay.from_sweep(sweep)
    (shade,) = [patch for patch in display.ax_.patches if patch.get_label() == "worth searching"]
    assert (shade.get_x(), shade.get_x() + shade.get_width()) == pytest.approx((sweep.low, sweep.high))


def test_draws_on_given_axes(sweep):
    figure, ax = plt.subplots()
    display = LearningRateSweepDisplay(sweep).plot(ax)
    assert display.ax_ is ax
    assert display.figure_ is figure


def test_from_estimator_sweeps(binary_data, sweep):
    network = KerasClassifier(hidden_layer_sizes=(4,), optimizer="sgd", random_state=0)
    display = LearningRateSweepDisplay.from_estimator(network, *binary_data, rates=sweep.rates, epochs=5)
    np.testing.assert_array_equal(display.sweep.losses, sweep.losses)


@pytest.mark.parametrize(
    ("losses", "scale"), [([1.0, 0.5, 0.9], "linear"), ([1.0, 1e-3, 1e9], "log"), ([-0.1, -0.9, 0.0], "linear")]
)
def test_losses_of_several_orders_get_a_log_axis_that_keeps_the_valley(losses, scale):
    sweep = summarise(np.array([1e-3, 1e-2, 1e-1]), np.array(losses)[:, None], 1.0)
    display = LearningRateSweepDisplay.from_sweep(sweep)
    assert display.ax_.get_yscale() == scale
    low, high = display.ax_.get_ylim()
    assert low < sweep.losses.min() < sweep.starting_loss < high < 10


def test_without_a_good_rate_nothing_is_marked():
    sweep = summarise(np.array([1e-3, 1e-2, 1e-1]), np.full((3, 1), np.nan), 1.0)
    display = LearningRateSweepDisplay.from_sweep(sweep)
    assert set(_lines(display)) == {"before training", "after 1 epoch", "diverged"}
    assert not display.ax_.patches
