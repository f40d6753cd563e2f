"""Targets: labels of any type, several outputs, probabilities, the losses in the form that each wants, and refusals."""

import keras
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.class_weight import compute_sample_weight

from sknn_tune import KerasClassifier, KerasRegressor


@pytest.fixture
def three(multiclass_data):
    """Thirty rows, ten of each of three classes 0, 1 and 2."""
    X, y = multiclass_data
    rows = np.concatenate([np.flatnonzero(y == label)[:10] for label in range(3)])
    return X[rows], y[rows]


#: Labels of 0, 1 and 2 under other names, in their sorted order.
NAMES = {
    "str": np.array(["a", "b", "c"]),
    "object": np.array(["a", "b", "c"], dtype=object),
    "negative": np.array([-7, -1, 3]),
    "far apart": np.array([2, 1000, 10**12]),
    "float": np.array([-1.0, 0.0, 2.0]),
    "uint8": np.array([0, 1, 255], dtype="uint8"),
    "unicode": np.array(["nein", "weiß nicht", "über"]),
    "numpy str_": np.array([np.str_("x"), np.str_("y"), np.str_("z")], dtype=object),
}


@pytest.mark.few(4)
@pytest.mark.parametrize("kind", NAMES)
def test_labels_of_any_type_come_back_as_they_were(classifier, three, kind):
    X, y = three
    names = NAMES[kind]
    fitted = classifier().fit(X, names[y])
    np.testing.assert_array_equal(fitted.classes_, names)
    assert fitted.classes_.dtype == names.dtype
    np.testing.assert_array_equal(fitted.predict(X), names[classifier().fit(X, y).predict(X)])
    assert fitted.predict(X).dtype == names.dtype


@pytest.mark.parametrize(
    "labels",
    [np.array([False, True]), np.array(["no", "yes"]), np.array([-1, 1]), np.array([1, 2]), np.array([0.0, 1.0])],
    ids=lambda labels: labels.dtype.name,
)
def test_two_labels_of_any_type_are_one_output(classifier, binary_data, labels):
    X, y = binary_data
    fitted = classifier().fit(X, labels[y])
    assert fitted.model_.output_shape == (None, 1)
    assert (fitted.n_classes_, fitted.n_outputs_) == (2, 1)
    np.testing.assert_array_equal(fitted.classes_, labels)
    np.testing.assert_array_equal(fitted.predict(X), labels[(fitted.predict_proba(X)[:, 1] > 0.5).astype(int)])


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "wrap",
    [
        list,
        pd.Series,
        lambda y: pd.Series(y, dtype="string"),
        lambda y: pd.Series(pd.Categorical(y)),
        lambda y: pd.Series(pd.Categorical(y, categories=["c", "b", "a", "unused"], ordered=True)),
        lambda y: pd.Series(y, dtype=object),
    ],
    ids=["list", "series", "string", "categorical", "ordered", "object"],
)
def test_labels_in_any_container(classifier, three, wrap):
    X, y = three
    y = NAMES["str"][y]
    fitted = classifier().fit(X, wrap(y))
    assert fitted.classes_.tolist() == ["a", "b", "c"]
    assert fitted.predict(X).tolist() == classifier().fit(X, y).predict(X).tolist()


@pytest.mark.parametrize("dtype", ["Int64", "boolean", "Float64"])
def test_labels_of_nullable_pandas_types(classifier, binary_data, dtype):
    X, y = binary_data
    fitted = classifier().fit(X, pd.Series(y).astype(dtype))
    assert fitted.n_classes_ == 2
    assert fitted.predict(X).tolist() == classifier().fit(X, y).predict(X).tolist()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_have_a_column_for_each_class_and_sum_to_one(classifier, three, n_classes):
    X, y = three
    fitted = classifier(epochs=8, learning_rate=0.3).fit(X[y < n_classes], y[y < n_classes])
    probabilities = fitted.predict_proba(X)
    assert probabilities.shape == (30, n_classes)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert (probabilities >= 0).all()
    assert fitted.predict_proba(X[:1]).shape == (1, n_classes)
    np.testing.assert_array_equal(fitted.predict(X), fitted.classes_[probabilities.argmax(axis=1)])
    # Columns stand in the order of classes_: the column of a row's own class is the largest for most rows.
    assert np.mean(probabilities[y < n_classes].argmax(axis=1) == y[y < n_classes]) > 0.8


def test_renaming_the_classes_permutes_the_columns(classifier, three):
    X, y = three
    straight = classifier(kernel_initializer="zeros", epochs=3, dtype="float64").fit(X, y).predict_proba(X)
    turned = classifier(kernel_initializer="zeros", epochs=3, dtype="float64").fit(X, 2 - y).predict_proba(X)
    np.testing.assert_allclose(straight, turned[:, ::-1], rtol=1e-12)


def test_a_column_vector_is_flattened_with_scikit_learns_warning(classifier, three):
    X, y = three
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed when a 1d array was expected"):
        fitted = classifier().fit(X, y.reshape(-1, 1))
    assert fitted.predict(X).shape == (30,)


# --- several labels per row ------------------------------------------------------------------------


@pytest.fixture
def labels(three):
    """Three yes-or-no labels per row."""
    return (np.random.default_rng(0).random((30, 3)) > [0.2, 0.5, 0.7]).astype(int)


@pytest.mark.few(3)
@pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_array, sparse.csr_matrix, sparse.coo_array, pd.DataFrame])
def test_several_labels_per_row(classifier, three, labels, wrap):
    X, _ = three
    fitted = classifier(epochs=2).fit(X, wrap(labels))
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert (fitted.n_classes_, fitted.n_outputs_) == (3, 3)
    probabilities = fitted.predict_proba(X)
    assert probabilities.shape == (30, 3)
    assert ((probabilities > 0) & (probabilities < 1)).all()
    np.testing.assert_array_equal(fitted.predict(X), (probabilities > 0.5).astype(int))
    assert 0 <= fitted.score(X, labels) <= 1
    np.testing.assert_array_equal(probabilities, classifier(epochs=2).fit(X, labels).predict_proba(X))


def test_labels_of_bools_come_back_as_bools(classifier, three, labels):
    assert classifier().fit(three[0], labels.astype(bool)).predict(three[0]).dtype == bool


def test_class_weights_of_several_labels_multiply(classifier, three, labels):
    X, _ = three
    weight = compute_sample_weight("balanced", labels)
    by_class = classifier(class_weight="balanced", dtype="float64").fit(X, labels)
    by_row = classifier(dtype="float64").fit(X, labels, sample_weight=weight)
    np.testing.assert_allclose(by_class.predict_proba(X), by_row.predict_proba(X), rtol=1e-12)
    assert len(set(weight)) > 2


# --- numbers ---------------------------------------------------------------------------------------


@pytest.mark.few(4)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool", object])
def test_numbers_of_any_type(regressor, regression_data, dtype):
    X, y = regression_data
    y = (y > 0).astype(dtype) if dtype == "bool" else np.round(np.abs(y) * 10).astype(dtype)
    fitted = regressor().fit(X, y)
    assert fitted.predict(X).dtype == np.float64
    expected = regressor().fit(X, y.astype(float)).predict(X)
    np.testing.assert_array_equal(fitted.predict(X), expected)


@pytest.mark.parametrize("wrap", [list, pd.Series, lambda y: pd.Series(y, dtype="Float64")], ids=range(3))
def test_numbers_in_any_container(regressor, regression_data, wrap):
    X, y = regression_data
    np.testing.assert_array_equal(regressor().fit(X, wrap(y)).predict(X), regressor().fit(X, y).predict(X))


@pytest.mark.parametrize("wrap", [np.asarray, pd.DataFrame])
def test_several_numbers_per_row(regressor, regression_data, wrap):
    X, y = regression_data
    Y = np.column_stack([y, -y, np.abs(y)])
    fitted = regressor().fit(X, wrap(Y))
    assert (fitted.n_outputs_, fitted.predict(X).shape) == (3, (200, 3))
    assert fitted.model_.output_shape == (None, 3)
    assert np.isfinite(fitted.score(X, Y))


def test_a_column_of_numbers_is_one_output(regressor, regression_data):
    X, y = regression_data
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed"):
        fitted = regressor().fit(X, y.reshape(-1, 1))
    np.testing.assert_array_equal(fitted.predict(X), regressor().fit(X, y).predict(X))


@pytest.mark.few(4)
@pytest.mark.parametrize(
    ("wrap", "expected"),
    [
        (np.float32, "float32"),
        (np.float64, "float64"),
        (np.float16, "float64"),
        (lambda X: pd.DataFrame(X.astype("float32")), "float32"),
        (lambda X: pd.DataFrame(X.astype("float32")).astype({0: "float64"}), "float64"),
        (lambda X: sparse.csr_matrix(X.astype("float32")), "float32"),
        (lambda X: X.astype("float32").tolist(), "float64"),
    ],
    ids=["float32", "float64", "float16", "frame", "mixed frame", "sparse", "list"],
)
def test_predictions_are_as_precise_as_the_rows(regression_data, wrap, expected):
    """As those of scikit-learn's MLP."""
    X, y = regression_data
    quick = {"hidden_layer_sizes": (5,), "epochs": 1, "random_state": 0, "engine": "numba"}
    assert KerasRegressor(**quick).fit(X, y).predict(wrap(X)).dtype == expected
    assert KerasRegressor(**quick, n_members=2).fit(X, y).predict(wrap(X)).dtype == expected
    assert KerasRegressor(**quick, dtype="float64").fit(X, y).predict(wrap(X)).dtype == "float64"


# --- losses, in the form that each wants -----------------------------------------------------------


def _own_loss(y_true, y_pred):
    return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


FORMS = {
    "categorical_crossentropy": ({"loss": "categorical_crossentropy"}, (30, 3)),
    "its object": ({"loss": keras.losses.CategoricalCrossentropy(label_smoothing=0.1)}, (30, 3)),
    "its class": ({"loss": keras.losses.CategoricalCrossentropy}, (30, 3)),
    "its function": ({"loss": keras.losses.categorical_crossentropy}, (30, 3)),
    "sparse_categorical_crossentropy": ({"loss": "sparse_categorical_crossentropy"}, (30,)),
    "focal": ({"loss": "categorical_focal_crossentropy", "loss__gamma": 1.0}, (30, 3)),
    "mse": ({"loss": "mse"}, (30, 3)),
    "own function": ({"loss": _own_loss}, (30,)),
    "auto": ({}, (30,)),
}


@pytest.mark.few(4)
@pytest.mark.parametrize("kind", FORMS)
def test_a_loss_gets_the_classes_in_its_form(classifier, three, kind):
    X, y = three
    given, shape = FORMS[kind]
    # So many updates are sooner traced.
    fitted = classifier(epochs=25, learning_rate=0.1, compile__run_eagerly=False, **given).fit(X, y)
    assert fitted.score(X, y) > 0.8
    assert fitted.history_["accuracy"][-1] > 0.7
    form = fitted._form
    assert fitted._target.encode(y, form, "float32").shape == shape


@pytest.mark.few(5)
@pytest.mark.parametrize(
    ("given", "n_units"),
    [
        ({}, 1),
        ({"loss": "binary_focal_crossentropy"}, 1),
        ({"loss": "hinge", "output_activation": "tanh"}, 1),
        ({"loss": "squared_hinge", "output_activation": "tanh"}, 1),
        ({"loss": "mse"}, 1),
        ({"loss": "sparse_categorical_crossentropy"}, 2),
        ({"loss": "categorical_crossentropy"}, 2),
        ({"output_activation": "softmax"}, 2),
        ({"loss__from_logits": True, "output_activation": "linear"}, 1),
        ({"loss": keras.losses.BinaryCrossentropy(from_logits=True), "output_activation": "linear"}, 1),
    ],
    ids=lambda value: str(list(value)) if isinstance(value, dict) else str(value),  # without addresses: xdist compares
)
def test_two_classes_are_learned_with_any_loss_that_fits(classifier, binary_data, given, n_units):
    X, y = binary_data
    fitted = classifier(epochs=6, learning_rate=0.3, **given).fit(X, np.array(["no", "yes"])[y])
    assert fitted.model_.output_shape == (None, n_units)
    assert fitted.score(X, np.array(["no", "yes"])[y]) > 0.85
    probabilities = fitted.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


def test_logits_give_the_same_network_as_probabilities(classifier, three):
    X, y = three
    common = {"epochs": 3, "dtype": "float64"}
    plain = classifier(**common).fit(X, y)
    logits = classifier(output_activation="linear", loss__from_logits=True, **common).fit(X, y)
    np.testing.assert_allclose(plain.predict_proba(X), logits.predict_proba(X), rtol=1e-5)
    assert (logits.model_(X).numpy() < 0).any()


def test_logits_of_several_labels_are_squashed_one_by_one(classifier, three, labels):
    X, _ = three
    common = {"epochs": 3, "dtype": "float64"}
    plain = classifier(**common).fit(X, labels)
    logits = classifier(output_activation="linear", loss__from_logits=True, **common).fit(X, labels)
    np.testing.assert_allclose(plain.predict_proba(X), logits.predict_proba(X), rtol=1e-5)


# --- refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["auto", "sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_one_class_is_predicted_for_every_row_with_a_warning(classifier, three, loss):
    """As scikit-learn's MLP does it: a fold of a search may have one class."""
    X, _ = three
    with pytest.warns(
        UserWarning, match=r"^y contains only one class: 'a', which KerasClassifier will predict for every"
    ):
        fitted = classifier(loss=loss).fit(X, np.full(30, "a"))
    assert fitted.predict(X).tolist() == ["a"] * 30
    assert fitted.predict_proba(X).tolist() == [[1.0]] * 30
    assert (fitted.classes_.tolist(), fitted.n_classes_) == (["a"], 1)


def test_one_class_is_counted_among_the_rows_that_have_a_weight(classifier, three):
    X, y = three
    with pytest.warns(UserWarning, match="The rows that have a weight contain only one class"):
        fitted = classifier().fit(X, y, sample_weight=(y == 1).astype(float))
    assert set(fitted.predict(X)) == {1}


def test_one_class_is_refused_where_others_may_come(classifier, three):
    X, _ = three
    message = "in the first call of partial_fit, or their names as 'classes', but y contains only one class: 0"
    with pytest.raises(ValueError, match=message):
        classifier().partial_fit(X, np.zeros(30, dtype=int))
    assert set(classifier().partial_fit(X, np.zeros(30, dtype=int), classes=[0, 1]).predict(X)) <= {0, 1}


def test_numbers_are_no_classes(classifier, regression_data):
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        classifier().fit(*regression_data)


def test_several_columns_of_classes_need_a_wrapper(classifier, three):
    X, y = three
    message = r"multiclass-multioutput.* Wrap it: MultiOutputClassifier\(KerasClassifier\(\.\.\.\)\)"
    with pytest.raises(ValueError, match=message):
        classifier().fit(X, np.column_stack([y, y[::-1]]))


def test_labels_of_mixed_types_are_refused(classifier, three):
    X, _ = three
    y = np.array(["a", 1, 2.5] * 10, dtype=object)
    with pytest.raises(
        ValueError, match=r"y has labels of types that cannot be ordered: float, int, str\. Give labels of one"
    ):
        classifier().fit(X, y)


def test_a_label_that_is_only_among_the_watched_rows_is_named(classifier, three):
    X, y = three
    message = r"In X_val, y_val or sample_weight_val: y has labels that are not among the classes: \[2\]\. The"
    with pytest.raises(ValueError, match=message):
        classifier().fit(X[y < 2], y[y < 2], X_val=X, y_val=y)


def test_a_label_that_was_not_announced_is_refused_by_partial_fit(classifier, three):
    X, y = three
    estimator = classifier().partial_fit(X[y < 2], y[y < 2])
    with pytest.raises(ValueError, match=r"not among the classes: \[2\]"):
        estimator.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"classes=\[0, 1, 2\] is not the same as in the first call: \[0, 1\]"):
        estimator.partial_fit(X[y < 2], y[y < 2], classes=[0, 1, 2])


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ({0, 1}, "a set, which has no order"),
        ([[0, 1]], r"of shape \(1, 2\)"),
        (1, r"of shape \(\)"),
        ([0, 1, np.nan], "a missing value"),
        (["a", None], "a missing value"),
    ],
    ids=repr,
)
def test_classes_that_name_no_labels_are_refused(classifier, three, classes, message):
    X, y = three
    with pytest.raises(ValueError, match=f"The 'classes' argument of partial_fit must be a list .* {message}"):
        classifier().partial_fit(X[y < 2], y[y < 2], classes=classes)


def test_labels_in_a_matrix_are_named_by_its_columns(classifier, three):
    """The first call took any names, and the second refused those of the first."""
    X, y = three
    labels = np.column_stack([y == 0, y >= 1, np.ones_like(y)]).astype(int)
    with pytest.raises(ValueError, match=r"matrix of labels, whose 3 columns are the classes: \[0, 1, 2\]"):
        classifier().partial_fit(X, labels, classes=[0, 1])
    estimator = classifier().partial_fit(X, labels, classes=[2, 1, 0]).partial_fit(X, labels, classes=[2, 1, 0])
    assert estimator.classes_.tolist() == [0, 1, 2]


def test_missing_labels_are_refused(classifier, regressor, three):
    X, y = three
    with pytest.raises(ValueError, match="Input y contains NaN"):
        regressor().fit(X, np.where(y == 1, np.nan, y.astype(float)))
    with pytest.raises(ValueError, match="Input y contains NaN"):
        classifier().fit(X, pd.Series(y).astype("Int64").mask(pd.Series(y) == 1))
    with pytest.raises(ValueError, match=r"cannot be ordered: NoneType, str.* drop the rows whose label is missing"):
        classifier().fit(X, np.array(["a", "b", None], dtype=object)[y])


@pytest.mark.parametrize("kind", ["datetime64[us]", "timedelta64[s]"])
def test_missing_dates_are_no_class(classifier, three, kind):
    X, y = three
    labels = np.array([1, 2, "NaT"], dtype=kind)[y]
    with pytest.raises(ValueError, match=r"Input y contains NaN \(\d+ rows\).* Rows without a label cannot be learned"):
        classifier().fit(X, labels)
    assert classifier().fit(X[y < 2], labels[y < 2]).classes_.dtype == kind


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda y: np.array([(label,) for label in y], dtype=[("a", int)]),
            "is a structured array with the fields 'a'",
        ),
        (lambda y: dict(enumerate(y)).values(), r"is a dict_values, which shows what is in a dict. Give list\(y\)"),
    ],
    ids=["structured", "view of a dict"],
)
def test_what_is_no_column_of_labels_is_refused(classifier, three, make, sentence):
    X, y = three
    with pytest.raises((TypeError, ValueError), match=f"y {sentence}"):
        classifier().fit(X, make(y))


def test_text_is_no_number(regressor, three):
    X, y = three
    with pytest.raises(ValueError, match="could not convert string to float"):
        regressor().fit(X, NAMES["object"][y])


def test_targets_with_more_than_two_axes_are_refused(regressor, three):
    X, y = three
    with pytest.raises(ValueError, match=r"^Found array with dim 3.*KerasRegressor\b"):
        regressor().fit(X, y.astype(float).reshape(30, 1, 1).repeat(2, axis=1))


def test_another_number_of_outputs_cannot_go_on(regressor, regression_data):
    X, y = regression_data
    fitted = regressor(warm_start=True).fit(X, y)
    message = r"y has shape \(200, 2\), but the first call of fit or partial_fit had 1 output"
    with pytest.raises(ValueError, match=message):
        fitted.fit(X, np.column_stack([y, y]))


@pytest.mark.parametrize("kind", ["numbers", "labels", "classes"])
@pytest.mark.parametrize(
    "call",
    [
        lambda fitted, X, Y: fitted.partial_fit(X, Y),
        lambda fitted, X, Y: fitted.set_params(warm_start=True).fit(X, Y),
        lambda fitted, X, Y: fitted.fit(X, Y[["a", "b"]], X_val=X, y_val=Y),
        lambda fitted, X, Y: fitted.score(X, Y),
    ],
    ids=["partial_fit", "warm_start", "y_val", "score"],
)
def test_columns_of_targets_in_another_order_are_refused(kind, call, regression_data):
    """They would silently be taken for one another."""
    X, y = regression_data
    X, first = X[:40], y[:40] > 0
    columns = {"numbers": (y[:40], -y[:40]), "labels": (first, X[:, 0] > 0), "classes": (first, ~first)}[kind]
    Y = pd.DataFrame(dict(zip("ab", columns, strict=True))).astype(float)
    estimator = KerasRegressor if kind == "numbers" else KerasClassifier
    loss = "categorical_crossentropy" if kind == "classes" else "auto"
    fitted = estimator(loss=loss, hidden_layer_sizes=(3,), epochs=1, random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match=r"y has the columns \['b', 'a'\], but \['a', 'b'\] in"):
        call(fitted, X, Y[["b", "a"]])
    call(fitted, X, Y)


def test_no_target_is_refused(classifier, regressor, three):
    for estimator in (classifier(), regressor()):
        with pytest.raises(ValueError, match=r"requires y to be passed, but the target y is None"):
            estimator.fit(three[0])


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float32"])
def test_labels_are_int64_as_of_scikit_learns_network(classifier, three, labels, dtype):
    assert classifier().fit(three[0], labels.astype(dtype)).predict(three[0]).dtype == np.int64
