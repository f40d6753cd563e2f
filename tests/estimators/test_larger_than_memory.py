"""Tables that are larger than memory: the same rows give the same network, in whatever form they come."""

import subprocess
import sys
import threading

import numpy as np
import polars
import pytest
import tensorflow as tf
from scipy import sparse

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier
from sknn_tune.engine._seeding import row_orders
from sknn_tune.engine.machine import _read_ahead, _runner
from sknn_tune.engine.machine._one_ahead import one_ahead
from sknn_tune.engine.machine._table import _FileTable
from sknn_tune.estimators import _fitted, _holdout, _input

N_ROWS, N_COLUMNS = 900, 4
NAMES = [f"c{column}" for column in range(N_COLUMNS)]
PARAMS = {"hidden_layer_sizes": (6,), "epochs": 2, "batch_size": 50, "random_state": 0}


@pytest.fixture(scope="module")
def table():
    """Whole numbers, which are the same in every type, labels, and weights of which some are zero."""
    generator = np.random.default_rng(0)
    X = generator.integers(-4, 5, (N_ROWS, N_COLUMNS)).astype("float32")
    y = np.where(X[:, 0] * X[:, 1] + X[:, 2] > 0, "yes", "no")
    return X, y, (np.arange(N_ROWS) % 3).astype("float32")


@pytest.fixture(scope="module")
def parquet(table, tmp_path_factory):
    """The same in a file, with a column that is no input."""
    X, y, weight = table
    path = tmp_path_factory.mktemp("large") / "table.parquet"
    columns = dict(zip(NAMES, X.T, strict=True))
    polars.DataFrame({**columns, "label": y, "weight": weight}).write_parquet(path, row_group_size=200)
    return path


def fitted(*arrays, **params):
    return KerasClassifier(**{**PARAMS, **params}).fit(*arrays)


def weights_of(network):
    """Without building a Keras model."""
    return network._trained.weights


def assert_same(one, other):
    for a, b in zip(weights_of(one), weights_of(other), strict=True):
        np.testing.assert_array_equal(a, b)


def assert_close(one, other, tolerance=1e-5):
    for a, b in zip(weights_of(one), weights_of(other), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance)


# --- arrays --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("params", [{"early_stopping": True}, {"n_members": 2, "share_weights": True}], ids=str)
@pytest.mark.parametrize("dtype", ["int8", "float64", "float16", ">f8", "bool"])
def test_rows_that_are_converted_when_they_are_taken_are_those_converted_before(table, dtype, params, monkeypatch):
    X, y, weight = table
    X = X.astype(dtype)
    expected = fitted(X, y, weight, **params)
    monkeypatch.setattr(_input, "_LARGEST_COPY", 0)
    monkeypatch.setattr(_fitted, "_ROWS_AT_ONCE", 128)
    found = fitted(X, y, weight, **params)
    assert found.engine_ == "numba"
    assert_same(found, expected)
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X.astype("float32")))
    assert found.score(X, y) == expected.score(X, y)


def test_keras_takes_rows_that_are_converted_when_they_are_taken(table, monkeypatch):
    X, y, weight = table
    expected = fitted(X, y, weight, early_stopping=True, engine="keras")
    monkeypatch.setattr(_input, "_LARGEST_COPY", 0)
    assert_same(fitted(X.astype("int16"), y, weight, early_stopping=True, engine="keras"), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_what_is_no_number_of_the_network_is_refused_in_large_tables_too(table, value, monkeypatch):
    monkeypatch.setattr(_input, "_LARGEST_COPY", 0)
    X, network = table[0].astype("float64"), fitted(*table[:2])
    X[700, 2] = value
    for use in (lambda: fitted(X, table[1]), lambda: network.predict(X)):
        with pytest.raises(ValueError, match=r"in column.* 2 \(1 row"):
            use()


def test_more_rows_than_the_buffer_are_mixed_in_blocks_alike_by_both_engines(table):
    X, y, _ = table
    ours = fitted(X, y, shuffle_buffer=130)
    assert_close(ours, fitted(X, y, shuffle_buffer=130, engine="keras"))
    assert_same(fitted(X, y, shuffle_buffer=N_ROWS), fitted(X, y))
    with pytest.raises(AssertionError):
        assert_same(ours, fitted(X, y))


def test_each_epoch_visits_every_row_once_and_mixes_blocks_from_everywhere():
    orders = [np.concatenate(list(row_orders(1, epoch, N_ROWS, 200))) for epoch in (0, 1)]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(N_ROWS))
        assert np.histogram(order[:200], bins=3, range=(0, N_ROWS))[0].min() > 30
    assert (orders[0] != orders[1]).any()


def test_rows_held_out_of_a_large_table_are_a_share_of_every_part_and_class(table, monkeypatch):
    monkeypatch.setattr(_holdout, "_ROWS_AT_ONCE", 250)
    classes = np.repeat([0, 1], N_ROWS // 2)
    train, held_out = _holdout._one_split(N_ROWS, classes, 0.1, seed=0)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, held_out])), np.arange(N_ROWS))
    assert (np.diff(train) > 0).all()
    assert abs(np.bincount(classes[held_out]) - N_ROWS / 20).max() <= 3
    assert np.histogram(held_out, bins=3)[0].min() >= 25


@pytest.mark.parametrize("batch_size", [50, 64, 333, 2000])
@pytest.mark.parametrize(
    "params", [{}, {"early_stopping": True, "validation_fraction": 0.3}, {"n_members": 2}], ids=str
)
def test_rows_of_a_file_that_come_in_parts_are_trained_as_those_in_memory(tmp_path, params, batch_size, monkeypatch):
    """Parts that no batch fills, batches longer than a part, rows held out between those that are trained on."""
    monkeypatch.setattr(_runner, "_ROWS_AT_ONCE", 0)  # each epoch by itself, which is what comes in parts
    X = np.random.default_rng(0).standard_normal((5003, 3)).astype("float32")
    X.tofile(tmp_path / "table")
    params = {**params, "batch_size": batch_size, "shuffle_buffer": 900}
    mapped = np.memmap(tmp_path / "table", "float32", "r", shape=X.shape)
    y = X[:, 0] > X[:, 1]
    assert_same(fitted(mapped, y, **params), fitted(X, y, **params))


@pytest.mark.parametrize("batch_size", [50, 900, 1000, 2000, 5003])
@pytest.mark.parametrize("shuffle", [False, True])
def test_rows_of_a_file_stay_until_the_next_are_there(tmp_path, shuffle, batch_size):
    """Those of batches longer than a part, too, for each of which several parts are read."""
    X = np.random.default_rng(0).standard_normal((5003, 3))
    X.tofile(tmp_path / "table")
    table = _FileTable(np.memmap(tmp_path / "table", "float64", "r", shape=X.shape), None)
    orders = row_orders(0, 0, 5003, 900) if shuffle else iter(np.array_split(np.arange(5003), 6))
    parts = table.parts(orders, batch_size)
    part, visited = next(parts), 0
    while part is not None:
        following = next(parts, None)
        assert following is None or len(part.order) % batch_size == 0
        rows = part.table.readable(part.rows)
        np.testing.assert_array_equal(rows.arrays[0][rows.order], X[part.order])
        part, visited = following, visited + len(part.order)
    assert visited == 5003


@pytest.mark.parametrize("step", [1, 3, 200])
def test_rows_are_copied_from_a_file_with_their_neighbours_or_without(tmp_path, step):
    X = np.arange(20_010, dtype="float64").reshape(-1, 2)
    X.tofile(tmp_path / "table")
    copies, before = _read_ahead.Copies(np.memmap(tmp_path / "table", "float64", "r", shape=X.shape)), None
    for order in np.random.default_rng(0).permutation(len(X))[:9000].reshape(10, -1) // step * step:
        kept = np.array([], int) if before is None else np.array([5, 0, 7])
        copy, places = copies(order, kept)
        expected = X[order] if before is None else np.concatenate([before[kept], X[order]])
        np.testing.assert_array_equal(copy[places], expected)
        before = copy


def test_a_file_is_read_while_the_rows_before_are_trained_on():
    """By another thread, one part ahead; who stops early ends it."""
    asked = []

    def items():
        for number in range(9):
            asked.append(threading.current_thread())
            yield number

    ahead = one_ahead(items())
    assert next(ahead) == 0
    assert next(ahead) == 1
    ahead.close()
    assert len(asked) == 3
    assert all(thread is not threading.current_thread() and not thread.is_alive() for thread in asked)


def test_an_error_while_a_file_is_read_is_raised_where_its_rows_are_asked_for():
    ahead = one_ahead(1 / number for number in (2, 1, 0))
    assert [next(ahead), next(ahead)] == [0.5, 1.0]
    with pytest.raises(ZeroDivisionError):
        next(ahead)


MEMORY = """
import sys, threading, time
import numpy as np
from sknn_tune import KerasRegressor
path = sys.argv[1]
X = np.memmap(path, "float64", "r", shape=(1_500_000, 10))
y = np.arange(1_500_000, dtype="float32") % 2
params = dict(hidden_layer_sizes=4, epochs=1, batch_size=5000, shuffle_buffer=30_000, random_state=0)
KerasRegressor(**params).fit(X[:9000], y[:9000]).predict(X[:9000])

def anonymous():
    return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("RssAnon"))

before, most = anonymous(), [0]

def watch():
    while most:
        most[0] = max(most[0], anonymous())
        time.sleep(0.005)

threading.Thread(target=watch, daemon=True).start()
KerasRegressor(**params).fit(X, y).predict(X)
KerasRegressor(**params, early_stopping=True).fit(X, y)
print(most.pop() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="how much memory is no file's, only Linux says")
def test_a_table_on_disk_is_never_in_memory(tmp_path):
    """114 MB in float64, 57 MB in float32, which is more than the fit may take."""
    table = np.memmap(tmp_path / "table", "float64", "w+", shape=(1_500_000, 10))
    table[:] = np.arange(10)
    table[:, 0] = np.arange(1_500_000) % 2
    table.flush()
    command = [sys.executable, "-c", MEMORY, str(tmp_path / "table")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 52, done.stdout


# --- sparse --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "index"),
    [
        ({}, "int32"),
        ({}, "int64"),
        ({"dropout": 0.3, "l2": 1e-3, "batch_norm": True}, "int32"),
        ({"input_dropout": 0.2}, "int32"),
    ],
    ids=["plain", "many entries", "extras", "inputs dropped"],
)
def test_sparse_rows_are_trained_as_dense_ones(params, index):
    generator = np.random.default_rng(0)
    X = sparse.random_array((300, 60), density=0.1, rng=generator, format="csr", dtype="float32")
    X.indices, X.indptr = X.indices.astype(index), X.indptr.astype(index)
    y = np.asarray(X.sum(axis=1)).ravel() > 3
    found, expected = (fitted(rows, y, early_stopping=True, **params) for rows in (X, X.toarray()))
    assert found.engine_ == "numba"
    assert_close(found, expected)
    for name, values in expected.history_.items():
        np.testing.assert_allclose(found.history_[name], values, rtol=1e-4)


def test_entries_given_twice_and_rows_without_any_count_as_they_do_when_dense():
    data, places = np.ones(8, "float32"), np.array([3, 3, 0, 7, 1, 1, 1, 9])
    X = sparse.csr_array((data, places, [0, 3, 3, 4, 8]), shape=(4, 50))
    y = [0, 1, 0, 1]
    assert_close(fitted(X, y, batch_size=2), fitted(X.toarray(), y, batch_size=2))


# --- rows that come in batches ----------------------------------------------------------------------------------------


def lazy(parquet):
    return polars.scan_parquet(parquet).drop("weight")


def test_a_file_that_fits_the_buffer_gives_the_network_of_its_rows(table, parquet):
    X, y, weight = table
    expected = fitted(X, y, early_stopping=True)
    found = fitted(lazy(parquet), "label", early_stopping=True)
    assert_same(found, expected)
    assert found.feature_names_in_.tolist() == NAMES
    np.testing.assert_array_equal(found.predict_proba(lazy(parquet)), expected.predict_proba(X))
    np.testing.assert_array_equal(found.predict(lazy(parquet).select(NAMES[::-1])), expected.predict(X))
    assert found.score(lazy(parquet), "label") == expected.score(X, y)
    assert_same(fitted(polars.scan_parquet(parquet), "label", "weight"), fitted(X, y, weight))
    assert_same(fitted(lazy(parquet).drop("label"), y, weight), fitted(X, y, weight))


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_larger_file_is_trained_by_machine_code_as_by_keras(parquet, shuffle):
    def of(engine):
        params = {"shuffle": shuffle, "shuffle_buffer": 200, "engine": engine, "early_stopping": True}
        return fitted(polars.scan_parquet(parquet), "label", "weight", **params)

    ours, keras = of("numba"), of("keras")
    assert_close(ours, keras)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(ours.history_[name], keras.history_[name], rtol=1e-4)


def test_a_larger_file_in_its_order_gives_the_network_of_its_rows_in_theirs(table, parquet):
    X, y, _ = table
    expected = fitted(X, y, shuffle=False)
    found = fitted(lazy(parquet), "label", shuffle=False, shuffle_buffer=120)
    assert_same(found, expected)
    watched = fitted(lazy(parquet), "label", shuffle=False, shuffle_buffer=120, n_members=2)
    assert len(watched.members_) == 2
    np.testing.assert_allclose(found.history_["loss"], expected.history_["loss"], rtol=1e-6)


def test_rows_held_out_of_a_file_are_those_held_out_of_a_table(table, parquet):
    X, y, _ = table
    params = {"shuffle": False, "early_stopping": True}
    found, expected = fitted(lazy(parquet), "label", shuffle_buffer=200, **params), fitted(X, y, **params)
    assert found.history_["val_accuracy"][0] == pytest.approx(expected.history_["val_accuracy"][0], abs=0.05)
    other = KerasClassifier(**PARAMS, **params, shuffle_buffer=200)
    other.fit(lazy(parquet), "label", X_val=lazy(parquet), y_val="label")
    assert len(other.history_["val_loss"]) == 2


def test_batches_of_ones_own_keep_their_order_in_machine_code(table):
    X, y, weight = table
    stream = tf.data.Dataset.from_tensor_slices((X, y, weight)).batch(37)
    params = {name: PARAMS[name] for name in ("hidden_layer_sizes", "epochs", "random_state")}
    ours, keras = (KerasClassifier(**params, engine=engine).fit(stream, X_val=stream) for engine in ("auto", "keras"))
    assert ours.engine_ == "numba" and ours.n_steps_ == 2 * 25
    assert_close(ours, keras)
    np.testing.assert_allclose(ours.history_["val_loss"], keras.history_["val_loss"], rtol=1e-4)
    assert ours.score(stream) == pytest.approx(ours.score(X, y, weight))


def test_chunks_go_to_partial_fit(table, parquet):
    X, y, _ = table
    one = KerasClassifier(**PARAMS).partial_fit(lazy(parquet), "label").partial_fit(lazy(parquet), "label")
    assert_same(one, KerasClassifier(**PARAMS).partial_fit(X, y).partial_fit(X, y))


def test_numbers_are_predicted_and_scored(table, parquet):
    X = table[0]
    frame = lazy(parquet).drop("label")
    found = KerasRegressor(**PARAMS).fit(frame, "c3")
    assert_same(found, KerasRegressor(**PARAMS).fit(X[:, :3], X[:, 3]))
    eager = frame.collect()
    np.testing.assert_allclose(found.predict(frame), found.predict(eager.select(NAMES[:3])), rtol=1e-6)
    assert found.score(frame, y="c3") == pytest.approx(found.score(eager.select(NAMES[:3]), eager["c3"]))


def test_arrow_tables_and_datasets_are_read_in_batches(table, parquet):
    pytest.importorskip("pyarrow")
    import pyarrow.dataset
    import pyarrow.parquet

    expected = fitted(*table)
    for rows in (
        pyarrow.dataset.dataset(parquet),
        pyarrow.parquet.read_table(parquet),
        pyarrow.parquet.ParquetFile(parquet),
    ):
        found = fitted(rows, "label", "weight")
        assert_same(found, expected)
        np.testing.assert_array_equal(found.predict(rows), expected.predict(table[0]))


def test_what_cannot_be_read_is_refused_in_a_sentence(table, parquet):
    y, frame, stream = table[1], lazy(parquet), {"shuffle_buffer": 200}
    network = fitted(frame, "label")
    cases = [
        (lambda: fitted(frame), "so y must be the name of one of its columns, such as y='label', or an array"),
        (lambda: fitted(frame, "labl"), r"y='labl' must name a column .* \(did you mean 'label'\?\)"),
        (lambda: fitted(frame.drop("label"), y[:-1]), "y has 899 entries, but X, a polars LazyFrame, has 900 rows"),
        (lambda: fitted(frame, "c0"), "Column 'label' of X, a polars LazyFrame, has <U3 values such as '(yes|no)'"),
        (lambda: fitted(frame.drop("label"), polars.LazyFrame({"y": y})), r"y is a LazyFrame.*Give y.collect\(\). fit"),
        (lambda: fitted(frame.drop("label"), {"y": y}), "y is a dict with the keys 'y'"),
        (
            lambda: fitted(frame.drop("label"), np.ma.array(y, mask=np.arange(len(y)) > 800)),
            "drop the rows whose label is missing",
        ),
        (lambda: fitted(frame.head(0), "label"), "The polars LazyFrame given as X is empty: it has no rows"),
        (lambda: network.predict(frame.drop("c1")), "has no column 'c1', which the network was fitted on"),
        (
            lambda: KerasClassifier(**PARAMS).fit(frame, "label", groups=y),
            "The 'groups' argument cannot go with X as a polars LazyFrame",
        ),
        (
            lambda: fitted(frame, "label", n_members=2, early_stopping=True, **stream),
            "Each of n_members=2 would hold other rows out of X, a polars LazyFrame of 900 rows",
        ),
    ]
    for use, message in cases:
        with pytest.raises((TypeError, ValueError), match=message):
            use()
    with pytest.raises(
        TypeError, match="TabularClassifier encodes the columns of a table, but X is a polars LazyFrame"
    ):
        TabularClassifier().fit(frame, "label")


def test_a_stream_with_other_rows_the_second_time_is_refused(table):
    X, y, _ = table
    left = iter([3, 3, 2])  # the example of shapes, the first look, then epochs

    class Shrinking:
        element_spec = None

        def as_numpy_iterator(self):
            n_batches = next(left)
            return ((X[i * 50 : i * 50 + 50], y[i * 50 : i * 50 + 50]) for i in range(n_batches))

    with pytest.raises(ValueError, match="had 150 rows when it was first read, but 100 in epoch 2"):
        KerasClassifier(hidden_layer_sizes=(6,), epochs=2, random_state=0).fit(Shrinking())
