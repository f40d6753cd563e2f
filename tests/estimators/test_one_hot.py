"""One-hot targets: classes where the loss says so, in the form of y; else labels, with a warning."""

import pickle

import keras
import numpy as np
import pandas as pd
import polars as pl
import pytest
import tensorflow as tf
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier

L = keras.losses
QUICK = {"hidden_layer_sizes": (8,), "epochs": 10, "learning_rate": 0.1, "random_state": 0}
FOLDS = KFold(3, shuffle=True, random_state=0)


@pytest.fixture
def one_hot(multiclass_data):
    """X, y of class numbers, and the same as a matrix."""
    X, y = multiclass_data
    return X, y, np.eye(3, dtype=int)[y]


@pytest.fixture
def classifier():
    return KerasClassifier(loss="categorical_crossentropy", **QUICK)


class OfMine(L.CategoricalCrossentropy):
    """A loss of the user's, for classes."""


EXCLUSIVE = {
    "name": "categorical_crossentropy",
    "class name": "CategoricalCrossentropy",
    "class": L.CategoricalCrossentropy,
    "object": L.CategoricalCrossentropy(label_smoothing=0.1),
    "function": L.categorical_crossentropy,
    "derived": OfMine(),
    "focal": "categorical_focal_crossentropy",
    "focal object": L.CategoricalFocalCrossentropy(),
    "hinge": "categorical_hinge",
    "kld": "kld",
    "divergence": L.KLDivergence(),
    "index": "sparse_categorical_crossentropy",
}


@pytest.mark.few(5)
@pytest.mark.parametrize("kind", EXCLUSIVE)
def test_with_a_loss_for_classes_columns_are_classes(one_hot, kind):
    X, y, Y = one_hot
    by_number = KerasClassifier(loss=EXCLUSIVE[kind], **QUICK).fit(X, y)
    by_row = KerasClassifier(loss=EXCLUSIVE[kind], **QUICK).fit(X, Y)
    np.testing.assert_array_equal(by_row.predict_proba(X), by_number.predict_proba(X))
    np.testing.assert_array_equal(by_row.predict(X), np.eye(3)[by_number.predict(X)])
    assert by_row.score(X, Y) == by_number.score(X, y) > 0.9
    assert by_row.history_ == by_number.history_
    assert (by_row.n_classes_, by_row.n_outputs_, by_row.classes_.tolist()) == (3, 1, [0, 1, 2])


@pytest.mark.few(5)
@pytest.mark.parametrize("kind", EXCLUSIVE)
def test_two_labels_are_two_classes_too(binary_data, kind):
    X, y = binary_data  # one column alone would have nothing that pushes it down
    assert KerasClassifier(loss=EXCLUSIVE[kind], **QUICK).fit(X, y).score(X, y) > 0.85


def test_a_softmax_says_so_too(one_hot):
    X, y, Y = one_hot
    network = KerasClassifier(output_activation="softmax", **QUICK).fit(X, Y)
    np.testing.assert_array_equal(
        network.predict_proba(X), KerasClassifier(loss="categorical_crossentropy", **QUICK).fit(X, y).predict_proba(X)
    )


def _table(Y):
    return pd.DataFrame(Y, columns=["c", "a", "b"])


CONTAINERS = {
    "float": lambda Y: Y.astype(float),
    "float32": lambda Y: Y.astype("float32"),
    "bool": lambda Y: Y.astype(bool),
    "to_categorical": lambda Y: keras.utils.to_categorical(Y.argmax(axis=1)),
    "list": lambda Y: Y.tolist(),
    "frame": lambda Y: pd.DataFrame(Y),
    "named": _table,
    "dummies": lambda Y: pd.get_dummies(pd.Series(np.array(["c", "a", "b"])[Y.argmax(axis=1)]))[["c", "a", "b"]],
    "polars": lambda Y: pl.DataFrame(Y, schema=["c", "a", "b"]),
    "csr": sparse.csr_array,
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_any_matrix(classifier, one_hot, kind):
    X, y, Y = one_hot
    given = CONTAINERS[kind](Y)
    network = clone(classifier).fit(X, given)
    predicted = network.predict(X)
    assert predicted.shape == Y.shape
    has_bools = (given if kind == "csr" else np.asarray(given)).dtype == bool
    assert predicted.dtype == (bool if has_bools else np.int64), "as of scikit-learn's MLPClassifier"
    np.testing.assert_array_equal(predicted.argmax(axis=1), classifier.fit(X, y).predict(X))
    named = kind in ("named", "dummies", "polars")
    assert network.classes_.tolist() == (["c", "a", "b"] if named else [0, 1, 2])


def test_two_columns_are_two_classes(classifier, binary_data):
    X, y = binary_data
    Y = np.eye(2)[y]
    network = classifier.fit(X, Y)
    assert network.model_.output_shape == (None, 2)
    assert network.predict_proba(X).shape == network.predict(X).shape == Y.shape
    assert network.score(X, Y) > 0.85


# --- without such a loss -----------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["auto", "mse"])
def test_otherwise_columns_are_labels_and_a_warning_says_what_to_write(one_hot, loss):
    X, _, Y = one_hot
    with pytest.warns(UserWarning, match="Every row of y has one 1 .* write loss='categorical_crossentropy'"):
        network = KerasClassifier(loss=loss, **QUICK).fit(X, Y)
    assert network.n_outputs_ == 3
    assert not np.allclose(network.predict_proba(X).sum(axis=1), 1)


def test_a_binary_crossentropy_says_that_labels_are_meant(one_hot):
    X, _, Y = one_hot
    assert KerasClassifier(loss="binary_crossentropy", **QUICK).fit(X, Y).n_outputs_ == 3


@pytest.mark.parametrize("n_set", [0, 2, 3])
def test_a_row_that_has_not_one_class_is_refused(classifier, one_hot, n_set):
    X, _, Y = one_hot
    Y[7] = np.arange(3) < n_set
    with pytest.raises(ValueError, match=f"row 7 of y has {n_set} of the 3 columns set. Use loss='binary_crossent"):
        classifier.fit(X, Y)


def test_a_matrix_of_other_values_is_refused(one_hot):
    X, _, Y = one_hot
    for given in (2 * Y - 1, Y + 1):
        with pytest.raises(ValueError, match=r"y is a matrix of the two values .* Give \(y == "):
            KerasClassifier(**QUICK).fit(X, given)


def test_probabilities_are_for_a_regressor(classifier, one_hot):
    X, _, Y = one_hot
    soft = 0.9 * Y + 0.1 / 3
    with pytest.raises(ValueError, match=r"probabilities of classes.*KerasRegressor\(loss='categorical_crossentropy'"):
        classifier.fit(X, soft)
    network = KerasRegressor(loss="categorical_crossentropy", output_activation="softmax", **QUICK).fit(X, soft)
    np.testing.assert_allclose(network.predict(X).sum(axis=1), 1, rtol=1e-5)
    assert np.mean(network.predict(X).argmax(axis=1) == Y.argmax(axis=1)) > 0.9


# --- whatever else a fit can do ------------------------------------------------------------------------

ALIKE = {
    "engine": {"engine": "keras"},
    "class weights": {"class_weight": {0: 1, 1: 5, 2: 1}},
    "balanced": {"class_weight": "balanced"},
    "stratified": {"early_stopping": True},
    "smoothing": {"label_smoothing": 0.1},
    "members": {"n_members": 2, "early_stopping": True},
    "shared": {"n_members": 4, "share_weights": True},
    "logits": {"loss": L.CategoricalCrossentropy(from_logits=True), "output_activation": "linear"},
    "metrics": {"metrics": ["AUC", "sparse_categorical_accuracy", keras.metrics.F1Score("macro")]},
}


@pytest.mark.few(5)
@pytest.mark.parametrize("kind", ALIKE)
def test_all_is_as_for_class_numbers(classifier, one_hot, kind):
    X, y, Y = one_hot
    by_number, by_row = (clone(classifier).set_params(**ALIKE[kind]).fit(X, given) for given in (y, Y))
    np.testing.assert_array_equal(by_row.predict_proba(X), by_number.predict_proba(X))
    assert by_row.history_ == by_number.history_
    if kind == "members":
        assert by_row.oof_score_ == by_number.oof_score_


def test_class_weights_by_the_names_of_columns(classifier, one_hot):
    X, _, Y = one_hot
    by_number = clone(classifier).set_params(class_weight={0: 1, 1: 5, 2: 1}).fit(X, Y)
    by_name = clone(classifier).set_params(class_weight={"c": 1, "a": 5, "b": 1}).fit(X, _table(Y))
    np.testing.assert_array_equal(by_number.predict_proba(X), by_name.predict_proba(X))


@pytest.mark.parametrize("scoring", [None, "accuracy", "roc_auc", "neg_log_loss", "f1_macro"])
def test_scorers(classifier, one_hot, scoring):
    X, _, Y = one_hot
    scores = cross_val_score(classifier, X, Y, cv=FOLDS, scoring=scoring, error_score="raise")
    assert (scores > (-0.5 if scoring == "neg_log_loss" else 0.8)).all()


def test_searches_and_pipelines(classifier, one_hot):
    X, _, Y = one_hot
    pipeline = make_pipeline(StandardScaler(), classifier)
    search = GridSearchCV(pipeline, {"kerasclassifier__l2": [0.0, 1e-3]}, cv=FOLDS, error_score="raise")
    assert search.fit(X, _table(Y)).best_score_ > 0.85
    np.testing.assert_allclose(cross_val_predict(classifier, X, Y, cv=FOLDS, method="predict_proba").sum(axis=1), 1)


def test_partial_fit(classifier, one_hot):
    X, y, Y = one_hot
    network = clone(classifier)
    for _ in range(10):
        for start in range(0, 120, 40):
            network.partial_fit(X[start : start + 40], Y[start : start + 40])
    assert network.score(X, Y) > 0.9
    with pytest.raises(ValueError, match=r"y has shape \(120,\), but 3 columns with one 1 in each row are expected"):
        network.partial_fit(X, y)
    assert clone(classifier).partial_fit(X, Y, classes=["x", "c", "z"]).classes_.tolist() == ["x", "c", "z"]
    with pytest.raises(ValueError, match="must name each of the 3 columns of y once"):
        clone(classifier).partial_fit(X, Y, classes=["x", "c"])


def test_columns_keep_their_order(classifier, one_hot):
    X, _, Y = one_hot
    network = classifier.partial_fit(X, _table(Y))
    with pytest.raises(ValueError, match=r"y has the columns \['a', 'b', 'c'\], but \['c', 'a', 'b'\] in the first"):
        network.partial_fit(X, _table(Y)[["a", "b", "c"]])


def test_another_form_later_is_refused(classifier, one_hot):
    X, y, Y = one_hot
    with pytest.raises(ValueError, match=r"y has shape \(120, 3\), but one label per row is expected"):
        clone(classifier).partial_fit(X, y).partial_fit(X, Y)
    labels = KerasClassifier(**QUICK).partial_fit(X, np.c_[y > 0, y < 2])
    with pytest.raises(ValueError, match=r"y has shape \(120,\), but 2 columns of 0 and 1 are expected"):
        labels.partial_fit(X, y)


def test_rows_to_watch(classifier, one_hot):
    X, y, Y = one_hot
    network = classifier.fit(X, Y, X_val=X, y_val=Y)
    assert network.history_["val_accuracy"][-1] == pytest.approx(network.score(X, Y))
    with pytest.raises(ValueError, match="3 columns with one 1 in each row are expected"):
        classifier.fit(X, Y, X_val=X, y_val=y)


def test_memory_pickles_and_streams(classifier, one_hot, tmp_path):
    X, _, Y = one_hot
    one = clone(classifier).set_params(memory=tmp_path).fit(X, _table(Y))
    again = clone(classifier).set_params(memory=tmp_path).fit(X, _table(Y))
    read = pickle.loads(pickle.dumps(one))
    for other in (again, read):
        np.testing.assert_array_equal(one.predict(X), other.predict(X))
        assert other.classes_.tolist() == ["c", "a", "b"]
    stream = tf.data.Dataset.from_tensor_slices((X, Y)).batch(len(X))
    assert classifier.fit(stream).predict(X).shape == Y.shape


def test_tables(one_hot):
    X, _, Y = one_hot
    network = TabularClassifier(loss="categorical_crossentropy", n_members=2, epochs=10, random_state=0)
    network.fit(pd.DataFrame(X).add_prefix("x"), _table(Y))
    assert network.classes_.tolist() == ["c", "a", "b"]
    assert network.predict(pd.DataFrame(X).add_prefix("x")).sum(axis=1).tolist() == [1] * 120


# --- a model of one's own ------------------------------------------------------------------------------


def _softmax(compiled=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    if compiled is not None:
        model.compile("adam", compiled)
    return model


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "given",
    [
        {"loss": "categorical_crossentropy"},
        {"loss": "sparse_categorical_crossentropy"},
        {"model__compiled": "categorical_crossentropy"},
        {"model__compiled": "kl_divergence"},
    ],
    ids=repr,
)
def test_a_model_is_taught_classes(one_hot, given):
    X, _, Y = one_hot
    network = KerasClassifier(_softmax, epochs=2, random_state=0, **given).fit(X, Y)
    assert network.predict(X).sum(axis=1).tolist() == [1] * 120  # whatever the probabilities are
    assert network.n_outputs_ == 1


def test_the_loss_of_a_finished_model_counts(one_hot):
    X, _, Y = one_hot
    network = KerasClassifier(_softmax("categorical_crossentropy"), epochs=1, random_state=0).fit(X, _table(Y))
    assert network.predict(X).sum(axis=1).tolist() == [1] * 120
    assert network.classes_.tolist() == ["c", "a", "b"]


def test_a_model_without_a_loss_is_warned_of(one_hot):
    X, _, Y = one_hot
    with pytest.warns(UserWarning, match="Every row of y has one 1"):
        KerasClassifier(_softmax, epochs=1, random_state=0).fit(X, Y)
