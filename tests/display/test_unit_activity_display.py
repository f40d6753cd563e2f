"""Strips of units: what is drawn is what was found, and can be read."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from readable import collisions, legend_texts
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.display import UnitActivityDisplay
from sknn_tune.exceptions import NotFittedError
from sknn_tune.inspection import DeadUnits, LayerActivity, dead_units

NONE = np.zeros(0, dtype=int)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def layer(active, activation="relu", name="hidden_0"):
    active = np.asarray(active, dtype=float)
    never = np.flatnonzero(active == 0)
    squashes = activation in ("sigmoid", "tanh")
    dead, saturated = (NONE, never) if squashes else (never, NONE)
    share = 1 - active if squashes else None
    return LayerActivity(name, activation, active, share, dead, saturated, never, 0 * dead, 0.0 * dead)


def found(*layers):
    return DeadUnits(layers, n_rows=10)


def tick_texts(axis):
    return [label.get_text() for label in axis.get_majorticklabels()]


def test_cells_are_active_fractions_with_the_most_active_first():
    display = UnitActivityDisplay(found(layer([0.2, 0.0, 1.0, 0.7]))).plot()
    (mesh,) = [part for part in display.ax_.collections if part.get_array() is not None]
    np.testing.assert_allclose(mesh.get_array().compressed(), [100, 70, 20])
    assert mesh.get_clim() == (0, 100)
    (patch,) = display.ax_.patches
    assert (patch.get_x(), patch.get_width(), patch.get_hatch()) == (75, 25, "xxxx")
    assert display.figure_ is display.ax_.figure


def test_layers_stand_from_inputs_at_the_top_to_output():
    layers = [layer([0.5, 0.0]), layer([0.0, 0.0, 1.0], "tanh", "hidden_1"), layer([np.nan] * 4, "softmax", "hidden_2")]
    display = UnitActivityDisplay(found(*layers)).plot()
    assert tick_texts(display.ax_.yaxis) == [
        "hidden_0\n2 relu, 1 dead",
        "hidden_1\n3 tanh, 2 saturated",
        "hidden_2\n4 softmax",
    ]
    assert display.ax_.yaxis_inverted()
    assert legend_texts(display.ax_) == ["dead", "saturated", "mixes units, not judged"]
    assert [patch.get_hatch() for patch in display.ax_.patches] == ["xxxx", "////", "...."]


def test_healthy_layers_need_no_legend():
    display = UnitActivityDisplay(found(layer([0.5, 0.2]))).plot()
    assert display.ax_.get_legend() is None and not display.ax_.patches


@pytest.mark.parametrize("n_layers", [1, 3, 18])
def test_nothing_collides(n_layers):
    rng = np.random.default_rng(0)
    layers = [
        layer(np.clip(rng.normal(0.3, 0.5, size=80), 0, 1), activation, f"hidden_layer_{number}")
        for number, activation in zip(range(n_layers), ["leaky_relu", "sigmoid", "relu"] * 6, strict=False)
    ]
    assert collisions(UnitActivityDisplay(found(*layers)).plot().figure_) == []


@pytest.mark.parametrize("layout", [None, "constrained", "tight"])
def test_axes_of_the_user_are_drawn_on(layout):
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 4), layout=layout)
    one = found(layer([0.5, 0.0]))
    display = UnitActivityDisplay(one).plot(ax=left)
    assert display.ax_ is left and display.figure_ is figure
    UnitActivityDisplay(found(layer([0.5, 0.2]))).plot(right)  # without a legend
    assert collisions(figure) == []


def test_from_estimator_draws_what_dead_units_finds(multiclass_data):
    X, y = multiclass_data
    network = KerasClassifier(hidden_layer_sizes=(8, 5), epochs=1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network).fit(X, y)
    display = UnitActivityDisplay.from_estimator(pipeline, X)
    assert repr(display.units) == repr(dead_units(pipeline, X))
    assert tick_texts(display.ax_.yaxis)[0].startswith("hidden_0\n8 relu")
    assert collisions(display.figure_) == []


def test_linear_and_unfitted_networks_are_refused(regression_data):
    X, y = regression_data
    linear = KerasRegressor(hidden_layer_sizes=(), epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="There are no hidden units to draw: the network has no hidden layers"):
        UnitActivityDisplay.from_estimator(linear, X)
    with pytest.raises(NotFittedError):
        UnitActivityDisplay.from_estimator(KerasRegressor(), X)
