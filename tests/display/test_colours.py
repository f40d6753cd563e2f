"""What is drawn can be seen, on white and on black, and told apart."""

from __future__ import annotations

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from readable import collisions, unseen
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV

from sknn_tune.display import (
    ActivationDisplay,
    CapacityCurveDisplay,
    GradientFlowDisplay,
    LearningRateSweepDisplay,
    SearchResultsDisplay,
    TrainingHistoryDisplay,
    UnitActivityDisplay,
)
from sknn_tune.display.drawing import colour, line_style, marker_style
from sknn_tune.inspection import DeadUnits, GradientNorms, LayerActivity, LayerGradient, LearningRateSweep

STYLES = ["default", "dark_background"]


@pytest.fixture(params=STYLES)
def style(request):
    with plt.style.context(request.param):
        yield request.param
    plt.close("all")


def _light(colour):
    channels = np.array(to_rgb(colour))
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _lab(colour):
    """As evenly as the eye sees it: CIE L*a*b*."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(to_xyz @ _light(colour) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_sixteen_colours_can_be_seen_and_told_apart(style):
    ax = plt.figure().add_subplot()
    colours = [colour(index, ax) for index in range(16)]
    paper, *inks = (float(_light(each) @ [0.2126, 0.7152, 0.0722]) + 0.05 for each in [ax.get_facecolor(), *colours])
    assert all(max(paper, ink) / min(paper, ink) > 2.2 for ink in inks)
    distances = [np.linalg.norm(_lab(one) - _lab(other)) for one, other in combinations(colours, 2)]
    assert min(distances) > 15


def test_of_many_lines_and_markers_no_two_are_the_same(style):
    ax = plt.figure().add_subplot()
    for look in (line_style, marker_style):
        assert len({str(look(index, ax)) for index in range(128)}) == 128


class Network(BaseEstimator):
    """Scores by its parameters alone."""

    def __init__(self, learning_rate=0.01, hidden_layer_sizes=(8,)):
        self.learning_rate = learning_rate
        self.hidden_layer_sizes = hidden_layer_sizes

    def fit(self, X, y=None):
        return self

    def score(self, X, y=None):
        return -abs(np.log10(self.learning_rate) + 2) + X.mean() + 0.1 * sum(self.hidden_layer_sizes)


@pytest.fixture(scope="module")
def found():
    """With the marks of every kind of candidate: the best, stopped and failed ones, one far below, curves."""
    grid = {"learning_rate": [1e-4, 1e-3, 1e-2, 1e-1], "hidden_layer_sizes": [(4,), (8,), (8, 8)]}
    search = GridSearchCV(Network(), grid, cv=2).fit(np.random.RandomState(0).normal(size=(20, 2)))
    results = search.cv_results_
    results["mean_test_score"][2:4] = np.nan, -1e6
    results["pruned"] = np.arange(12) == 5
    for fold in range(2):
        results[f"split{fold}_history"] = [{"val_loss": [1.0, 0.5 + row / 20]} for row in range(12)]
    return SearchResultsDisplay.from_search(search, kind=None)


@pytest.fixture(scope="module")
def sizes():
    found = GridSearchCV(Network(), {"hidden_layer_sizes": [(4,), (8,), (8, 8)]}, cv=2, return_train_score=True)
    return found.fit(np.random.RandomState(0).normal(size=(20, 2)))


def _training():
    history = {"loss": [0.7, 0.4, np.nan], "val_loss": [0.8, 0.6, 0.7]}
    histories = {f"network {number}": history for number in range(12)}
    members = {"network 0": [(history, 1), (history, 0)]}
    return TrainingHistoryDisplay(histories, dict.fromkeys(histories, 1), members=members).plot()


def _gradients():
    layers = [LayerGradient(f"hidden_{n}", 5, 1.0, 0.4, 10.0**-n, 1.0, 1e-3, 1e-3, "healthy") for n in range(4)]
    found = GradientNorms(tuple(layers), 0.5, 1e-3, "Adam", vanishing=1e-3, exploding=1e3, largest_update=1.0)
    return GradientFlowDisplay(found).plot()


def _units():
    active, none = np.array([1.0, 0.5, 0.0, 0.0]), np.zeros(0, dtype=int)
    dead = np.array([2, 3])
    return UnitActivityDisplay(
        DeadUnits((LayerActivity("hidden_0", "relu", active, None, dead, none, dead, 0 * none, 0.0 * none),), n_rows=10)
    ).plot()


def _sweep():
    rates, losses = np.array([1e-4, 1e-2, 1.0]), np.array([1.0, 0.1, np.inf])
    found = LearningRateSweep(rates, losses, losses[:, None], starting_loss=1.1, best_rate=1e-2, low=1e-3, high=1e-2)
    return LearningRateSweepDisplay.from_sweep(found)


OTHERS = {
    "training": _training,
    "gradients": _gradients,
    "units": _units,
    "sweep": _sweep,
    "activations": ActivationDisplay.from_names,
}


@pytest.mark.parametrize("kind", ["parameters", "parallel", "importance", "curves", "best_so_far", "best_over_time"])
def test_all_that_is_drawn_of_a_search_can_be_seen(style, kind, found):
    figure = found.plot(kind).figure_
    assert unseen(figure) == [] and collisions(figure) == []


@pytest.mark.parametrize("which", OTHERS)
def test_all_that_is_drawn_of_networks_can_be_seen(style, which):
    figure = OTHERS[which]().figure_
    assert unseen(figure) == [] and collisions(figure) == []


def test_all_that_is_drawn_of_capacities_can_be_seen(style, sizes):
    assert unseen(CapacityCurveDisplay.from_search(sizes).figure_) == []
