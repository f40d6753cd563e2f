"""Rows are held out by their numbers: a table that just fits into memory can be trained on with early stopping."""

import tracemalloc

import numpy as np
import pytest
from sklearn.model_selection import PredefinedSplit

from sknn_tune import KerasClassifier
from sknn_tune.estimators._rows import Rows

N_ROWS, N_COLUMNS = 160_000, 100
SMALL = {"hidden_layer_sizes": (4,), "epochs": 1, "batch_size": 1000, "random_state": 0}


@pytest.fixture(scope="module")
def table():
    X = np.random.default_rng(0).normal(size=(N_ROWS, N_COLUMNS)).astype("float32")
    return X, (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize(
    "params", [{"early_stopping": True}, {"validation_split": 0.5}, {"early_stopping": True, "n_members": 3}]
)
def test_no_copy_of_the_table_is_made(table, params):
    X, y = table
    network = KerasClassifier(**SMALL, **params)
    network.fit(X[:2000], y[:2000])  # what is loaded by a first fit does not count
    tracemalloc.start()
    try:
        network.fit(X, y)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 0.6 * X.nbytes, f"{peak / X.nbytes:.2f} of the table"


def test_the_result_is_that_of_rows_given_apart(table):
    """X_val, which is a table of its own, and a splitter that holds out the same rows."""
    X, y = table[0][:3000], table[1][:3000]
    held_out = np.arange(0, 3000, 3)
    train = np.setdiff1d(np.arange(3000), held_out)

    fold = np.full(3000, -1)
    fold[held_out] = 0
    for engine in ("numba", "keras"):
        inside = KerasClassifier(
            **SMALL, early_stopping=True, validation_split=PredefinedSplit(fold), engine=engine
        ).fit(X, y)
        apart = KerasClassifier(**SMALL, early_stopping=True, engine=engine)
        apart.fit(X[train], y[train], X_val=X[held_out], y_val=y[held_out])
        assert inside.history_ == apart.history_
        np.testing.assert_array_equal(inside.predict_proba(X), apart.predict_proba(X))


@pytest.mark.parametrize(
    "index",
    [np.array([2, 0, 2]), np.array([-1, 1]), np.array([True, False, True, False])],
    ids=["numbers", "negative", "mask"],
)
def test_a_side_is_what_indexing_gives(index):
    rows = Rows(np.arange(8.0).reshape(4, 2), np.arange(4), sample_weight=np.arange(4.0))
    side = rows.side(index)
    np.testing.assert_array_equal(side.X[:], rows.X[index])
    np.testing.assert_array_equal(side.X[np.array([1])], rows.X[index][[1]])
    assert side.X.shape == rows.X[index].shape and len(side.X) == len(rows.X[index])
    np.testing.assert_array_equal(side.y, rows.y[index])
    np.testing.assert_array_equal(side.sample_weight, rows.sample_weight[index])


def test_a_row_that_is_not_there_is_an_error():
    with pytest.raises(IndexError):
        Rows(np.zeros((4, 2)), np.zeros(4)).side(np.array([4]))
