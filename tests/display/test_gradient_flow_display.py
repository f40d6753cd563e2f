"""Ratios of gradients and updates: what is drawn is what was found, and can be read."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from readable import collisions, legend_texts
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import GradientFlowDisplay
from sknn_tune.exceptions import NotFittedError
from sknn_tune.inspection import GradientNorms, LayerGradient, gradient_norms


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def found(gradients, updates, verdicts=None):
    verdicts = verdicts or ["healthy"] * len(gradients)
    layers = [
        LayerGradient(f"hidden_{number}", 5, 1.0, 0.4, gradient, 1.0, update, update, verdict)
        for number, (gradient, update, verdict) in enumerate(zip(gradients, updates, verdicts, strict=True))
    ]
    return GradientNorms(tuple(layers), 0.5, 1e-3, "Adam", vanishing=1e-3, exploding=1e3, largest_update=1.0)


def tick_texts(axis):
    return [label.get_text() for label in axis.get_majorticklabels()]


def test_points_are_the_ratios_of_each_layer():
    display = GradientFlowDisplay(found([1e-5, 0.1, 1], [1e-3, 1e-2, 2], ["vanishing", "healthy", "exploding"])).plot()
    gradients, updates = display.ax_
    for panel, expected in ((gradients, [1e-5, 0.1, 1]), (updates, [1e-3, 1e-2, 2])):
        (line,) = panel.get_lines()
        np.testing.assert_allclose(line.get_xdata(), expected)
        np.testing.assert_array_equal(line.get_ydata(), [0, 1, 2])
        assert panel.get_xscale() == "log" and panel.yaxis_inverted()
    assert tick_texts(gradients.yaxis) == ["hidden_0 (vanishing)", "hidden_1", "hidden_2 (exploding)"]
    assert display.figure_ is gradients.figure


def test_bands_begin_at_the_thresholds():
    gradients, updates = GradientFlowDisplay(found([0.1, 1], [1e-3, 1e-3])).plot().ax_
    bands = [
        [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches] for ax in (gradients, updates)
    ]
    (vanishing, exploding), (too_large,) = bands
    assert vanishing[1] == pytest.approx(1e-3) and exploding[0] == 1e3 and too_large[0] == 1.0
    assert vanishing[0] == gradients.get_xlim()[0] and exploding[1] == pytest.approx(gradients.get_xlim()[1])
    assert legend_texts(updates) == ["vanishing", "exploding"]


def test_what_has_no_place_on_a_logarithmic_axis_points_beyond_its_edge():
    gradients, updates = GradientFlowDisplay(found([0.0, 1.0], [np.nan, np.inf])).plot().ax_
    low, high = gradients.get_xlim()[0], updates.get_xlim()[1]
    np.testing.assert_allclose(gradients.get_lines()[0].get_xdata(), [low, 1])
    np.testing.assert_allclose(updates.get_lines()[0].get_xdata(), [np.nan, high])
    arrows = [points.get_offsets().tolist() for ax in (gradients, updates) for points in ax.collections]
    assert [place for places in arrows for place in places] == [[low, 0], [high, 1]]


@pytest.mark.parametrize("n_layers", [1, 4, 25])
def test_nothing_collides(n_layers):
    ratios = np.logspace(-9, 0, n_layers)
    display = GradientFlowDisplay(found(ratios, ratios**0.3, ["vanishing"] * n_layers)).plot()
    assert collisions(display.figure_) == []


def test_axes_of_the_user_are_drawn_on():
    figure, axes = plt.subplots(1, 2, figsize=(9, 3))
    display = GradientFlowDisplay(found([0.1, 1], [1e-3, 1e-3]))
    assert display.plot(ax=axes) is display
    assert display.ax_ == list(axes) and display.figure_ is figure
    assert collisions(figure) == []
    with pytest.raises(ValueError, match="must be None or a sequence of 2 matplotlib axes"):
        display.plot(ax=axes[0])


def test_from_estimator_draws_what_gradient_norms_finds(multiclass_data):
    X, y = multiclass_data
    network = KerasClassifier(hidden_layer_sizes=(8, 5), batch_norm=True, epochs=1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network).fit(X, y)
    weights = np.linspace(0, 1, len(y))
    display = GradientFlowDisplay.from_estimator(pipeline, X, y, weights)
    assert display.gradients == gradient_norms(pipeline, X, y, weights)
    assert tick_texts(display.ax_[0].yaxis)[:2] == ["hidden_0", "hidden_0_normalization"]
    assert collisions(display.figure_) == []
    with pytest.raises(NotFittedError):
        GradientFlowDisplay.from_estimator(KerasClassifier(), X, y)
