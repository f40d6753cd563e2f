"""Inputs: any container and dtype gives the same network, nothing of the caller's is changed, bad rows are refused."""

import copy
import threading
import warnings
from contextlib import contextmanager

import keras
import numpy as np
import pandas as pd
import polars as pl
import psutil
import pytest
import tensorflow as tf
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor

COLUMNS = ["radius", "texture", "perimeter", "area"]


@pytest.fixture
def rows(binary_data):
    """Sixty rows of four features, and two classes."""
    X, y = binary_data
    return X[:60, :4], y[:60]


def assert_same_weights(one, other, **tolerance):
    for first, second in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, **{"rtol": 0, "atol": 0, **tolerance})


# --- dtypes and frames -----------------------------------------------------------------------------


@pytest.mark.few(4)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "uint8", "bool", object])
def test_numbers_of_any_dtype(classifier, rows, dtype):
    X, y = rows
    X = np.round(np.abs(X) * 2).astype(dtype)
    fitted = classifier().fit(X, y)
    assert_same_weights(fitted, classifier().fit(X.astype("float32"), y))
    np.testing.assert_array_equal(fitted.predict_proba(X), fitted.predict_proba(X.astype("float32")))


@pytest.mark.parametrize("order", [np.ascontiguousarray, np.asfortranarray, lambda X: np.repeat(X, 2, axis=1)[:, ::2]])
def test_arrays_in_any_layout_of_memory(classifier, rows, order):
    X, y = rows
    assert_same_weights(classifier().fit(X, y), classifier().fit(order(X), y))


FRAMES = {
    "pandas": lambda X: pd.DataFrame(X, columns=COLUMNS),
    "pandas nullable": lambda X: pd.DataFrame(X, columns=COLUMNS).astype("Float64"),
    "polars": lambda X: pl.DataFrame(dict(zip(COLUMNS, X.T, strict=True))),
}


def named_frame(kind, X):
    """A frame whose names this scikit-learn can read."""
    frame = FRAMES[kind](X)
    if not hasattr(StandardScaler().fit(frame), "feature_names_in_"):
        pytest.skip(f"this scikit-learn does not know the columns of this {kind}")
    return frame


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_give_their_names_and_the_same_network(classifier, rows, kind):
    X, y = rows
    frame = named_frame(kind, X)
    fitted = classifier().fit(frame, y)
    assert fitted.feature_names_in_.tolist() == COLUMNS
    assert fitted.n_features_in_ == 4
    assert_same_weights(fitted, classifier().fit(X, y))
    np.testing.assert_array_equal(fitted.predict(frame), classifier().fit(X, y).predict(X))


@pytest.mark.parametrize("kind", FRAMES)
def test_columns_in_another_order_or_of_other_names_are_refused(classifier, rows, kind):
    X, y = rows
    frame = named_frame(kind, X)
    fitted = classifier().fit(frame, y)
    with pytest.raises(ValueError, match="Feature names must be in the same order as they were in fit"):
        fitted.predict(frame[COLUMNS[::-1]])
    with pytest.raises(ValueError, match="Feature names unseen at fit time:\n- depth"):
        fitted.predict(frame.rename(columns={"area": "depth"}) if kind != "polars" else frame.rename({"area": "depth"}))


def test_names_missing_on_one_side_are_a_warning(classifier, rows):
    X, y = rows
    fitted = classifier().fit(FRAMES["pandas"](X), y)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but KerasClassifier was fitted with"):
        fitted.predict(X)


def test_pandas_columns_of_mixed_number_types(classifier, rows):
    X, y = rows
    frame = pd.DataFrame({"i": np.arange(60), "f": X[:, 0], "b": X[:, 1] > 0, "n": pd.array(X[:, 2] > 0, "boolean")})
    fitted = classifier().fit(frame, y)
    assert_same_weights(fitted, classifier().fit(frame.astype(float).to_numpy(), y))


def test_a_table_with_text_goes_through_a_column_transformer(rows):
    X, y = rows
    frame = pd.DataFrame({"size": X[:, 0], "city": np.where(X[:, 1] > 0, "Oslo", "Rome")})
    columns = ColumnTransformer([("text", OneHotEncoder(), ["city"])], remainder=StandardScaler())
    network = KerasClassifier(hidden_layer_sizes=(5,), epochs=30, learning_rate=0.05, random_state=0)
    assert make_pipeline(columns, network).fit(frame, y).score(frame, y) > 0.7


# --- sparse ----------------------------------------------------------------------------------------

SPARSE = [
    *(sparse.csr_matrix, sparse.csr_array, sparse.csc_matrix, sparse.csc_array),
    *(sparse.coo_matrix, sparse.coo_array, sparse.lil_matrix),
]


@pytest.mark.few(2)
@pytest.mark.parametrize("make", SPARSE)
def test_sparse_rows_give_the_same_network_as_dense_ones(classifier, rows, make):
    X, y = rows
    X = np.where(X > 0, X, 0)
    given = {"batch_size": 40, "early_stopping": True}
    dense, thin = classifier(**given).fit(X, y), classifier(**given).fit(make(X), y)
    assert_same_weights(dense, thin)
    np.testing.assert_array_equal(dense.predict_proba(X), dense.predict_proba(make(X)))
    assert_same_weights(dense.partial_fit(X, y), thin.partial_fit(make(X), y))


@pytest.mark.parametrize("engine", ["keras", "numba"])
def test_both_engines_take_sparse_rows(rows, engine):
    X, y = rows
    X = np.where(X > 0, X, 0)
    estimator = KerasClassifier(hidden_layer_sizes=(5,), epochs=2, batch_size=25, random_state=0, engine=engine)
    dense = estimator.fit(X, y).predict_proba(X)
    thin = estimator.fit(sparse.csr_array(X), y).predict_proba(sparse.csr_array(X))
    np.testing.assert_allclose(dense, thin, rtol=1e-5)


def test_weights_and_watched_rows_go_with_sparse_rows(classifier, rows):
    X, y = rows
    weight = np.linspace(0, 1, 40)
    watched = {"sample_weight": weight, "y_val": y[40:]}
    dense = classifier().fit(X[:40], y[:40], X_val=X[40:], **watched)
    thin = classifier().fit(sparse.csr_array(X[:40]), y[:40], X_val=sparse.csr_array(X[40:]), **watched)
    assert dense.history_ == thin.history_


@contextmanager
def peak_memory():
    """Yields a list to which, at the end, the bytes are added by which this process grew at most."""
    process, done, peak = psutil.Process(), threading.Event(), []
    before = process.memory_info().rss

    def watch():
        highest = before
        while not done.wait(0.005):
            highest = max(highest, process.memory_info().rss)
        peak.append(highest - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


@pytest.mark.parametrize("engine", ["keras", "numba"])
def test_a_large_sparse_matrix_is_never_dense_whole(engine):
    values, columns = np.random.default_rng(0).integers(10_000, size=(2, 20_000)).astype("float32") / [[1e4], [1]]
    X = sparse.csr_array((values, (np.arange(20_000), columns.astype(int))), shape=(20_000, 10_000), dtype="float32")
    y = values > 0.5
    dense_bytes = 4 * X.shape[0] * X.shape[1]  # 800 MB
    estimator = KerasClassifier(hidden_layer_sizes=(1,), epochs=1, batch_size=500, engine=engine, random_state=0)
    estimator.fit(X[:500], y[:500])  # loading TensorFlow takes memory, too
    with peak_memory() as peak:
        labels = estimator.fit(X, y).predict(X)
    assert labels.shape == (20_000,)
    assert peak[0] < dense_bytes / 3


# --- more than two axes ----------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 2), (3, 2, 2), (2, 2, 2, 2)])
def test_rows_of_any_shape_with_feature_layers(classifier, shape):
    X = np.random.default_rng(0).normal(size=(20, *shape))
    y = (X.reshape(20, -1)[:, 0] > 0).astype(int)
    fitted = classifier(feature_layers=["Flatten"]).fit(X, y)
    flat = classifier().fit(X.reshape(20, -1), y)
    assert_same_weights(fitted, flat)
    assert fitted.predict_proba(X).shape == (20, 2)
    assert fitted.n_features_in_ == shape[0]


def test_rows_of_another_shape_are_refused(classifier):
    X, y = np.random.default_rng(0).normal(size=(20, 3, 2)), np.arange(20) % 2
    fitted = classifier(feature_layers=["Flatten"]).fit(X, y)
    message = r"X has rows of shape \(3, 1\), but KerasClassifier was fitted on rows of shape \(3, 2\)"
    with pytest.raises(ValueError, match=message):
        fitted.predict(X[:, :, :1])


# --- datasets --------------------------------------------------------------------------------------


def dataset(*arrays, batch_size=20):
    return tf.data.Dataset.from_tensor_slices(arrays).batch(batch_size)


@pytest.mark.filterwarnings("ignore:The 'batch_size' parameter")  # which is for rows in memory
def test_a_dataset_gives_the_same_network_as_its_rows_in_their_order(classifier, rows):
    X, y = rows
    weight = np.linspace(0.5, 2, 60)
    in_order = classifier(shuffle=False, batch_size=20, epochs=2).fit(X, y, sample_weight=weight)
    streamed = classifier(epochs=2).fit(dataset(X.astype("float32"), y, weight))
    assert_same_weights(in_order, streamed, rtol=1e-5, atol=1e-7)
    assert streamed.n_steps_ == 6
    assert streamed.n_features_in_ == 4
    np.testing.assert_array_equal(streamed.predict(dataset(X.astype("float32"), y)), streamed.predict(X))
    only_rows = tf.data.Dataset.from_tensor_slices(X).batch(7)
    np.testing.assert_allclose(streamed.predict_proba(only_rows), streamed.predict_proba(X), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:The 'batch_size' parameter")  # which is for rows in memory
def test_a_dataset_may_name_its_classes_and_be_watched_by_another(classifier, rows):
    X, y = rows
    names = np.array(["benign", "malignant"])[y]
    fitted = classifier(epochs=2, early_stopping=True, class_weight="balanced").fit(
        dataset(X[:40], names[:40]), X_val=dataset(X[40:], names[40:])
    )
    assert fitted.classes_.tolist() == ["benign", "malignant"]
    assert len(fitted.history_["val_loss"]) == 2
    assert set(fitted.predict(X)) <= set(names)


@pytest.mark.filterwarnings("ignore:The 'batch_size' parameter")  # which is for rows in memory
def test_a_dataset_of_numbers(regressor, regression_data):
    X, y = regression_data
    fitted = regressor().fit(dataset(X, y))
    assert fitted.predict(X).shape == (200,)
    assert_same_weights(fitted, regressor(shuffle=False, batch_size=20).fit(X, y), rtol=1e-5, atol=1e-7)


@pytest.mark.filterwarnings("ignore:The 'batch_size' parameter")  # which is for rows in memory
def test_a_dataset_of_images(classifier):
    X, y = np.random.default_rng(0).normal(size=(20, 4, 4, 1)).astype("float32"), np.arange(20) % 2
    fitted = classifier(feature_layers=["Flatten"]).fit(dataset(X, y))
    assert fitted.predict_proba(dataset(X)).shape == (20, 2)


# --- nothing of the caller's is changed ------------------------------------------------------------


def test_arrays_of_the_caller_are_only_read(classifier, rows):
    X, y = (np.array(array) for array in rows)
    weight = np.linspace(0, 2, 60)
    given = {"X": X, "y": y, "sample_weight": weight, "X_val": X.copy(), "y_val": y.copy()}
    given["sample_weight_val"] = weight.copy()
    before = copy.deepcopy(given)
    for array in given.values():
        array.setflags(write=False)  # as joblib's memory maps are
    classifier(class_weight="balanced", early_stopping=True, epochs=2).fit(**given).predict(X)
    for name, array in given.items():
        np.testing.assert_array_equal(array, before[name])


def test_sparse_arrays_of_the_caller_are_only_read(classifier, rows):
    X, y = sparse.csr_array(np.where(rows[0] > 0, rows[0], 0)), rows[1]
    for array in (X.data, X.indices, X.indptr):
        array.setflags(write=False)
    classifier().fit(X, y).predict(X)


@pytest.mark.filterwarnings("ignore:The 'decay_boundaries' parameter of .* has no effect:UserWarning")
def test_parameters_of_the_caller_are_left_as_they_are(classifier, rows):
    optimizer, layer = keras.optimizers.Adam(0.01), keras.layers.Dense(3)
    callback, metric = keras.callbacks.EarlyStopping(monitor="loss"), keras.metrics.AUC()
    given = {
        "optimizer": optimizer,
        "feature_layers": [layer, ("Dense", {"units": 2})],
        "callbacks": [callback],
        "metrics": [metric],
        "class_weight": {0: 1.0, 1: 2.0},
        "hidden_layer_sizes": [4, 3],
        "dropout": [0.1, 0.2],
        "decay_boundaries": [0.5],
    }
    before = {name: copy.copy(value) for name, value in given.items() if name != "optimizer"}
    estimator = classifier(**given).fit(*rows)
    for name, value in given.items():
        assert getattr(estimator, name) is value
        assert name == "optimizer" or value == before[name]
    assert given["feature_layers"][1] == ("Dense", {"units": 2})
    assert not optimizer.built
    assert not layer.built
    assert float(metric.result()) == 0.0


def test_settings_of_the_process_are_left_as_they_are(classifier, rows):
    import random

    random.seed(0)
    np.random.seed(0)
    tf.random.set_seed(0)
    python, numpy = random.getstate(), np.random.get_state()
    drawn_before = tf.random.uniform([3]).numpy()
    filters, floatx = list(warnings.filters), keras.config.floatx()
    tf.random.set_seed(0)
    classifier(
        dropout=0.2, early_stopping=True, dtype="float64", feature_layers=[("GaussianNoise", {"stddev": 1})]
    ).fit(*rows)
    assert random.getstate() == python
    assert all(np.array_equal(one, other) for one, other in zip(np.random.get_state(), numpy, strict=True))
    np.testing.assert_array_equal(tf.random.uniform([3]).numpy(), drawn_before)
    assert (warnings.filters, keras.config.floatx()) == (filters, floatx)


# --- refused ---------------------------------------------------------------------------------------


def test_missing_values_name_their_columns_and_an_imputer(classifier, rows):
    X, y = rows
    X = X.copy()
    X[3, 1] = X[5, 1] = X[5, 2] = np.nan
    imputer = r"put an imputer before it, such as make_pipeline\(SimpleImputer\(\), StandardScaler\(\), KerasClassifier"
    for frame, columns in (
        (X, r"in columns 1 \(2 rows\), 2 \(1 row\)\. "),
        (FRAMES["pandas"](X), r"in columns 'texture' \(2 rows\), 'perimeter' \(1 row\)\. "),
        (FRAMES["pandas nullable"](X), r"in columns 'texture' \(2 rows\), 'perimeter' \(1 row\)\. "),
        (FRAMES["polars"](X), r"in columns 'texture' \(2 rows\), 'perimeter' \(1 row\)\. "),
        (sparse.csr_array(X), r"in columns 1 \(2 rows\), 2 \(1 row\)"),
    ):
        with pytest.raises(ValueError, match=f"Input X contains NaN.*{columns}.*{imputer}|{columns}.*{imputer}"):
            classifier().fit(frame, y)
    fitted = classifier().fit(rows[0], y)
    with pytest.raises(ValueError, match=imputer):
        fitted.predict(X)


def test_of_many_columns_with_missing_values_the_first_five_are_named(classifier, rows):
    X = np.full((60, 8), np.nan)
    with pytest.raises(ValueError, match=r"4 \(60 rows\) and 3 more"):
        classifier().fit(X, rows[1])


def test_infinite_values_name_their_columns(classifier, rows):
    X, y = rows
    X = X.copy()
    X[3, 1] = -np.inf
    with pytest.raises(ValueError, match=r"infinity or a value too large for .* in column 1 \(1 row\)\. Clip or drop"):
        classifier().fit(X, y)


@pytest.mark.parametrize("kind", ["array", "pandas", "polars"])
def test_text_names_its_columns_and_an_encoder(classifier, rows, kind):
    X, y = rows
    city = np.where(X[:, 1] > 0, "Oslo", "Rome")
    frame = {
        "array": np.column_stack([X[:, 0].astype(object), city]),
        "pandas": pd.DataFrame({"size": X[:, 0], "city": city}),
        "polars": pl.DataFrame({"size": X[:, 0], "city": city}),
    }[kind]
    column = "1" if kind == "array" else "'city'"
    with pytest.raises(ValueError, match=rf"could not convert string .* in column {column} \(60 rows\).*OneHotEncoder"):
        classifier().fit(frame, y)


def test_rows_of_another_width_are_refused(classifier, rows):
    X, y = rows
    fitted = classifier().fit(X, y)
    with pytest.raises(ValueError, match="X has 3 features, but KerasClassifier is expecting 4 features as input"):
        fitted.predict(X[:, :3])
    with pytest.raises(ValueError, match="X has 3 features"):
        fitted.partial_fit(X[:, :3], y)
    with pytest.raises(ValueError, match="X has 3 features"):
        fitted.predict(dataset(X[:, :3]))
    with pytest.raises(ValueError, match="X has 3 features"):
        fitted.fit(X, y, X_val=X[:, :3], y_val=y)


def test_too_few_rows_are_refused(classifier, regressor, rows):
    X, y = rows
    with pytest.raises(ValueError, match=r"Found array with 0 sample\(s\)"):
        regressor().fit(X[:0], y[:0])
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[60, 20\]"):
        regressor().fit(X, y[:20])
    too_few = r"A share of 0\.1 of the rows is to be held out .* but {} rows .* are too few to leave some"
    with pytest.raises(ValueError, match=too_few.format(3)):
        classifier(early_stopping=True).fit(X[:3], [0, 1, 2])
    with pytest.raises(ValueError, match=too_few.format(1)):
        regressor(early_stopping=True).fit(X[:1], y[:1])


def test_rows_with_more_axes_need_layers_that_take_them(classifier, rows):
    with pytest.raises(
        ValueError, match=r"Found array with dim 3.*need 'feature_layers' \(such as Conv2D and Flatten\)"
    ):
        classifier().fit(np.zeros((60, 2, 2)), rows[1])


@pytest.mark.parametrize("estimator_class", [KerasClassifier, KerasRegressor])
def test_a_fit_that_was_refused_leaves_the_network_that_was_there(estimator_class, rows):
    X, y = rows
    estimator = estimator_class(hidden_layer_sizes=(3,), epochs=1).fit(X, y)
    before = estimator.predict(X)
    with pytest.raises(ValueError, match="contains NaN"):
        estimator.fit(np.full_like(X, np.nan), y)
    np.testing.assert_array_equal(estimator.predict(X), before)


def test_weights_that_make_no_sense_are_refused(classifier, rows):
    X, y = rows
    fitted = classifier().fit(X, y)
    for weight, message in (
        (np.zeros(60), r"The 'sample_weight' argument is zero for every row.* Give at least one row a positive weight"),
        (np.full(60, -1.0), "Negative values in data passed to `sample_weight`"),
        (np.full(60, np.nan), "Input sample_weight contains NaN"),
        (np.ones(3), r"sample_weight.shape == \(3,\), expected \(60,\)"),
        (np.full(60, "heavy"), "heavy"),
    ):
        with pytest.raises(ValueError, match=message):
            classifier().fit(X, y, sample_weight=weight)
        with pytest.raises(ValueError, match=message):
            fitted.score(X, y, sample_weight=weight)


def test_what_is_only_half_given_is_refused(classifier, rows):
    X, y = rows
    for given, message in (
        ({"X_val": X}, "X_val was given without y_val. Give both, or neither"),
        ({"y_val": y}, "y_val was given without X_val. Give both, or neither"),
        ({"sample_weight_val": np.ones(60)}, "sample_weight_val was given without X_val. Give both, or neither"),
    ):
        with pytest.raises(ValueError, match=message):
            classifier().fit(X, y, **given)


@pytest.mark.filterwarnings("ignore:The 'batch_size' parameter")  # which is for rows in memory
def test_datasets_that_cannot_be_read_are_refused(classifier, rows):
    X, y = rows
    cases = (
        (
            lambda: classifier().fit(dataset(X, y), y),
            "which brings its targets and weights in its batches: leave y and",
        ),
        (
            lambda: classifier().fit(tf.data.Dataset.from_tensor_slices((X, y))),
            r"holds single rows. Cut it into batches",
        ),
        (lambda: classifier().fit(tf.data.Dataset.from_tensor_slices(X).batch(9)), r"must hold batches of \(x, y\) or"),
        (lambda: classifier().fit(dataset(X, y).repeat()), "The tf.data.Dataset given as X never ends, since repeat"),
        (lambda: classifier().fit(X, y, X_val=dataset(X, y).repeat()), "never ends"),
        (lambda: classifier().fit(X, y).predict(dataset(X, y).repeat()), "never ends"),
        (lambda: classifier().fit(dataset(X, y).take(0)), "The tf.data.Dataset given as X is empty: it has no batches"),
        (lambda: classifier(early_stopping=True).fit(dataset(X, y)), "Rows cannot be held out of a tf.data.Dataset"),
        (lambda: classifier(engine="numba").fit(dataset(X, y)), "engine='numba' cannot train this"),
        (lambda: classifier().fit(dataset(np.full_like(X, np.nan), y)), "Input X contains NaN"),
    )
    for fit, message in cases:
        with pytest.raises(ValueError, match=message):
            fit()


def test_numbers_beyond_float32_are_one_clear_error(binary_data):
    X, y = binary_data
    with pytest.raises(ValueError, match=r"too large for dtype\('float32'\) in columns 0 \(\d+ rows\)"):
        KerasClassifier().fit(X * 1e300, y)


def test_zero_validation_weights_are_named(binary_data):
    X, y = binary_data
    with pytest.raises(ValueError, match="The 'sample_weight_val' argument is zero for every row"):
        KerasClassifier().fit(X, y, X_val=X, y_val=y, sample_weight_val=np.zeros(len(y)))


UNUSABLE = {
    "one that is missing": (
        lambda X: np.where(np.arange(X.size).reshape(X.shape) == 9, np.nan, X),
        "contains NaN in column 1",
    ),
    "infinities that cancel out": (
        lambda X: np.where(np.arange(X.size).reshape(X.shape) < 2, [[1, -1, 1, 1]], X) * 1e39,
        "inf",
    ),
    "no rows": (lambda X: X[:0], "0 sample"),
    "a column more": (lambda X: np.hstack([X, X[:, :1]]), "expecting 4 features"),
    "one axis": (lambda X: X[0], "X has one axis, of length 4"),
    "complex": (lambda X: X + 1j, "[Cc]omplex"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_rows_to_predict_are_checked_like_those_of_fit(regressor, rows, name):
    """An array of plain numbers takes a shorter way to the network: not past the checks."""
    X, y = rows
    fitted, (spoil, message) = regressor().fit(X, y), UNUSABLE[name]
    with pytest.raises(ValueError, match=message):
        fitted.predict(spoil(X))
    if name in ("one that is missing", "no rows", "a column more"):
        with pytest.raises(ValueError, match=message):
            fitted.predict(sparse.csr_array(spoil(X)))


def test_rows_whose_sum_is_beyond_float32_can_be_predicted(regressor, rows):
    X, y = rows
    fitted = regressor().fit(X, y)
    large = np.full((3, 4), 3e38)
    with pytest.warns(UserWarning, match=r"What the network says of row 0 \(and 2 more\) is not finite"):
        assert fitted.predict(large).shape == (3,)
