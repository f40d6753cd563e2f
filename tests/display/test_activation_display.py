"""Activation functions beside their slopes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from readable import collisions, legend_texts
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.display import ActivationDisplay
from sknn_tune.inspection import activation_curves
from sknn_tune.specs._vocabulary import ACTIVATIONS

OTHERS = ["linear", "softsign", "hard_sigmoid", "exponential", "silu", "mish", "relu6", "hard_tanh"]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_lines_are_values_and_slopes():
    display, curves = ActivationDisplay.from_names(), activation_curves()
    assert len(display.lines_) == 2 * len(curves.names) == 16
    for index, name in enumerate(curves.names):
        for kind, panel, expected in (("value", 0, curves.values), ("slope", 1, curves.slopes)):
            line = display.lines_[name, kind]
            assert line.axes is display.ax_[panel]
            np.testing.assert_array_equal(line.get_xdata(), curves.inputs)
            np.testing.assert_array_equal(line.get_ydata(), expected[index])


@pytest.mark.parametrize("names", [None, OTHERS])
def test_eight_activations_can_be_told_apart_and_read(names):
    display = ActivationDisplay.from_names(names)
    lines = [display.lines_[name, "value"] for name in display.curves.names]
    assert len({line.get_color() for line in lines}) == 8
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == 8
    assert legend_texts(display.ax_[1]) == list(display.curves.names)
    assert [ax.get_xlabel() for ax in display.ax_] == ["sum of the weighted inputs"] * 2
    assert [ax.get_ylabel() for ax in display.ax_] == ["output of the unit", "slope of the activation"]
    assert collisions(display.figure_) == []


def test_a_curve_that_shoots_up_leaves_the_others_their_shape():
    beside, alone = ActivationDisplay.from_names(OTHERS), ActivationDisplay.from_names(["exponential"])
    assert beside.ax_[0].get_ylim()[1] < 5
    assert beside.ax_[1].get_ylim()[1] < 2.5
    assert alone.ax_[0].get_ylim()[1] > np.exp(4)


def test_range_is_that_asked_for():
    display = ActivationDisplay.from_names(["tanh"], low=-1, high=2)
    assert [ax.get_xlim() for ax in display.ax_] == [(-1, 2)] * 2


@pytest.mark.parametrize(
    ("estimator", "names"),
    [
        (KerasClassifier(activation="elu"), ("elu",)),
        (make_pipeline(StandardScaler(), KerasRegressor(activation=["tanh", "relu", "tanh"])), ("tanh", "relu")),
    ],
)
def test_of_an_estimator_each_activation_is_drawn_once(estimator, names):
    assert ActivationDisplay.from_estimator(estimator).curves.names == names


def test_of_an_estimator_leaky_relu_has_its_slope():
    display = ActivationDisplay.from_estimator(KerasClassifier(activation="leaky_relu", negative_slope=0.2))
    assert display.curves.slopes[0, 0] == pytest.approx(0.2)


def test_of_an_estimator_what_is_no_function_of_one_number_is_left_out():
    network = KerasClassifier(hidden_layer_sizes=(4, 4), activation=["tanh", "softmax"])
    assert ActivationDisplay.from_estimator(network).curves.names == ("tanh",)
    with pytest.raises(ValueError, match="no activation that could be drawn"):
        ActivationDisplay.from_estimator(KerasClassifier(activation="softmax"))


def test_a_model_of_ones_own_does_not_say_its_activations():
    with pytest.raises(ValueError, match=r"which a model of one's own does not go by\. Give the names to"):
        ActivationDisplay.from_estimator(KerasClassifier(model=lambda: None))


@pytest.mark.parametrize(
    ("given", "described"),
    [(StandardScaler(), "StandardScaler"), (KerasClassifier, "the class KerasClassifier"), (None, "NoneType")],
)
def test_other_things_than_a_network_are_refused_in_a_sentence(given, described):
    with pytest.raises(TypeError, match=f"'activation' parameter of a KerasClassifier .* Got {described} instead"):
        ActivationDisplay.from_estimator(given)


def test_it_draws_on_axes_of_ones_own():
    figure, axes = plt.subplots(2, 1, figsize=(6, 6))
    display = ActivationDisplay.from_names(["relu", "elu"], ax=axes)
    assert display.ax_ == list(axes)
    assert display.figure_ is figure
    assert collisions(figure) == []
    with pytest.raises(ValueError, match=r"a sequence of 2 matplotlib axes, one per panel. Got 1"):
        display.plot(ax=axes[0])


def test_many_activations_have_a_legend_within_the_picture_and_lines_of_their_own():
    names = [name for name in ACTIVATIONS if name not in ("softmax", "log_softmax", "sparsemax")]
    display = ActivationDisplay.from_names(names)
    assert len(names) > 16
    assert collisions(display.figure_) == []
    lines = [display.lines_[name, "value"] for name in names]
    assert len({(line.get_color(), str(line._dash_pattern)) for line in lines}) == len(names)
