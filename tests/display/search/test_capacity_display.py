"""Score against size: what is drawn is what was found."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from readable import collisions, legend_texts
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.tree import DecisionTreeRegressor

from sknn_tune import KerasClassifier
from sknn_tune.display import CapacityCurveDisplay
from sknn_tune.model_selection import CapacitySearchCV
from sknn_tune.model_selection.searches._ladder import LADDER


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def networks(binary_data):
    network = KerasClassifier(epochs=1, random_state=0)
    return CapacitySearchCV(
        network, sizes=LADDER[:7], cv=2, patience=9, return_train_score=True, scoring="roc_auc"
    ).fit(*binary_data)


def tree_search(data, **options):
    options = {"param_name": "max_depth", "patience": 99, "cv": 3} | options
    return CapacitySearchCV(DecisionTreeRegressor(random_state=0), **options).fit(*data)


def tick_texts(axis):
    return [label.get_text() for label in axis.get_majorticklabels()]


def test_points_and_bars_are_means_and_standard_errors(networks):
    display = CapacityCurveDisplay.from_search(networks)
    curve = display.curve
    for rows, scores, errors in (
        ("test", curve.test_scores, curve.test_errors),
        ("train", curve.train_scores, curve.train_errors),
    ):
        line, _, (bars,) = display.errorbar_[rows]
        np.testing.assert_array_equal(line.get_xdata(), np.arange(7))
        np.testing.assert_array_equal(line.get_ydata(), scores)
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        np.testing.assert_allclose(ends, np.column_stack([scores - errors, scores + errors]))
    assert display.figure_ is display.ax_.figure


def test_sizes_and_weights_are_written_and_can_be_read(networks):
    display = CapacityCurveDisplay.from_search(networks)
    assert tick_texts(display.ax_.xaxis) == [str(sizes) for sizes in LADDER[:7]]
    (above,) = display.ax_.child_axes
    assert tick_texts(above.xaxis)[:3] == ["65", "129", "257"]
    assert tick_texts(above.xaxis)[-1] == "34k"
    assert (display.ax_.get_xlabel(), above.get_xlabel()) == ("hidden layer sizes", "weights and biases")
    assert display.ax_.get_ylabel() == "roc auc"
    assert collisions(display.figure_) == []


def test_the_choice_and_what_is_as_good_are_marked(networks):
    display = CapacityCurveDisplay.from_search(networks)
    (star,) = [line for line in display.ax_.lines if line.get_marker() == "*"]
    assert star.get_xdata() == [networks.best_index_]
    assert star.get_ydata() == [networks.best_score_]
    curve, (band,) = display.curve, display.ax_.patches
    edges = sorted(band.get_extents().transformed(display.ax_.transData.inverted()).intervaly)
    np.testing.assert_allclose(edges, [curve.test_scores[curve.best] - curve.margin, curve.test_scores[curve.best]])
    assert legend_texts(display.ax_) == [
        "test folds: mean and its standard error",
        "training folds",
        f"chosen: {networks.best_params_['hidden_layer_sizes']}",
        f"as good as the best: within {curve.margin:.2g}",
    ]


def test_of_many_sizes_some_are_named(regression_data):
    display = CapacityCurveDisplay.from_search(tree_search(regression_data, sizes=range(1, 41)))
    assert len(display.errorbar_["test"][0].get_xdata()) == 40
    assert tick_texts(display.ax_.xaxis) == [str(depth) for depth in range(1, 41, 4)]
    assert collisions(display.figure_) == []


def test_a_single_fold_has_neither_bars_nor_band(regression_data):
    one_fold = ShuffleSplit(1, random_state=0)
    display = CapacityCurveDisplay.from_search(tree_search(regression_data, sizes=[1, 2, 3], cv=one_fold))
    assert display.errorbar_["test"][2] == ()
    assert len(display.ax_.patches) == 0
    assert legend_texts(display.ax_) == ["test folds: mean", f"chosen: {display.curve.chosen + 1}"]


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_without_a_score_nothing_is_marked(regression_data):
    def fail(estimator, X, y):
        return np.nan

    display = CapacityCurveDisplay.from_search(tree_search(regression_data, sizes=[1, 2], scoring=fail, refit=False))
    assert legend_texts(display.ax_) == ["test folds: mean"]
    assert collisions(display.figure_) == []


def test_a_grid_search_on_axes_of_ones_own(binary_data):
    sizes = [(), np.int64(4), (256, 128, 64, 32, 16, 8)]
    search = GridSearchCV(KerasClassifier(epochs=1, random_state=0), {"hidden_layer_sizes": sizes}, cv=2, refit=False)
    _, ax = plt.subplots(figsize=(6, 3.5))
    display = CapacityCurveDisplay.from_search(search.fit(*binary_data), ax=ax)
    assert display.ax_ is ax
    assert tick_texts(ax.xaxis) == ["()", "4", "(256, 128, 6…2, 16, 8)"]
    assert collisions(ax.figure) == []
