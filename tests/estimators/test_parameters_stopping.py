"""Early stopping: which rows are watched, when training stops, and which weights are kept."""

import keras
import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit

#: One row per update, so that ``n_steps_`` counts the rows that are trained on.
ROW_BY_ROW = {"batch_size": 1}


def training_rows(fitted) -> int:
    return fitted.n_steps_ // fitted.n_iter_


def stopping_epochs(values, *, patience, min_delta=0.0, sign=1) -> tuple[int, int]:
    """Epochs run and the best one, by the rule of Keras' EarlyStopping."""
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, value in enumerate(values):
        waited += 1
        if sign * value < best - min_delta:
            best, best_epoch, waited = sign * value, epoch, 0
        if waited >= patience and epoch > 0:
            return epoch + 1, best_epoch
    return len(values), best_epoch


@pytest.fixture
def watched(regression_data):
    """Training rows, and targets to watch that have nothing to do with the inputs, so that training must stop."""
    X, y = regression_data
    y_val = np.random.default_rng(0).permutation(y[60:100])
    return (X[:60], y[:60]), {"X_val": X[60:100], "y_val": y_val}


@pytest.mark.few(2)
@pytest.mark.parameters("early_stopping", "patience", "min_delta", "restore_best_weights")
@pytest.mark.parametrize(
    ("patience", "min_delta", "restore"), [(1, 0.0, True), (2, 0.0, False), (1, 0.05, False), (2, 0.05, True)]
)
def test_early_stopping_does_what_keras_early_stopping_does(regressor, watched, patience, min_delta, restore):
    rows, validation = watched
    common = {"epochs": 8, "learning_rate": 0.1}
    ours = regressor(
        early_stopping=True, patience=patience, min_delta=min_delta, restore_best_weights=restore, **common
    ).fit(*rows, **validation)
    theirs = regressor(
        callbacks=keras.callbacks.EarlyStopping(patience=patience, min_delta=min_delta, restore_best_weights=restore),
        **common,
    ).fit(*rows, **validation)
    assert ours.history_ == theirs.history_
    assert ours.n_iter_ < 8
    for one, other in zip(ours.model_.get_weights(), theirs.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    expected = stopping_epochs(ours.history_["val_loss"], patience=patience, min_delta=min_delta)
    assert (ours.n_iter_, ours.best_epoch_) == expected


@pytest.mark.parameters("restore_best_weights")
@pytest.mark.parametrize("restore", [True, False])
def test_the_weights_kept_are_those_of_the_best_or_of_the_last_epoch(regressor, watched, restore):
    rows, validation = watched
    fitted = regressor(early_stopping=True, patience=2, restore_best_weights=restore, epochs=8, learning_rate=0.1).fit(
        *rows, **validation
    )
    loss = np.mean((fitted.predict(validation["X_val"]) - validation["y_val"]) ** 2)
    epoch = fitted.best_epoch_ if restore else -1
    assert loss == pytest.approx(fitted.history_["val_loss"][epoch], rel=1e-5)
    assert fitted.best_epoch_ == int(np.argmin(fitted.history_["val_loss"])) < fitted.n_iter_ - 1


@pytest.mark.parameters("early_stopping", "patience")
def test_patience_beyond_the_epochs_runs_them_all(regressor, regression_data):
    fitted = regressor(early_stopping=True, patience=10, epochs=3).fit(*regression_data)
    assert fitted.n_iter_ == 3


@pytest.mark.parameters("monitor")
@pytest.mark.parametrize(("monitor", "sign"), [("val_loss", 1), ("val_accuracy", -1), ("loss", 1), ("accuracy", -1)])
def test_any_recorded_number_can_be_watched_in_its_own_direction(classifier, binary_data, monitor, sign):
    fitted = classifier(early_stopping=True, monitor=monitor, patience=1, epochs=12, learning_rate=1.0)
    fitted.fit(*binary_data)
    assert 2 <= fitted.n_iter_ < 12
    expected = stopping_epochs(fitted.history_[monitor], patience=1, sign=sign)
    assert (fitted.n_iter_, fitted.best_epoch_) == expected


@pytest.mark.parameters("monitor", "metrics")
def test_a_metric_of_ones_own_can_be_watched(classifier, binary_data):
    auc = keras.metrics.AUC(name="auc")
    fitted = classifier(metrics=[auc], early_stopping=True, monitor="val_auc", patience=1, epochs=5).fit(*binary_data)
    assert fitted.n_iter_ == stopping_epochs(fitted.history_["val_auc"], patience=1, sign=-1)[0]


# --- which rows are held out -----------------------------------------------------------------------


@pytest.mark.parameters("validation_fraction", "early_stopping")
@pytest.mark.parametrize(("fraction", "n_held_out"), [(0.1, 4), (0.25, 10), (0.26, 11)])
def test_the_fraction_is_held_out(regressor, regression_data, fraction, n_held_out):
    X, y = (array[:40] for array in regression_data)
    fitted = regressor(early_stopping=True, validation_fraction=fraction, **ROW_BY_ROW).fit(X, y)
    assert training_rows(fitted) == 40 - n_held_out
    assert "val_loss" in fitted.history_


@pytest.mark.parameters("early_stopping", "validation_fraction")
def test_without_early_stopping_nothing_is_held_out(regressor, regression_data):
    X, y = (array[:20] for array in regression_data)
    with pytest.warns(UserWarning, match="'validation_fraction' .* has no effect"):
        fitted = regressor(validation_fraction=0.5, **ROW_BY_ROW).fit(X, y)
    assert training_rows(fitted) == 20
    assert set(fitted.history_) == {"loss", "learning_rate"}
    assert fitted.best_epoch_ == 0


def held_out_by(estimator, X, y, **fit_arguments) -> np.ndarray:
    """Numbers of the rows held out. Column 0 of X numbers the rows; a loss of a linear model cannot see them,
    so a layer writes down what passes through it, in training and out of it.
    """
    _Witness.seen = {True: set(), False: set()}
    estimator.set_params(feature_layers=[_Witness()]).fit(X, y, **fit_arguments)
    trained, watched = _Witness.seen[True], _Witness.seen[False]
    assert not trained & watched
    assert trained | watched == set(range(len(X)))
    return np.array(sorted(watched))


class _Witness(keras.layers.Layer):
    seen: dict = {}

    def call(self, inputs, training=False):
        if hasattr(inputs, "numpy"):  # not while Keras only asks for shapes
            self.seen[bool(training)].update(inputs[:, 0].numpy().astype(int).tolist())
        return inputs


@pytest.fixture
def numbered():
    """Forty rows, numbered in column 0; a fifth of them are of class 1, and stand at the end."""
    X = np.column_stack([np.arange(40.0), np.random.default_rng(0).normal(size=40)])
    return X, np.repeat([0, 1], [32, 8])


@pytest.mark.parameters("early_stopping", "random_state")
def test_a_classifier_holds_out_a_share_of_every_class_not_the_last_rows(classifier, numbered):
    X, y = numbered
    rows = held_out_by(classifier(early_stopping=True, validation_fraction=0.25), X, y)
    assert np.bincount(y[rows]).tolist() == [8, 2]
    assert rows.tolist() != list(range(30, 40))
    same = held_out_by(classifier(early_stopping=True, validation_fraction=0.25), X, y)
    other = held_out_by(classifier(early_stopping=True, validation_fraction=0.25, random_state=1), X, y)
    assert rows.tolist() == same.tolist() != other.tolist()


@pytest.mark.parameters("early_stopping")
def test_a_class_of_one_row_is_trained_on(classifier, numbered):
    X, y = numbered
    y = y.copy()
    y[0] = 2
    assert 0 not in held_out_by(classifier(early_stopping=True, validation_fraction=0.25), X, y)


@pytest.mark.parameters("validation_split")
def test_a_number_holds_out_rows_without_early_stopping(classifier, numbered):
    rows = held_out_by(classifier(validation_split=0.25), *numbered)
    assert np.bincount(numbered[1][rows]).tolist() == [8, 2]


@pytest.mark.parameters("validation_split")
@pytest.mark.parametrize("splitter", [KFold(5), KFold(4, shuffle=True, random_state=3)], ids=repr)
def test_a_splitters_first_split_is_held_out(classifier, numbered, splitter):
    _, expected = next(splitter.split(*numbered))
    rows = held_out_by(classifier(validation_split=splitter), *numbered)
    assert rows.tolist() == sorted(expected)


@pytest.mark.parameters("validation_split", "random_state")
def test_a_splitter_without_a_seed_draws_from_ours(classifier, numbered):
    splitter = ShuffleSplit(1, test_size=0.2)
    one, same = (held_out_by(classifier(validation_split=splitter), *numbered).tolist() for _ in range(2))
    assert one == same != held_out_by(classifier(validation_split=splitter, random_state=1), *numbered).tolist()
    assert splitter.random_state is None


@pytest.mark.parameters("validation_split")
def test_groups_reach_the_splitter(classifier, numbered):
    groups = np.arange(40) % 8
    rows = held_out_by(classifier(validation_split=GroupKFold(4)), *numbered, groups=groups)
    outside = sorted(set(range(40)) - set(rows.tolist()))
    assert not set(groups[rows]) & set(groups[outside])


@pytest.mark.parameters("early_stopping", "validation_split")
def test_rows_given_to_fit_come_before_any_that_could_be_held_out(classifier, binary_data):
    X, y = binary_data
    fitted = classifier(early_stopping=True, **ROW_BY_ROW).fit(X[:10], y[:10], X_val=X[10:], y_val=y[10:])
    assert training_rows(fitted) == 10
    accuracy = np.mean(fitted.predict(X[10:]) == y[10:])
    assert fitted.history_["val_accuracy"][0] == pytest.approx(accuracy, abs=1e-6)


def test_weights_of_the_rows_given_to_fit_count(regressor, regression_data):
    X, y = regression_data
    weight = np.linspace(0.1, 2, 100)
    fitted = regressor().fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:], sample_weight_val=weight)
    expected = np.average((fitted.predict(X[100:]) - y[100:]) ** 2, weights=weight)
    assert fitted.history_["val_loss"][0] == pytest.approx(expected, rel=1e-5)


def test_class_weights_count_for_the_rows_watched_too(classifier, binary_data):
    X, y = binary_data
    fitted = classifier(class_weight={0: 1.0, 1: 5.0}).fit(X[:100], y[:100], X_val=X[100:], y_val=y[100:])
    probability = fitted.predict_proba(X[100:])[np.arange(100), y[100:]]
    expected = np.average(-np.log(probability), weights=np.where(y[100:] == 1, 5.0, 1.0))
    assert fitted.history_["val_loss"][0] == pytest.approx(expected, rel=1e-4)


def test_groups_follow_rows_of_weight_zero_out(classifier, binary_data):
    X, y = binary_data
    weights = np.ones(len(y))
    weights[::4] = 0
    groups = np.arange(len(y)) % 5
    fitted = classifier(validation_split=GroupKFold(5)).fit(X, y, sample_weight=weights, groups=groups)
    kept = classifier(validation_split=GroupKFold(5)).fit(X[weights > 0], y[weights > 0], groups=groups[weights > 0])
    assert fitted.history_["val_loss"] == kept.history_["val_loss"]
