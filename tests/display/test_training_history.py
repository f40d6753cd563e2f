"""Curves over epochs: what is drawn is what was recorded."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from readable import collisions, legend_texts
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import TrainingHistoryDisplay
from sknn_tune.exceptions import ConvergenceWarning

NAMES = [f"learning rate {10.0**power:g}" for power in range(-6, 2)]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def stopped(binary_data):
    """Overfits: stopped early, and the best epoch is neither the first nor the last."""
    network = KerasClassifier(
        hidden_layer_sizes=(32,), learning_rate=0.02, epochs=60, early_stopping=True, patience=8, random_state=0
    )
    network.fit(*binary_data)
    assert 0 < network.best_epoch_ < network.n_iter_ - 1
    return network


@pytest.fixture(scope="module")
def unstopped(binary_data):
    return KerasClassifier(hidden_layer_sizes=(4,), learning_rate=0.02, epochs=12, random_state=0).fit(*binary_data)


def falling(n_epochs, rate=0.1, floor=0.1):
    return (floor + np.exp(-rate * np.arange(n_epochs))).tolist()


def of(ax, kind):
    return [line for line in ax.lines if line.get_gid() == kind]


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_lines_are_the_history(stopped, metric):
    display = TrainingHistoryDisplay.from_estimator(stopped, metric)
    assert set(display.lines_) == {("", metric), ("", f"val_{metric}")}
    for (_, name), line in display.lines_.items():
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, stopped.n_iter_ + 1))
        np.testing.assert_array_equal(line.get_ydata(), stopped.history_[name])
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("epoch", metric)
    assert display.figure_ is display.ax_.figure


def test_validation_is_dashed_in_the_colour_of_its_network(stopped, unstopped):
    display = TrainingHistoryDisplay.from_estimators({"one": unstopped, "two": stopped})
    lines = display.lines_
    assert lines["two", "loss"].get_color() == lines["two", "val_loss"].get_color() != lines["one", "loss"].get_color()
    assert lines["two", "loss"].get_linestyle() == "-"
    assert lines["two", "val_loss"].get_linestyle() == "--"
    assert ("one", "val_loss") not in lines


def test_a_pipeline_is_drawn_by_its_last_step(binary_data):
    pipeline = make_pipeline(StandardScaler(), KerasClassifier(hidden_layer_sizes=(4,), epochs=3, random_state=0)).fit(
        *binary_data
    )
    display = TrainingHistoryDisplay.from_estimator(pipeline)
    np.testing.assert_array_equal(display.lines_["", "loss"].get_ydata(), pipeline[-1].history_["loss"])


def test_best_epoch_is_that_of_early_stopping(stopped):
    display = TrainingHistoryDisplay.from_estimator(stopped)
    (star,) = of(display.ax_, "best epoch")
    assert star.get_xdata() == [stopped.best_epoch_ + 1]
    assert star.get_ydata() == [min(stopped.history_["val_loss"])]
    assert legend_texts(display.ax_) == ["training", "validation", f"best epoch ({stopped.best_epoch_ + 1})"]


def test_without_early_stopping_the_best_epoch_is_that_of_the_lowest_validation_loss(binary_data):
    X, y = binary_data
    network = KerasClassifier(hidden_layer_sizes=(32,), learning_rate=0.05, epochs=20, random_state=0)
    network.fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    lowest = int(np.argmin(network.history_["val_loss"]))
    assert lowest < network.best_epoch_ == 19
    (star,) = of(TrainingHistoryDisplay.from_estimator(network, "accuracy").ax_, "best epoch")
    assert star.get_xdata() == [lowest + 1]
    assert star.get_ydata() == [network.history_["val_accuracy"][lowest]]


@pytest.fixture(scope="module")
def eight(binary_data):
    """Members that stop at epochs of their own."""
    stopping = {"early_stopping": True, "patience": 2, "epochs": 60, "learning_rate": 0.05}
    return KerasClassifier(hidden_layer_sizes=(8,), n_members=8, random_state=0, **stopping).fit(*binary_data)


@pytest.mark.parametrize("rows", ["both", "training", "validation"])
@pytest.mark.parametrize("metric", ["loss", "accuracy", "learning_rate"])
def test_members_are_thin_lines_behind_their_mean(eight, metric, rows):
    display = TrainingHistoryDisplay.from_estimator(eight, metric, rows=rows)
    keys = [metric] if metric == "learning_rate" or rows != "validation" else []
    keys += [f"val_{metric}"] if metric != "learning_rate" and rows != "training" else []
    assert [key for _, key in display.lines_] == keys
    thin = of(display.ax_, "curve of a member")
    expected = [member.history_[key] for member in eight.members_ for key in keys]
    for line, values in zip(thin, expected, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), values)
    for line in thin:
        assert line.get_linewidth() < 1 < min(mean.get_linewidth() for mean in display.lines_.values())
        assert line.get_color() == next(iter(display.lines_.values())).get_color()
    for key in keys:
        np.testing.assert_array_equal(display.lines_["", key].get_ydata(), eight.history_[key])
    assert display.ax_.get_xlim()[1] >= max(member.n_iter_ for member in eight.members_)


def test_each_member_has_a_best_epoch_of_its_own_and_the_mean_none(eight):
    display = TrainingHistoryDisplay.from_estimator(eight)
    stars = [(star.get_xdata()[0], star.get_ydata()[0]) for star in of(display.ax_, "best epoch")]
    expected = [(m.best_epoch_ + 1, m.history_["val_loss"][m.best_epoch_]) for m in eight.members_]
    assert stars == expected
    assert legend_texts(display.ax_) == ["training", "validation", "each member", "best epoch"]


def test_estimators_beside_each_other_are_drawn_by_their_means(eight, unstopped):
    display = TrainingHistoryDisplay.from_estimators({"eight": eight, "one": unstopped})
    assert of(display.ax_, "curve of a member") == []
    assert "each member" not in legend_texts(display.ax_)
    assert len(TrainingHistoryDisplay.from_estimators(eight.members_).histories) == 8


def test_the_legend_can_be_read_on_black(eight):
    with plt.style.context("dark_background"):
        legend = TrainingHistoryDisplay.from_estimator(eight, label="eight").ax_.get_legend()
    assert {line.get_color() for line in legend.get_lines()[1:]} == {"white"}


def test_without_validation_no_epoch_is_best(unstopped):
    display = TrainingHistoryDisplay.from_estimator(unstopped)
    assert display.best_epochs == {"": None}
    assert of(display.ax_, "best epoch") == []
    assert display.ax_.get_legend() is None


def test_networks_of_a_list_are_named_by_what_differs(binary_data):
    networks = [
        KerasClassifier(
            hidden_layer_sizes=(4,), learning_rate=rate, activation=activation, epochs=1, random_state=0
        ).fit(*binary_data)
        for rate, activation in ((0.1, "relu"), (0.1, "tanh"), (1e-4, "tanh"))
    ]
    display = TrainingHistoryDisplay.from_estimators(networks)
    assert list(display.histories) == [
        "activation=relu, learning_rate=0.1",
        "activation=tanh, learning_rate=0.1",
        "activation=tanh, learning_rate=0.0001",
    ]
    assert next(iter(TrainingHistoryDisplay.from_estimators(networks[1:]).histories)) == "learning_rate=0.1"
    assert list(TrainingHistoryDisplay.from_estimators(networks[:1] * 2).histories) == ["network 1", "network 2"]


def test_eight_networks_differ_in_colour_and_marker_and_are_named():
    histories = {
        name: {"loss": falling(30, rate), "val_loss": falling(30, rate, 0.2)} for rate, name in enumerate(NAMES)
    }
    display = TrainingHistoryDisplay(histories, dict.fromkeys(NAMES, 7), metric=["loss"]).plot()
    lines = of(display.ax_[0], "training curve")
    assert len({to_hex(line.get_color()) for line in lines}) == len({line.get_marker() for line in lines}) == 8
    assert legend_texts(display.ax_[0]) == [*NAMES, "training", "validation", "best epoch"]
    assert collisions(display.figure_) == []


def test_names_in_the_legend_are_broken_between_their_parts():
    names = [
        "hidden_layer_sizes=(32,), learning_rate=0.01",
        "classification_pipeline__keras_classifier__learning_rate=1",
    ]
    display = TrainingHistoryDisplay({name: {"loss": [1.0, 0.5]} for name in names}, dict.fromkeys(names)).plot()
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts[0] == "hidden_layer_sizes=(32,),\nlearning_rate=0.01"
    assert texts[1] == "classification_pipeline__\nkeras_classifier__\nlearning_rate=1"


@pytest.mark.parametrize("n_networks", [1, 12, 20])
def test_a_long_legend_leaves_room_for_the_curves(n_networks):
    histories = {
        f"a name that takes two or three lines, of network {n}": {"loss": [1.0, 0.5]} for n in range(n_networks)
    }
    display = TrainingHistoryDisplay(histories, dict.fromkeys(histories)).plot()
    assert collisions(display.figure_) == []
    assert display.ax_.get_window_extent().height > 0.7 * display.figure_.bbox.height


@pytest.mark.parametrize(
    ("values", "scale", "expected"),
    [
        ([200.0, 1.0], "auto", "log"),
        ([99.0, 1.0], "auto", "linear"),
        ([200.0, 0.0], "auto", "linear"),
        ([200.0, np.inf, 50.0], "auto", "linear"),
        ([2.0, 1.0], "log", "log"),
        ([200.0, 1.0], "linear", "linear"),
    ],
)
def test_scale(values, scale, expected):
    display = TrainingHistoryDisplay.from_history({"loss": values}, scale=scale)
    assert display.ax_.get_yscale() == expected


def test_a_diverged_training_ends_with_a_cross(binary_data):
    X, y = binary_data
    network = KerasClassifier(
        hidden_layer_sizes=(4,),
        optimizer="sgd",
        learning_rate=1e30,
        activation="linear",
        loss="mse",
        output_activation="linear",
        epochs=4,
        random_state=0,
    )
    with pytest.warns(ConvergenceWarning):
        network.fit(X, y)
    display = TrainingHistoryDisplay.from_estimator(network)
    (cross,) = of(display.ax_, "diverged")
    assert cross.get_xdata() == [network.n_iter_]
    assert not np.isfinite(network.history_["loss"][-1])
    assert legend_texts(display.ax_) == ["diverged: loss not finite"]
    assert collisions(display.figure_) == []


def test_what_is_not_finite_is_not_drawn():
    history = {"loss": [1.0, 50.0, np.inf, np.nan], "val_loss": [2.0, np.inf, np.nan, np.nan]}
    display = TrainingHistoryDisplay.from_history(history)
    np.testing.assert_array_equal(display.lines_["", "loss"].get_ydata(), [1, 50, np.nan, np.nan])
    assert [cross.get_xdata() for cross in of(display.ax_, "diverged")] == [[3]]
    assert display.best_epochs == {"": 0}
    assert np.isfinite(display.ax_.get_ylim()).all()


def test_a_training_that_diverged_at_once_has_its_cross():
    display = TrainingHistoryDisplay.from_history({"loss": [np.nan], "val_loss": [np.nan]})
    assert [cross.get_xdata() for cross in of(display.ax_, "diverged")] == [[1]]
    assert collisions(display.figure_) == []


def test_a_number_that_was_not_recorded_in_some_epochs_is_no_divergence():
    display = TrainingHistoryDisplay.from_history({"loss": [3.0, 2.0, 1.0], "val_loss": [np.nan, 2.0, 3.0]})
    assert of(display.ax_, "diverged") == []
    assert display.best_epochs == {"": 1}


@pytest.mark.parametrize("n_epochs", [1, 2, 3, 12, 100, 1000])
def test_epochs_are_whole_numbers_from_one(n_epochs):
    display = TrainingHistoryDisplay.from_history({"loss": falling(n_epochs), "val_loss": falling(n_epochs, floor=0.2)})
    display.figure_.canvas.draw()
    low, high = display.ax_.get_xlim()
    ticks = [tick for tick in display.ax_.get_xticks() if low <= tick <= high]
    assert ticks
    assert ticks == [int(tick) for tick in ticks]
    assert 0 < low <= 1 and n_epochs <= high
    assert all(line.get_marker() != "None" for line in display.lines_.values())  # a single point is seen
    assert collisions(display.figure_) == []


def test_a_single_epoch_is_not_called_the_best():
    display = TrainingHistoryDisplay.from_history({"loss": [1.0], "val_loss": [1.0]})
    assert legend_texts(display.ax_) == ["training", "validation"]


def test_axes_that_have_curves_take_those_of_another_network(stopped, unstopped):
    _, ax = plt.subplots()
    first = TrainingHistoryDisplay.from_estimator(unstopped, ax=ax)
    second = TrainingHistoryDisplay.from_estimator(stopped, label="stopped early", ax=ax)
    assert first.ax_ is second.ax_ is ax
    assert first.lines_["", "loss"].get_color() != second.lines_["stopped early", "loss"].get_color()
    assert legend_texts(ax) == ["network 1", "stopped early", "training", "validation", "best epoch"]
    assert ax.get_xlim()[1] >= stopped.n_iter_ > unstopped.n_iter_
    assert collisions(ax.figure) == []


def test_several_metrics_have_a_panel_each_and_one_legend(stopped, unstopped):
    networks = {"with batch normalisation and dropout": stopped, "without": unstopped}
    display = TrainingHistoryDisplay.from_estimators(networks, ["loss", "accuracy", "learning_rate"])
    assert [ax.get_ylabel() for ax in display.ax_] == ["loss", "accuracy", "learning rate"]
    assert [ax.get_legend() is None for ax in display.ax_] == [True, True, False]
    assert legend_texts(display.ax_[-1]) == [*networks, "training", "validation", "best epoch"]
    assert collisions(display.figure_) == []


def test_a_learning_rate_has_no_rows(unstopped):
    display = TrainingHistoryDisplay.from_estimator(unstopped, "learning_rate")
    assert display.ax_.get_legend() is None
    np.testing.assert_array_equal(display.lines_["", "learning_rate"].get_ydata(), unstopped.history_["learning_rate"])


@pytest.mark.parametrize("rows", ["training", "validation"])
def test_one_kind_of_rows(rows, stopped):
    networks = {"one": stopped, "two": stopped}
    display = TrainingHistoryDisplay.from_estimators(networks, ["loss", "learning_rate"], rows=rows)
    key = {"training": "loss", "validation": "val_loss"}[rows]
    assert set(display.lines_) == {(name, drawn) for name in networks for drawn in (key, "learning_rate")}
    assert [star.get_ydata() for star in of(display.ax_[0], "best epoch")] == [
        [stopped.history_[key][stopped.best_epoch_]]
    ] * 2
    meaning = ["validation"] if rows == "validation" else []
    assert legend_texts(display.ax_[-1]) == ["one", "two", *meaning, "best epoch"]
    assert collisions(display.figure_) == []


def test_validation_rows_alone_take_further_networks_too(stopped):
    _, ax = plt.subplots()
    for label in ("one", "two"):
        display = TrainingHistoryDisplay.from_estimator(stopped, label=label, rows="validation", ax=ax)
    assert len({line.get_color() for line in of(ax, "validation curve")}) == 2
    assert legend_texts(display.ax_) == ["one", "two", "validation", "best epoch"]


def test_a_learning_rate_has_no_best_epoch(stopped):
    display = TrainingHistoryDisplay.from_estimator(stopped, "learning_rate")
    assert of(display.ax_, "best epoch") == []
    assert display.ax_.get_legend() is None


def test_plain_axes_in_a_row_are_readable(stopped, unstopped):
    figure, axes = plt.subplots(1, 2, figsize=(8, 3))
    TrainingHistoryDisplay.from_estimator(stopped, label="stopped early", ax=axes[0])
    TrainingHistoryDisplay.from_estimator(unstopped, ["loss"], ax=axes[1:])
    assert collisions(figure) == []


def test_parts_of_a_figure_are_readable(stopped):
    parts = plt.figure(figsize=(9, 3)).subfigures(1, 2)
    display = TrainingHistoryDisplay.from_estimator(stopped, ax=parts[0].subplots())
    assert display.figure_ is parts[0]
    assert collisions(parts[0].figure) == []


def test_it_can_be_drawn_again_elsewhere(stopped):
    display = TrainingHistoryDisplay.from_estimator(stopped)
    _, ax = plt.subplots()
    assert display.plot(ax=ax) is display
    assert display.ax_ is ax
    assert len(of(ax, "training curve")) == 1


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda n: TrainingHistoryDisplay.from_estimator(n, "auc"),
            "those in the history: loss, accuracy, learning_rate. Got 'auc'",
        ),
        (
            lambda n: TrainingHistoryDisplay.from_estimator(n, "val_loss"),
            "Got 'val_loss' instead. The validation rows are drawn with 'loss'",
        ),
        (lambda n: TrainingHistoryDisplay.from_estimators({"one": n}, "auc"), "those in the history of 'one': loss"),
        (lambda n: TrainingHistoryDisplay.from_estimator(n, []), "must name at least one entry of history_"),
        (
            lambda n: TrainingHistoryDisplay.from_estimator(n, scale="symlog"),
            "The 'scale' parameter of TrainingHistoryDisplay.from_estimator must be a str among",
        ),
        (
            lambda n: TrainingHistoryDisplay.from_estimator(n, rows="validation"),
            r"rows='validation' needs 'val_loss' in the history, which is there with early_stopping=True",
        ),
        (lambda n: TrainingHistoryDisplay.from_estimators([]), "must have at least one fitted estimator"),
        (lambda n: TrainingHistoryDisplay.from_history({}), "it is empty. Got 'loss'"),
        (lambda n: TrainingHistoryDisplay.from_history({"loss": []}), "The history has no epochs in 'loss'"),
        (
            lambda n: TrainingHistoryDisplay.from_estimator(n, ["loss", "accuracy"], ax=plt.figure().add_subplot()),
            "a sequence of 2 matplotlib axes, one per panel. Got 1",
        ),
        (
            lambda n: TrainingHistoryDisplay.from_estimator(n, ax=plt.figure().subplots(1, 2)),
            "None or one matplotlib axes. Got 2",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, message, unstopped):
    with pytest.raises(ValueError, match=message):
        draw(unstopped)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            TrainingHistoryDisplay.from_estimators,
            "must be a dict or a list of fitted estimators. Got Keras.*from_estimator",
        ),
        (lambda n: TrainingHistoryDisplay.from_history(n), "must be a dict of lists by name, .* Got KerasClassifier"),
        (
            lambda n: TrainingHistoryDisplay.from_estimator(n, ax="x"),
            "must be made of matplotlib axes, or None. Got str",
        ),
    ],
)
def test_things_of_another_kind_are_refused_in_a_sentence(draw, message, unstopped):
    with pytest.raises(TypeError, match=message):
        draw(unstopped)


def test_an_estimator_must_be_fitted():
    with pytest.raises(NotFittedError, match="This KerasClassifier instance is not fitted yet"):
        TrainingHistoryDisplay.from_estimator(make_pipeline(StandardScaler(), KerasClassifier()))


def test_what_has_no_history_is_said(binary_data):
    search = GridSearchCV(KerasClassifier(epochs=1, random_state=0), {"epochs": [1]}, cv=2).fit(*binary_data)
    with pytest.raises(ValueError, match=r"Got GridSearchCV, which has none\. Give its best_estimator_\."):
        TrainingHistoryDisplay.from_estimator(search)
    assert TrainingHistoryDisplay.from_estimator(search.best_estimator_).lines_


def test_displays_load_nothing_until_they_draw():
    code = (
        "import sys, sknn_tune.display\nassert not {'matplotlib', 'tensorflow', 'keras', 'plotly'} & set(sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


# --- networks with penalties ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def penalised(binary_data):
    network = {"hidden_layer_sizes": (4,), "learning_rate": 0.02, "epochs": 4, "validation_split": 0.2}
    return [KerasClassifier(**network, l2=l2, random_state=0).fit(*binary_data) for l2 in (0.0, 0.5)]


def test_networks_are_compared_without_their_penalties(penalised):
    display = TrainingHistoryDisplay.from_estimators(penalised, ["loss", "accuracy"])
    without, with_penalty = penalised
    drawn = {name: line.get_ydata() for name, line in display.lines_.items()}
    np.testing.assert_array_equal(drawn["l2=0", "val_loss_without_penalty"], without.history_["val_loss"])
    alone = with_penalty.history_["val_loss_without_penalty"]
    np.testing.assert_array_equal(drawn["l2=0.5", "val_loss_without_penalty"], alone)
    assert display.ax_[0].get_ylabel() == "loss without penalty" and display.ax_[1].get_ylabel() == "accuracy"
    assert display.best_epochs == {"l2=0": np.argmin(without.history_["val_loss"]), "l2=0.5": np.argmin(alone)}


def test_one_network_is_drawn_as_keras_records_it(penalised):
    display = TrainingHistoryDisplay.from_estimator(penalised[1])
    np.testing.assert_array_equal(display.lines_["", "val_loss"].get_ydata(), penalised[1].history_["val_loss"])


def test_networks_of_different_losses_are_drawn_with_a_warning(unstopped, binary_data):
    smoothed = KerasClassifier(hidden_layer_sizes=(4,), epochs=2, label_smoothing=0.2, random_state=0)
    smoothed.fit(*binary_data)
    with pytest.warns(UserWarning, match="networks differ in 'label_smoothing', so their losses measure different"):
        TrainingHistoryDisplay.from_estimators([unstopped, smoothed])
    TrainingHistoryDisplay.from_estimators([unstopped, smoothed], "accuracy")  # warnings are errors here
