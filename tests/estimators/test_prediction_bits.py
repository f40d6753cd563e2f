"""A row's prediction has the same bits wherever, beside whatever, and in whatever form it is asked for."""

from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from scipy import sparse
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info, threadpool_limits

from sknn_tune import KerasClassifier, KerasRegressor

N_COLUMNS = 784  # of which a block of rows is shared among BLAS' threads


@pytest.fixture(scope="module")
def wide():
    """Rows, half of which are zeros, and three classes."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, N_COLUMNS)).astype("float32")
    X[generator.random(X.shape) < 0.5] = 0
    return X, generator.integers(0, 3, len(X))


COMMON = {"hidden_layer_sizes": (64, 10), "epochs": 1, "random_state": 0}
ESTIMATORS = {
    "classifier": KerasClassifier(**COMMON),
    "float64": KerasClassifier(**COMMON, dtype="float64"),
    "tanh and normalisation": KerasClassifier(**COMMON, activation="tanh", batch_norm=True),
    "gelu and normalisation behind": KerasClassifier(**COMMON, activation="gelu", batch_norm="after"),
    "regressor": KerasRegressor(**COMMON),
    "members": KerasClassifier(**COMMON, n_members=3),
    "members that share": KerasRegressor(**COMMON, n_members=9, share_weights=True),
    "by Keras": KerasClassifier(**COMMON, engine="keras"),
    "no hidden layer": KerasClassifier(**{**COMMON, "hidden_layer_sizes": ()}),
}


@pytest.fixture(scope="module", params=ESTIMATORS)
def fitted(request, wide):
    return ESTIMATORS[request.param].fit(*wide)


def predictions(estimator, X):
    """At the top level of this file, so that it can be sent to other processes."""
    return getattr(estimator, "predict_proba", estimator.predict)(X)


def test_whatever_the_threads_of_blas(fitted, wide):
    X, found = wide[0], []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            before = threadpool_info()
            found.append(predictions(fitted, X))
            assert threadpool_info() == before
    np.testing.assert_array_equal(*found)


def test_whatever_stands_beside_it(fitted, wide):
    X, expected = wide[0], predictions(fitted, wide[0])
    alone = np.concatenate([predictions(fitted, X[row : row + 1]) for row in range(40)])
    np.testing.assert_array_equal(alone, expected[:40])
    for rows in (slice(3, 70), slice(None, None, -1)):
        np.testing.assert_array_equal(predictions(fitted, X[rows]), expected[rows])
    many = np.tile(X, (30, 1))
    np.testing.assert_array_equal(predictions(fitted, many), np.tile(expected, 30 if expected.ndim == 1 else (30, 1)))


def test_in_threads_and_processes(fitted, wide):
    X, expected = wide[0], predictions(fitted, wide[0])
    with ThreadPoolExecutor(3) as pool:
        for found in pool.map(lambda _: predictions(fitted, X), range(6)):
            np.testing.assert_array_equal(found, expected)
    for found in joblib.Parallel(n_jobs=2)(joblib.delayed(predictions)(fitted, X) for _ in range(2)):
        np.testing.assert_array_equal(found, expected)


def _in_disorder(X):
    rows = sparse.csr_matrix(X)
    for row in range(X.shape[0]):
        own = slice(rows.indptr[row], rows.indptr[row + 1])
        rows.indices[own], rows.data[own] = rows.indices[own][::-1].copy(), rows.data[own][::-1].copy()
    rows.has_sorted_indices = False
    return rows


SPARSE = {
    "csr_matrix": sparse.csr_matrix,
    "csr_array": sparse.csr_array,
    "csc_matrix": sparse.csc_matrix,
    "coo_array": sparse.coo_array,
    "bsr_matrix": sparse.bsr_matrix,
    "lil_matrix": sparse.lil_matrix,
    "dok_array": sparse.dok_array,
    "float64": lambda X: sparse.csr_array(X.astype("float64")),
    "columns in disorder": _in_disorder,
}


@pytest.mark.few(20)
@pytest.mark.parametrize("form", SPARSE)
def test_sparse_or_dense(fitted, wide, form):
    X = wide[0][:50]
    np.testing.assert_array_equal(predictions(fitted, SPARSE[form](X)), predictions(fitted, X))


@pytest.mark.few(10)
@pytest.mark.parametrize("dtype", ["int8", "int64", "uint16", "bool"])
def test_whole_numbers_and_rows_without_entries(fitted, dtype):
    X = (np.random.default_rng(0).random((20, N_COLUMNS)) < 0.1).astype(dtype)
    X[3] = 0
    expected = predictions(fitted, X.astype("float32"))
    for rows in (X, sparse.csr_matrix(X), sparse.csc_array(X)):
        np.testing.assert_array_equal(predictions(fitted, rows), expected)


def test_predictions_are_those_of_the_keras_model(fitted, wide):
    if hasattr(fitted, "members_"):
        pytest.skip("its model averages: see test_members")
    X = wide[0]
    by_keras = fitted.model_.predict(X, verbose=0)
    tolerance = 1e-5 if fitted.dtype == "float32" else 1e-12
    np.testing.assert_allclose(predictions(fitted, X).reshape(by_keras.shape), by_keras, rtol=tolerance, atol=tolerance)


def test_weights_that_were_changed_in_the_model_count_at_once(wide):
    X = wide[0][:20]
    estimator = KerasRegressor(**COMMON, engine="keras").fit(X, X[:, 0])
    before = estimator.predict(X)
    np.testing.assert_array_equal(estimator.predict(X), before)
    kernel, bias = estimator.model_.layers[-1].get_weights()
    estimator.model_.layers[-1].set_weights([kernel, bias + 1])
    np.testing.assert_allclose(estimator.predict(X), before + 1, rtol=1e-5, atol=1e-5)
    estimator.model_.layers[-1].set_weights([kernel, bias])
    np.testing.assert_array_equal(estimator.predict(X), before)


def test_scores_of_searches_in_threads_and_processes(wide):
    pipeline = make_pipeline(StandardScaler(), KerasClassifier(**COMMON))
    grid = {"kerasclassifier__learning_rate": [1e-3, 1e-2]}
    found = []
    for n_jobs, backend in ((1, "loky"), (2, "threading"), (2, "loky")):
        with joblib.parallel_config(backend=backend):
            search = GridSearchCV(pipeline, grid, cv=2, n_jobs=n_jobs, scoring="neg_log_loss", error_score="raise")
            found.append(search.fit(*wide).cv_results_["mean_test_score"])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
