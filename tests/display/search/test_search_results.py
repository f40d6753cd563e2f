"""Pictures of a finished search: what is drawn is what was found, and it can be read."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from anything import Anything
from matplotlib.colors import to_rgb
from readable import collisions, legend_texts
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV
from sklearn.preprocessing import QuantileTransformer, RobustScaler, StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune._compat import scikit_learn
from sknn_tune.display import SearchResultsDisplay
from sknn_tune.model_selection import (
    CoarseToFineSearchCV,
    HistoryRecorder,
    MedianPruner,
    parameter_importance,
    search_results,
)
from sknn_tune.search_space import int_log_uniform, log_uniform, one_minus_log_uniform, topology, uniform

KINDS = ["parameters", "parallel", "importance", "best_so_far", "best_over_time"]


class Network(BaseEstimator):
    """Scores by its parameters alone; one activation cannot be fitted."""

    def __init__(
        self, learning_rate=0.01, momentum=0.9, hidden_layer_sizes=(8,), batch_size=32, dropout=0.0, activation="relu"
    ):
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.hidden_layer_sizes = hidden_layer_sizes
        self.batch_size = batch_size
        self.dropout = dropout
        self.activation = activation

    def fit(self, X, y=None):
        if self.activation == "an activation that nobody knows of":
            raise ValueError("Nobody knows of it.")
        return self

    def score(self, X, y=None):
        return 1 - abs(np.log10(self.learning_rate) + 2) / 4 - self.dropout / 5 + X.mean() / 20


SPACE = {
    "learning_rate": log_uniform(1e-5, 1.0),
    "momentum": one_minus_log_uniform(0.5, 0.999),
    "hidden_layer_sizes": [(8,), (16,), (128, 64, 32), (256, 128, 128, 64), (512, 512)],
    "batch_size": int_log_uniform(8, 512),
    "dropout": uniform(0.0, 0.5),
    "activation": ["relu", "leaky_relu", "hard_sigmoid", "an activation that nobody knows of"],
}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def X():
    return np.random.RandomState(0).normal(size=(40, 2))


def grid_search(X, grid):
    return GridSearchCV(Anything(**{name: values[0] for name, values in grid.items()}), grid, cv=2).fit(X)


def random_search(X, n_iter, space=SPACE, **options):
    return RandomizedSearchCV(Network(), space, n_iter=n_iter, cv=2, random_state=0, **options).fit(X)


@pytest.fixture(scope="module")
def many(X):
    """Two hundred candidates, many of which failed."""
    with pytest.warns(FitFailedWarning, match="fits failed"), pytest.warns(UserWarning, match="non-finite"):
        return random_search(X, 200)


@pytest.fixture(scope="module")
def few(X):
    """Twelve candidates, half of which do not have some of the parameters."""
    space = {**SPACE, "hidden_layer_sizes": topology()}
    del space["activation"]
    return random_search(X, 12, [space, {"learning_rate": SPACE["learning_rate"], "activation": ["relu", "elu"]}])


@pytest.fixture(scope="module")
def rounds(X):
    space = {name: SPACE[name] for name in ("learning_rate", "dropout")}
    return CoarseToFineSearchCV(Network(), space, n_iter=8, n_rounds=3, cv=2, random_state=0).fit(X)


@pytest.fixture(scope="module")
def halving(X):
    space = {name: SPACE[name] for name in ("learning_rate", "dropout")}
    search = HalvingRandomSearchCV(Network(), space, n_candidates=12, cv=2, random_state=0)
    return search.fit(X, np.arange(40) % 2)


@pytest.fixture(scope="module")
def pruned(binary_data):
    if not scikit_learn.HAS_CALLBACKS:
        pytest.skip("set_callbacks came with scikit-learn 1.9")
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=4, validation_split=0.25, random_state=0)
    search = GridSearchCV(network, {"learning_rate": [0.05, 0.02, 1e-5]}, cv=2)
    return search.set_callbacks(MedianPruner(n_startup_fits=2, n_warmup_epochs=1)).fit(*binary_data)


def draw(search, kind, **options):
    return SearchResultsDisplay.from_search(search, kind=kind, **options)


# --- every picture can be read --------------------------------------------------------------------------


@pytest.mark.few(6)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", ["many", "few"])
def test_nothing_collides(which, kind, request):
    assert collisions(draw(request.getfixturevalue(which), kind).figure_) == []


@pytest.mark.parametrize("kind", ["parameters", "rounds", "best_so_far"])
@pytest.mark.parametrize("which", ["rounds", "halving"])
def test_nothing_collides_in_searches_with_rounds(which, kind, request):
    assert collisions(draw(request.getfixturevalue(which), kind).figure_) == []


@pytest.mark.parametrize("kind", ["parameters", "parallel", "curves", "best_so_far"])
def test_nothing_collides_in_pruned_searches(pruned, kind):
    assert collisions(draw(pruned, kind).figure_) == []


def test_ticks_of_a_log_axis_do_not_touch(X):
    for high in (1e-1, 3e-1, 1.0, 10.0):
        search = random_search(X, 25, {"learning_rate": log_uniform(1e-4, high), "dropout": [0.0, 0.5]})
        assert collisions(draw(search, "parameters").figure_) == []


@pytest.mark.parametrize("kind", ["parameters", "parallel", "importance"])
def test_long_names_are_in_lines_and_not_cut(X, kind):
    search = random_search(X, 20, {"hidden_layer_sizes": topology(), "learning_rate": log_uniform(1e-4, 1e-1)})
    display = draw(search, kind)
    texts = [ax.get_xlabel() for ax in display.axes_]
    texts += _texts_of(display.ax_.xaxis if kind == "parameters" else display.ax_.yaxis)
    assert "hidden_layer_sizes (units in all)" in [text.replace("_\n", "_").replace("\n", " ") for text in texts]
    assert collisions(display.figure_) == []


@pytest.mark.parametrize("kind", ["parameters", "parallel", "importance"])
def test_long_prefixes_are_written_out_where_names_need_them(X, kind):
    prefixes = [f"{name}_pipeline__classification_pipeline__keras_classifier" for name in ("linear", "deep")]
    names = [f"{prefix}__{name}" for prefix in prefixes for name in ("hidden_layer_sizes", "learning_rate_schedule")]
    values = {"hidden_layer_sizes": [(8,), (16,)], "learning_rate_schedule": [None, "cosine"]}
    display = draw(grid_search(X, {name: values[name.rpartition("__")[2]] for name in names}), kind)
    assert collisions(display.figure_) == []
    assert display.axes_[0].get_window_extent().height / display.figure_.dpi > 2  # the names do not take it away


@pytest.mark.parametrize("kind", ["parameters", "parallel"])
def test_long_values_take_two_lines(X, kind):
    scalers = [QuantileTransformer(n_quantiles=50, output_distribution="normal"), RobustScaler(with_centering=False)]
    display = draw(grid_search(X, {"scaler": [*scalers, StandardScaler()], "learning_rate": [0.01, 0.1]}), kind)
    assert collisions(display.figure_) == []
    assert all(text.get_text().count("\n") < 2 for text in display.ax_.texts)


def _texts_of(axis):
    return [label.get_text() for label in axis.get_majorticklabels()]


# --- what is drawn is what was found --------------------------------------------------------------------


def points(ax, label):
    """Of the markers with this label."""
    [line] = [line for line in ax.lines if line.get_label() == label and line.get_linestyle() == "None"] or [
        bars[0] for bars in ax.containers if bars.get_label() == label
    ]
    return line.get_xydata()


def test_a_panel_per_parameter_with_every_candidate(few):
    display = draw(few, "parameters")
    panels = {panel.get_xlabel().split("\n")[0]: panel for panel in display.axes_}
    assert list(panels) == [scale.label for scale in display.description.varied]
    rates = np.asarray(few.cv_results_["param_learning_rate"], dtype=float)
    drawn = np.concatenate([points(panels["learning_rate"], label) for label in ("candidate", "best")])
    expected = np.column_stack([np.log10(rates), few.cv_results_["mean_test_score"]])
    np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(expected, axis=0))
    without = int(np.ma.getmaskarray(few.cv_results_["param_dropout"]).sum())
    assert panels["dropout"].get_xlabel() == f"dropout\n({without} candidates without it)"
    assert len(points(panels["dropout"], "candidate")) in (12 - without, 12 - without - 1)


def test_marks_of_the_best_and_of_those_that_failed(many):
    display = draw(many, "best_so_far")
    best = points(display.ax_, "best")
    assert best.tolist() == [[many.best_index_ + 1, many.best_score_]]
    failed = np.flatnonzero(np.isnan(many.cv_results_["mean_test_score"]))
    assert points(display.ax_, "failed")[:, 0].tolist() == (failed + 1).tolist()
    assert set(legend_texts(display.ax_)) == {"best", "best so far", "candidate", "failed"}


def test_one_diverged_network_does_not_hide_the_others(X):
    search = random_search(X, 30, {"learning_rate": SPACE["learning_rate"], "dropout": SPACE["dropout"]})
    search.cv_results_["mean_test_score"][[3, 7]] = -1e12, -1e9
    search.cv_results_["std_test_score"][[3, 4]] = 1e12  # and one only in one of its folds
    display = draw(search, "parameters")
    low, high = display.axes_[0].get_ylim()
    others = np.delete(search.cv_results_["mean_test_score"], [3, 7])
    assert high - low < 10 * np.ptp(others)
    far_below = points(display.axes_[0], "far below")
    np.testing.assert_allclose(far_below[:, 0], display.description.varied[0].positions[[3, 7]])
    for kind in ("parameters", "parallel", "best_so_far"):
        assert collisions(display.plot(kind).figure_) == []


def test_best_so_far_never_falls_and_ends_at_the_best(many):
    scores = many.cv_results_["mean_test_score"]
    [line] = [line for line in draw(many, "best_so_far").ax_.lines if line.get_label() == "best so far"]
    np.testing.assert_array_equal(line.get_ydata(), np.fmax.accumulate(scores))
    [line] = [line for line in draw(many, "best_over_time").ax_.lines if line.get_label() == "best so far"]
    seconds = 2 * np.cumsum(many.cv_results_["mean_fit_time"] + many.cv_results_["mean_score_time"])
    np.testing.assert_allclose(line.get_xdata(), seconds)


def test_best_so_far_begins_anew_with_the_rounds_of_halving_only(halving, rounds):
    lines = [line for line in draw(halving, "best_so_far").ax_.lines if line.get_drawstyle().startswith("steps")]
    assert [len(line.get_xdata()) for line in lines] == np.bincount(halving.cv_results_["iter"]).tolist()
    lines = [line for line in draw(rounds, "best_so_far").ax_.lines if line.get_drawstyle().startswith("steps")]
    assert [len(line.get_xdata()) for line in lines] == [24]


def test_rounds_have_a_mark_each(rounds):
    display = draw(rounds, "rounds")
    assert legend_texts(display.ax_) == ["best", "median", "round 1", "round 2", "round 3"]
    assert [text.get_text() for text in display.ax_.get_xticklabels()] == [
        f"{number}\n(8 candidates)" for number in (1, 2, 3)
    ]


def test_stopped_candidates_are_hollow_and_their_curves_end(pruned):
    panel = draw(pruned, "parameters").axes_[0]
    [stopped] = [bars[0] for bars in panel.containers if bars.get_label() == "candidate, stopped"]
    assert to_rgb(stopped.get_markerfacecolor()) == (1, 1, 1) and len(stopped.get_xdata()) == 1
    display = draw(pruned, "curves")
    assert display.ax_.get_ylabel() == "val_loss\n(mean of 2 folds)"
    curves = [line.get_ydata() for line in display.ax_.lines if line.get_linestyle() == "-"]
    expected = [display.description.curves[row]["val_loss"] for row in display.description.ranking[::-1]]
    for curve, values in zip(curves, expected, strict=True):
        np.testing.assert_array_equal(curve, values)
    assert display.plot("curves", curve="accuracy").ax_.get_ylabel().startswith("accuracy")


def test_parallel_coordinates_have_a_line_per_candidate(few):
    display = draw(few, "parallel")
    lines = [line for line in display.ax_.lines if len(line.get_xdata()) == len(display.description.varied) + 1]
    assert len(lines) == 12
    assert display.ax_.yaxis_inverted()  # the parameters from the top down, the score at the end
    heights = np.array([line.get_xdata() for line in lines])
    assert heights.min() < 0 < heights[heights > 0].min()  # those that are not set
    best = [line for line in lines if line.get_label() == "best"]
    assert len(best) == 1 and best[0].get_xdata()[-1] == heights[:, -1].max()


def test_importance_bars_are_the_importances(few):
    display = draw(few, "importance")
    importance = parameter_importance(few)
    widths = [bar.get_width() for bar in display.ax_.patches]
    np.testing.assert_array_equal(widths, np.maximum(importance.importances, 0))
    assert display.ax_.get_xlim()[0] == 0
    assert "R²" in display.ax_.get_xlabel()


def test_equal_values_stand_side_by_side_and_the_legend_says_why(X):
    display = draw(random_search(X, 16, {"batch_size": [16, 32], "dropout": uniform(0.0, 0.5)}), "parameters")
    sizes, dropouts = display.axes_
    scales = display.description.varied
    drawn = [np.concatenate([points(ax, label)[:, 0] for label in ("candidate", "best")]) for ax in (sizes, dropouts)]
    assert len(set(drawn[0])) == 16
    assert np.diff(np.sort(drawn[0])).min() > 0.01 * np.ptp(drawn[0])  # each value has the room to itself
    values = sorted(set(scales[0].positions))
    assert abs(drawn[0][:, None] - values).min(axis=1).max() < 0.25 * (values[1] - values[0])
    np.testing.assert_allclose(np.sort(drawn[1]), np.sort(scales[1].positions))
    assert legend_texts(dropouts)[-1] == "equal values stand side by side, in the order of the search"


def test_a_value_that_one_candidate_has_is_where_the_axis_says(X):
    panel = draw(grid_search(X, {"batch_size": [16, 32, 64]}), "parameters").ax_
    drawn = [points(panel, label)[:, 0] for label in ("candidate", "best")]
    np.testing.assert_allclose(np.sort(np.concatenate(drawn)), panel.get_xticks())
    assert legend_texts(panel)[-1] == "candidate"
    space = [{"batch_size": [16, 32], "dropout": [0.0]}, {"batch_size": [64], "dropout": [0.0, 0.1]}]
    sizes = draw(GridSearchCV(Network(), space, cv=2).fit(X), "parameters").axes_[0]
    drawn = np.sort(np.concatenate([points(sizes, label)[:, 0] for label in ("candidate", "best")]))
    np.testing.assert_allclose(drawn[:2], sizes.get_xticks()[:2])
    assert drawn[2] < sizes.get_xticks()[2] < drawn[3]


def test_the_best_has_its_error_bar_over_its_star(X):
    display = draw(random_search(X, 8, {"dropout": uniform(0.0, 0.5)}), "parameters")
    [panel], description = display.axes_, display.description
    [star] = [line for line in panel.lines if line.get_label() == "best"]
    [bar] = [bars.lines[2][0] for bars in panel.containers if len(bars.lines[2][0].get_segments()) == 1]
    assert bar.get_zorder() > star.get_zorder()
    ends = bar.get_segments()[0][:, 1] - description.scores[description.best]
    np.testing.assert_allclose(np.abs(ends), description.spreads[description.best])


@pytest.mark.parametrize(("n_panels", "rows"), [(3, [3]), (4, [2, 2]), (5, [3, 2]), (6, [3, 3])])
def test_no_panel_is_left_over_for_the_last_row(X, n_panels, rows):
    space = {name: SPACE[name] for name in list(SPACE)[:n_panels]}
    if "activation" in space:
        space["activation"] = ["relu", "tanh"]
    panels = draw(random_search(X, 8, space), "parameters").axes_
    heights = [panel.get_subplotspec().rowspan.start for panel in panels]
    assert [heights.count(row) for row in range(len(rows))] == rows


def test_an_order_of_topologies_is_stated(X):
    grid = {"hidden_layer_sizes": [(64,), (8, 8), (16,)]}
    [panel] = draw(GridSearchCV(Network(), grid, cv=2).fit(X), "parameters").axes_
    assert panel.get_xlabel().replace("\n", " ") == "hidden_layer_sizes (fewest units first)"
    assert _texts_of(panel.xaxis) == ["(16,)", "(8, 8)", "(64,)"]


# --- several searches -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two(X, rounds):
    space = {"learning_rate": SPACE["learning_rate"], "activation": ["relu", "elu"]}
    return {"random": random_search(X, 10, space), "coarse to fine": rounds}


@pytest.mark.parametrize("kind", ["parameters", "parallel", "best_so_far", "best_over_time"])
def test_several_searches_are_drawn_side_by_side(two, kind):
    display = SearchResultsDisplay.from_searches(two, kind=kind)
    assert collisions(display.figure_) == []
    description = display.description
    scores = [search.cv_results_["mean_test_score"] for search in two.values()]
    np.testing.assert_array_equal(description.scores, np.concatenate(scores))
    assert description.scores[description.best] == max(search.best_score_ for search in two.values())
    axes = ["search", "activation", "learning_rate", "dropout"]
    if kind == "parameters":
        assert [panel.get_xlabel().split("\n")[0] for panel in display.axes_] == axes
        assert set(legend_texts(display.axes_[-1] if len(axes) < 4 else display.axes_[1])) >= {"best", *two}
    elif kind == "parallel":
        assert _texts_of(display.ax_.yaxis) == [*axes, "score"]
        assert set(legend_texts(display.ax_)) == {"best", *two}
    else:
        steps = {line.get_label(): line for line in display.ax_.lines if line.get_drawstyle() == "steps-post"}
        for name, found in zip(two, scores, strict=True):
            np.testing.assert_array_equal(steps[f"best so far: {name}"].get_ydata(), np.fmax.accumulate(found))
        assert len({line.get_color() for line in steps.values()}) == 2


def test_searches_of_a_list_are_named_after_their_classes(two, halving):
    both = [two["random"], two["coarse to fine"], two["random"]]
    parts = SearchResultsDisplay.from_searches(both, kind=None).description.parts
    assert list(parts) == ["RandomizedSearchCV 1", "CoarseToFineSearchCV", "RandomizedSearchCV 3"]
    alone = SearchResultsDisplay.from_searches([halving], kind=None).description
    assert not alone.parts and alone.n_candidates == len(halving.cv_results_["params"])
    # The small amounts of early rounds of a halving search come after what was evaluated as a whole.
    mixed = SearchResultsDisplay.from_searches({"halving": halving, "random": two["random"]}, kind=None).description
    early = halving.cv_results_["n_resources"] < halving.cv_results_["n_resources"].max()
    assert set(mixed.ranking[-early.sum() :]) == set(np.flatnonzero(early))


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (lambda two: {}, {}, "must have at least one fitted search. Got none"),
        (lambda two: two, {"kind": "rounds"}, "The rounds of one search can be drawn, not of several"),
        (lambda two: two, {"kind": "importance"}, "The importance of parameters can be told of one search, not of sev"),
    ],
    ids=["none", "rounds", "importance"],
)
def test_what_cannot_be_drawn_of_several_is_told(two, given, options, message):
    with pytest.raises(ValueError, match=message):
        SearchResultsDisplay.from_searches(given(two), **options)


def test_searches_that_cannot_be_compared_are_refused_or_said(X, two):
    with pytest.raises(TypeError, match=r"a dict or a list of fitted searches\. Got RandomizedSearchCV"):
        SearchResultsDisplay.from_searches(two["random"])
    other = GridSearchCV(Network(), {"dropout": [0.1, 0.2]}, cv=2, scoring=lambda *_: 1.0).fit(X)
    with pytest.raises(ValueError, match=r"by one metric only\. Got 'score' for 'one', '<lambda>' for 'other'"):
        SearchResultsDisplay.from_searches({"one": two["random"], "other": other})
    folds = GridSearchCV(Network(), {"dropout": [0.1, 0.2]}, cv=3).fit(X)
    with pytest.warns(UserWarning, match=r"different numbers of folds \(2, 3\)"):
        SearchResultsDisplay.from_searches({"one": two["random"], "other": folds}, kind=None)


# --- scikit-learn's convention --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_draws_on_axes_that_are_given(few, kind):
    figure, ax = plt.subplots(layout="constrained")
    display = SearchResultsDisplay.from_search(few, kind=kind, ax=ax)
    assert display.figure_ is figure and display.ax_ is ax
    assert display.plot(kind) is display and display.figure_ is not figure


def test_panels_on_axes_of_their_own(rounds):
    figure, axes = plt.subplots(1, 2)
    display = draw(rounds, "parameters", ax=axes)
    assert display.axes_.tolist() == axes.tolist() and display.figure_ is figure
    with pytest.raises(ValueError, match=r"or 2, one per parameter that varies \(dropout, learning_rate\)\. Got 3\."):
        draw(rounds, "parameters", ax=plt.subplots(1, 3)[1])


def test_no_kind_draws_nothing(few):
    display = draw(few, None)
    assert not hasattr(display, "figure_") and plt.get_fignums() == []


def test_metric_is_named(X):
    def both(estimator, X, y=None):
        return {"first": estimator.score(X), "second": -estimator.score(X)}

    space = {"learning_rate": [1e-3, 1e-2], "dropout": [0.0, 0.1]}
    search = RandomizedSearchCV(Network(), space, n_iter=4, cv=2, scoring=both, refit="first", random_state=0).fit(X)
    assert draw(search, "parameters").axes_[0].get_ylabel().startswith("first\n(higher is better")
    display = draw(search, "parameters", metric="second")
    assert display.axes_[0].get_ylabel().startswith("second")
    assert display.description.best == np.argmax(search.cv_results_["mean_test_second"])


# --- in a notebook --------------------------------------------------------------------------------------


def test_notebooks_show_the_best_candidates(many):
    html = draw(many, None)._repr_html_()
    assert html.count("<tr>") == 11 and "★" in html and "190 more" in html and "failed" in html
    assert "<script" not in html


def test_long_names_are_broken_in_notebooks_and_scores_are_not(X):
    names = [f"{name}_pipeline__keras_classifier__learning_rate" for name in ("linear", "deep")]
    html = draw(grid_search(X, {name: [0.1, 0.2] for name in names}), None)._repr_html_()
    assert "<th>linear_<wbr>pipeline__<wbr>keras_<wbr>classifier__<wbr>learning_<wbr>rate</th>" in html
    assert re.search("<td>[0-9.]+\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}[0-9.e-]+</td>", html)


def test_notebooks_show_values_as_they_are(X):
    search = GridSearchCV(Network(), {"activation": ["<b>", "&"]}, cv=2).fit(X)
    html = draw(search, None)._repr_html_()
    assert "&lt;b&gt;" in html and "&amp;" in html and "<b>" not in html


# --- errors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "lines"}, "The 'kind' parameter of SearchResultsDisplay must be a str among"),
        ({"kind": "rounds"}, "This search has no rounds. CoarseToFineSearchCV and halving searches have"),
        (
            {"kind": "curves"},
            r"The curves of this search were not recorded: .*search\.set_callbacks\(HistoryRecorder\(\)\)",
        ),
        ({"kind": "parallel", "curve": "loss"}, "The 'curve' parameter is for kind='curves' only. Got kind='parallel'"),
    ],
)
def test_what_cannot_be_drawn_is_told(few, options, message):
    with pytest.raises(ValueError, match=message):
        SearchResultsDisplay.from_search(few, **options)


def test_unknown_curve_is_told(pruned):
    with pytest.raises(ValueError, match=r"The 'curve' parameter must be one of val_loss, .* Got 'f1' instead\."):
        draw(pruned, "curves", curve="f1")


@pytest.mark.parametrize("kind", ["parameters", "parallel"])
def test_candidates_that_are_all_the_same(X, kind):
    with pytest.raises(ValueError, match="All candidates of this search have the same parameters: there is nothing"):
        draw(GridSearchCV(Network(), {"dropout": [0.1]}, cv=2).fit(X), kind)


def test_candidates_with_other_parameters_than_those_of_the_first_panel_are_within_the_picture(X):
    grids = [{"learning_rate": [1.0, 0.3]}, {"dropout": [0.1], "momentum": [0.5, 0.9]}]
    display = draw(GridSearchCV(Network(), grids, cv=2).fit(X), "parameters")
    low, high = display.axes_[0].get_ylim()
    assert low < display.description.scores.min() < display.description.scores.max() < high


@pytest.mark.parametrize("n_iter", [1, 3])
def test_candidates_are_counted_in_whole_numbers(X, n_iter):
    ax = draw(random_search(X, n_iter, {"dropout": uniform(0.0, 0.5)}), "best_so_far").ax_
    assert all(float(tick).is_integer() for tick in ax.get_xticks())


# --- candidates with penalties or different losses ----------------------------------------------------------------


def recorded(binary_data, grid, **parameters):
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=3, validation_split=0.2, random_state=0, **parameters)
    return GridSearchCV(network, grid, cv=2).set_callbacks(HistoryRecorder()).fit(*binary_data)


needs_callbacks = pytest.mark.skipif(not scikit_learn.HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9")


@needs_callbacks
def test_curves_are_those_without_penalties_where_any_candidate_has_some(binary_data):
    search = recorded(binary_data, {"l2": [0.0, 0.5]})
    display = draw(search, "curves")
    assert display.ax_.get_ylabel().startswith("val_loss_without_penalty")
    curves = display.description.curves
    np.testing.assert_array_equal(curves[0]["val_loss_without_penalty"], curves[0]["val_loss"])
    assert curves[1]["val_loss_without_penalty"][-1] < curves[1]["val_loss"][-1] - 0.5
    assert display.plot("curves", curve="val_loss").ax_.get_ylabel().startswith("val_loss\n")
    table = search_results(search, curves=True)
    assert not table["val_loss_without_penalty"].isna().any()
    first = table[table.candidate == 0]
    assert (first["val_loss_without_penalty"] == first["val_loss"]).all()


@needs_callbacks
def test_curves_of_different_losses_are_not_shown_first(binary_data):
    search = recorded(binary_data, {"label_smoothing": [0.0, 0.2]})
    display = draw(search, "curves")
    assert display.ax_.get_ylabel().startswith("val_accuracy")
    assert display.description.different_losses == ["label_smoothing"]
    with pytest.warns(UserWarning, match="networks differ in 'label_smoothing'"):
        display.plot("curves", curve="val_loss")
