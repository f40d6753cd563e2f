"""What a splitter gives as rows held out: which split is taken, and what is said of rows that go missing."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    TimeSeriesSplit,
)

from sknn_tune import KerasClassifier, KerasRegressor, TabularRegressor

#: One row per update by machine code, so that ``n_steps_`` counts the rows that are trained on.
QUICK = {"hidden_layer_sizes": (3,), "epochs": 1, "batch_size": 1, "random_state": 0, "engine": "numba"}

ALL, FIRST = np.arange(60), np.arange(60) < 40


class Given:
    """A splitter of the user's own."""

    def __init__(self, *splits):
        self.splits = splits

    def split(self, X, y=None, groups=None):
        return iter(self.splits)

    def get_n_splits(self, X=None, y=None, groups=None):
        return len(self.splits)


class GivesNothing(Given):
    def split(self, X, y=None, groups=None):
        """A forgotten ``return``."""


@pytest.fixture
def rows(regression_data):
    X, y = regression_data
    return X[:60], y[:60]


def rows_trained_on(fitted) -> int:
    return fitted.n_steps_ // fitted.n_iter_


def fit(rows, split, **parameters):
    return KerasRegressor(validation_split=split, **QUICK, **parameters).fit(*rows)


@pytest.mark.parametrize(
    ("split", "n_rows"),
    [
        (TimeSeriesSplit(5), 50),
        (TimeSeriesSplit(3, test_size=5), 55),
        (RepeatedKFold(n_splits=4, n_repeats=2, random_state=0), 45),
        (LeaveOneOut(), 59),
        (PredefinedSplit(np.where(FIRST, -1, 0)), 40),
        (Given((FIRST, ~FIRST)), 40),
        (Given((list(range(40)), list(range(40, 60)))), 40),
        (Given((np.arange(-60, -20), np.arange(-20, 0))), 40),
        (Given((np.r_[np.arange(40), 0, 0], np.arange(40, 60))), 42),
    ],
    ids=["in time", "a short last part", "repeated", "one row", "predefined", "masks", "lists", "negative", "twice"],
)
def test_a_splitter_whose_splits_use_all_rows_is_taken_without_a_word(rows, split, n_rows):
    assert rows_trained_on(fit(rows, split)) == n_rows


@pytest.mark.parametrize(
    ("split", "n_rows", "message"),
    [
        (TimeSeriesSplit(5, gap=4), 46, "56 of 60 rows: 46 to train on and 10 held out, while 4 are in neither part"),
        (TimeSeriesSplit(5, max_train_size=20), 20, "20 to train on and 10 held out, while 30 are in neither"),
        (ShuffleSplit(3, train_size=0.5, test_size=0.25), 30, "30 to train on and 15 held out, while 15 are in"),
        (Given((np.arange(20), np.arange(20, 30))), 20, "30 of 60 rows: 20 to train on and 10 held out, while 30"),
        (Given((np.arange(45), np.arange(40, 60))), 45, "trains on 5 of the 20 rows that it holds out"),
    ],
    ids=["gap", "window", "shuffled", "own", "both sides"],
)
def test_rows_on_no_side_or_on_both_are_counted_in_a_warning(rows, split, n_rows, message):
    with pytest.warns(UserWarning, match=message):
        fitted = fit(rows, split)
    assert rows_trained_on(fitted) == n_rows


def test_members_take_the_last_splits_where_the_first_leave_rows_out(rows):
    with pytest.warns(UserWarning, match="40 of 60 rows for one of the members: 30 to train on and 10 held out"):
        fitted = fit(rows, TimeSeriesSplit(5), n_members=3)
    assert rows_trained_on(fitted) == 30 + 40 + 50
    assert np.isnan(fitted.oof_prediction_).tolist() == (ALL < 30).tolist()


def test_masks_give_members_the_same_out_of_fold_score_as_indices(rows):
    masks = [(~held_out, held_out) for held_out in (ALL % 2 == 0, ALL % 2 == 1)]
    by_mask = fit(rows, Given(*masks), n_members=2)
    by_index = fit(rows, Given(*((np.flatnonzero(a), np.flatnonzero(b)) for a, b in masks)), n_members=2)
    np.testing.assert_array_equal(by_mask.oof_prediction_, by_index.oof_prediction_)
    assert by_mask.oof_score_ == by_index.oof_score_


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (Given((ALL, [])), "gives no rows to hold out. Give a splitter whose splits have rows on both sides"),
        (Given(([], ALL)), "gives no rows to train on"),
        (Given((FIRST, np.zeros(60, dtype=bool))), "gives no rows to hold out"),
        (Given((np.arange(40), np.arange(40, 70))), "must give indices of the 60 rows, but those to hold out are not"),
        (
            Given((np.arange(40.0), np.arange(40, 60))),
            "must give indices of the 60 rows, but those to train on are not: arrays",
        ),
        (
            Given((np.arange(40).reshape(2, 20), np.arange(40, 60))),
            r"must give .* one axis, but those to train on have shape \(2, 20\)",
        ),
        (Given((FIRST, ~FIRST[:, None])), r"must give .* one axis, but those to hold out have shape \(60, 1\)"),
        (GivesNothing(), "must have a method split that gives pairs: .* It returned None instead"),
        (Given((FIRST, ~FIRST, 3)), "must give pairs: the indices of the rows to train on, and of those to hold out"),
        (Given(), r"gives 0 split\(s\)"),
    ],
    ids=[
        "no held out",
        "no training",
        "empty mask",
        "too far",
        "floats",
        *("a table", "a column", "no splits", "three", "none"),
    ],
)
def test_what_is_no_split_is_refused(rows, split, message):
    with pytest.raises(ValueError, match=f"The 'validation_split' parameter of KerasRegressor {message}"):
        fit(rows, split)


def test_predefined_folds_are_those_of_the_rows_that_were_given(rows):
    X, y = rows
    fold, weight = np.where(ALL % 3 == 0, 0, -1), np.where(ALL % 4 == 0, 0.0, 1.0)
    kept = weight > 0
    common = {"validation_split": PredefinedSplit(fold), **QUICK}
    fitted = KerasRegressor(**common).fit(X, y, sample_weight=weight)
    expected = KerasRegressor(**{**common, "validation_split": PredefinedSplit(fold[kept])}).fit(X[kept], y[kept])
    assert fitted.history_["val_loss"] == expected.history_["val_loss"]
    tabular = TabularRegressor(n_members=1, share_weights=False, epochs=1, validation_split=PredefinedSplit(fold))
    assert np.isfinite(tabular.fit(X, y, sample_weight=weight).history_["val_loss"]).all()


def test_a_class_that_is_not_trained_on_is_named(binary_data):
    X, y = binary_data
    order = np.argsort(y, kind="stable")
    with pytest.warns(UserWarning, match="leaves no row of class 0 to train on, which the network will not know"):
        KerasClassifier(validation_split=KFold(2), **QUICK).fit(X[order][-140:], y[order][-140:])


# --- groups ----------------------------------------------------------------------------------------


def test_groups_that_nobody_looks_at_are_a_warning(rows):
    with pytest.warns(UserWarning, match="holds out rows without regard to 'groups'.* validation_split=GroupKFold"):
        KerasRegressor(early_stopping=True, **QUICK).fit(*rows, groups=ALL % 5)
    KerasRegressor(**QUICK).fit(*rows, groups=ALL % 5)  # nothing is held out


def test_groups_of_another_length_are_refused(rows):
    with pytest.raises(ValueError, match="'groups' argument has 5 entries, but X has 60 rows"):
        KerasRegressor(validation_split=GroupKFold(5), **QUICK).fit(*rows, groups=ALL[:5])


# --- what is watched -------------------------------------------------------------------------------


@pytest.mark.parametrize("monitor", ["loss", "accuracy"])
@pytest.mark.parametrize("n_members", [1, 2])
def test_a_number_of_the_rows_trained_on_holds_none_out(binary_data, monitor, n_members):
    settings = {**QUICK, "epochs": 4, "batch_size": 50}
    fitted = KerasClassifier(early_stopping=True, monitor=monitor, patience=1, min_delta=10.0, n_members=n_members)
    fitted.set_params(**settings).fit(*binary_data)
    assert not any(name.startswith("val_") for name in fitted.history_)
    assert (fitted.n_iter_, fitted.n_steps_) == (2, 2 * 4 * n_members)
    assert not hasattr(fitted, "oof_prediction_")


def test_rows_are_held_out_where_a_split_asks_for_them_whatever_is_watched(rows):
    with pytest.warns(ConvergenceWarning):
        fitted = fit(rows, 0.25, early_stopping=True, monitor="loss")
    assert rows_trained_on(fitted) == 45


@pytest.mark.filterwarnings("ignore:The 'batch_size' parameter")  # which is for rows in memory
def test_a_stream_can_stop_by_its_own_loss(rows):
    tf = pytest.importorskip("tensorflow")
    stream = tf.data.Dataset.from_tensor_slices(rows).batch(20)
    settings = {**QUICK, "engine": "keras", "epochs": 5}
    fitted = KerasRegressor(early_stopping=True, monitor="loss", min_delta=100.0, patience=1, **settings).fit(stream)
    assert fitted.n_iter_ == 2


def test_training_that_was_to_come_to_rest_and_did_not_is_a_warning(rows):
    stopping = {**QUICK, "epochs": 3, "early_stopping": True}
    with pytest.warns(ConvergenceWarning, match=r"Training did not converge: 'loss' was still improving .* epochs=3"):
        KerasRegressor(monitor="loss", patience=2, **stopping).fit(*rows)
    with pytest.warns(ConvergenceWarning, match="'loss' of 2 of 2 members was still improving"):
        KerasRegressor(monitor="loss", patience=2, n_members=2, **stopping).fit(*rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        KerasRegressor(monitor="loss", patience=2, min_delta=100.0, **stopping).fit(*rows)
        KerasRegressor(monitor="loss", patience=np.inf, **stopping).fit(*rows)  # never to stop was asked for
        KerasRegressor(monitor="val_loss", patience=2, **stopping).fit(*rows)  # epochs are what it may cost
        KerasRegressor(**{**stopping, "early_stopping": False}).fit(*rows)


@pytest.mark.parametrize("engine", ["numba", "keras"])
def test_infinite_patience_keeps_the_best_of_all_epochs(rows, engine):
    settings = {**QUICK, "engine": engine, "epochs": 15, "batch_size": 20, "learning_rate": 0.3}
    fitted = KerasRegressor(early_stopping=True, patience=np.inf, **settings).fit(*rows)
    assert fitted.n_iter_ == 15
    assert fitted.best_epoch_ == int(np.argmin(fitted.history_["val_loss"]))
