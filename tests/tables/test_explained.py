"""Whatever cannot be rows or targets is refused in a sentence of ours, with its column, and nothing is taken unseen."""

import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import tensorflow as tf
from scipy import sparse
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier, TabularRegressor
from sknn_tune.preprocessing import CachedTransformer, PiecewiseLinearEncoder, SmoothRobustScaler, TableEncoder

N = 12
X = np.random.default_rng(0).normal(size=(N, 2)).round(2)
LABELS = np.arange(N) % 2
QUICK = {"hidden_layer_sizes": (2,), "epochs": 1, "random_state": 0}
TABULAR = {**QUICK, "n_members": 1, "share_weights": False, "early_stopping": False, "encoding": "smooth"}


def cycled(values):
    column = np.empty(N, dtype=object)
    column[:] = [values[row % len(values)] for row in range(N)]
    return column


def frame(*values, dtype=None):
    """Numbers in column 'a', and these in turn in column 'b'."""
    return pd.DataFrame({"a": X[:, 0], "b": pd.Series(list(cycled(values)), dtype=dtype)})


def polars(*values):
    return pl.DataFrame({"a": X[:, 0], "b": list(cycled(values))})


def objects(*values):
    return np.column_stack([cycled([1.0]), cycled(values)])


NUMBERS = [
    lambda: KerasClassifier(**QUICK),
    lambda: KerasRegressor(**QUICK),
    PiecewiseLinearEncoder,
    SmoothRobustScaler,
]
ANYTHING = [
    lambda: TabularClassifier(**TABULAR),
    lambda: TabularRegressor(**TABULAR),
    TableEncoder,
    lambda: CachedTransformer(TableEncoder()),
]
NAMES = ["KerasClassifier", "KerasRegressor", "PiecewiseLinearEncoder", "SmoothRobustScaler"]
NAMES_OF_ANYTHING = ["TabularClassifier", "TabularRegressor", "TableEncoder", "CachedTransformer"]

#: What is no table, and what is said of it.
NO_TABLES = {
    "None": (lambda: None, r"X is None\."),
    "str": (lambda: "data.csv", r"X is the text 'data.csv'\. Read the file first"),
    "path": (lambda: Path("x.csv"), r"X is the text 'x.csv'\. Read the file first"),
    "bytes": (lambda: b"xx", "X is the single value b'xx'"),
    "scalar": (lambda: 3.0, r"X is the single value 3\.0"),
    "0-d": (lambda: np.array(3.0), r"X is the single value array\(3\.\)"),
    "set": (lambda: {1.0, 2.0}, "X is a set, which has no order"),
    "generator": (lambda: (row for row in X), r"X is a generator, which can be read only once\. Give list\(X\)"),
    "map": (lambda: map(list, X), "X is a map, which can be read only once"),
    "zip": (lambda: zip(X[:, 0], X[:, 1], strict=True), "X is a zip, which can be read only once"),
    "dict": (lambda: {"a": X[:, 0], "b": X[:, 1]}, r"X is a dict with the keys 'a', 'b'\. Give pandas.DataFrame\(X\)"),
    "list of dicts": (lambda: [{"a": 1.0}] * N, r"X is a list of dicts\. Give pandas\.DataFrame\(X\)"),
    "several inputs": (lambda: [X, X], r"X is a list of 2 arrays, of shapes \(12, 2\), \(12, 2\), as a Keras model of"),
    "of other widths": (lambda: (X, X[:, :1]), r"X is a tuple of 2 arrays, of shapes \(12, 2\), \(12, 1\)"),
    "list of frames": (lambda: [pd.DataFrame(X)] * 2, "X is a list of 2 arrays"),
    "ragged": (
        lambda: [[1.0, 2.0]] * 11 + [[1.0]],
        "X has rows of different lengths: 2 values in row 0, 1 value in row 11",
    ),
    "empty": (list, "X is empty"),
    "class": (lambda: pd.DataFrame, "X is the class DataFrame"),
    "function": (lambda: len, "X is a builtin_function_or_method"),
    "estimator": (StandardScaler, "X is a StandardScaler"),
    "structured": (
        lambda: np.zeros(N, dtype=[("a", float), ("b", float)]),
        "X is a structured array with the fields 'a', 'b'",
    ),
    "records": (
        lambda: np.rec.fromrecords([(1.0, 2.0)] * N, names="a,b"),
        "X is a structured array with the fields 'a', 'b'",
    ),
    "groups": (lambda: pd.DataFrame(X).groupby(0), "X is a DataFrame in groups"),
    "ragged tensor": (lambda: tf.ragged.constant([[1.0, 2.0], [1.0]]), r"X is a RaggedTensor, .*Give X\.to_tensor\(\)"),
    "sparse tensor": (lambda: tf.sparse.from_dense(X), "X is a SparseTensor. Give a matrix of SciPy"),
    "series": (lambda: pd.Series(X[:, 0]), r"X has one axis, of length 12, but .* Reshape your data: X\.to_frame\(\)"),
    "polars series": (lambda: pl.Series(X[:, 0]), r"Reshape your data: X\.to_frame\(\)"),
    "1-D": (
        lambda: X[:, 0],
        r"X has one axis, .* Reshape your data: numpy\.reshape\(X, \(-1, 1\)\) if X is one column",
    ),
    "range": (lambda: range(N), r"X has one axis, of length 12"),
    "texts": (
        lambda: ["some text"] * N,
        r"X has one axis, .*Make columns of these texts first, such as with TfidfVectorizer",
    ),
    "rows as objects": (lambda: cycled([np.ones(2)]), "X has one axis, of length 12"),
}


@pytest.mark.parametrize("make", [PiecewiseLinearEncoder, SmoothRobustScaler, TableEncoder])
def test_a_lazy_frame_is_collected_first_but_for_networks(make):
    with pytest.raises(TypeError, match=r"X is a LazyFrame, .*Give X\.collect\(\)"):
        make().fit(pl.DataFrame(X).lazy(), LABELS)


@pytest.mark.parametrize("kind", NO_TABLES)
@pytest.mark.parametrize("make", NUMBERS + ANYTHING, ids=NAMES + NAMES_OF_ANYTHING)
def test_what_is_no_table_is_refused_by_all(make, kind):
    given, sentence = NO_TABLES[kind]
    with pytest.raises((TypeError, ValueError), match=sentence):
        make().fit(given(), LABELS)


#: Columns of which no numbers can be made without asking, and what is said of them.
NO_NUMBERS = {
    "dates": (lambda: frame(pd.Timestamp("2026-01-31")), "holds dates in column 'b'"),
    "dates alone": (lambda: frame(pd.Timestamp("2026-01-31"))[["b"]], "holds dates in column 'b'"),
    "array of dates": (
        lambda: np.full((N, 2), "2026-01-31", dtype="M8[s]"),
        r"holds dates in columns 0 \(12 rows\), 1 \(",
    ),
    "dates with a zone": (lambda: frame(pd.Timestamp("2026-01-31", tz="UTC")), "holds dates in column 'b'"),
    "dates as objects": (
        lambda: frame(datetime.date(2026, 1, 31), dtype=object),
        r"first is datetime\.date\(2026, 1, 31\)",
    ),
    "NumPy's dates as objects": (lambda: objects(np.datetime64("2026-01-31")), "holds dates in column 1"),
    "polars dates": (lambda: polars(datetime.date(2026, 1, 31)), "holds dates in column 'b'"),
    "durations": (lambda: frame(pd.Timedelta("1D")), r"holds durations in column 'b' .* \.dt\.total_seconds\(\)"),
    "array of durations": (lambda: np.ones((N, 2), dtype="m8[s]"), "holds durations in columns 0"),
    "NumPy's durations as objects": (lambda: objects(np.timedelta64(1, "s")), "holds durations in column 1"),
    "polars durations": (lambda: polars(datetime.timedelta(1)), "holds durations in column 'b'"),
    "times": (lambda: polars(datetime.time(3)), "holds times of day in column 'b'"),
    "times as objects": (lambda: frame(datetime.time(3), dtype=object), "holds times of day in column 'b'"),
    "periods": (lambda: frame(pd.Period("2026-01", "M")), "holds periods in column 'b'"),
    "intervals": (lambda: frame(pd.Interval(0, 1)), "holds intervals in column 'b' .*midpoints"),
    "lists": (
        lambda: frame([1, 2]),
        r"holds lists in column 'b' \(12 rows\)\. The first is \[1, 2\] in row 0 of column 'b'",
    ),
    "polars lists": (lambda: polars([1, 2]), "holds lists in column 'b'"),
    "polars structs": (lambda: polars({"u": 1}), "holds dicts in column 'b'"),
    "dicts": (lambda: frame({"u": 1}), "holds dicts in column 'b' .*json_normalize"),
    "sets": (lambda: frame({1}), "holds sets in column 'b'"),
    "arrays": (lambda: frame(np.ones(2)), "holds arrays in column 'b'"),
    "complex": (lambda: X + 1j, "Complex data not supported: X must hold numbers"),
    "complex as objects": (lambda: objects(1 + 2j), "Complex data not supported: .*in column 1"),
    "sparse complex": (lambda: sparse.csr_array(X + 1j), "Complex data not supported: .*in columns 0"),
    "functions": (lambda: objects(len), "holds functions in column 1"),
    "huge": (lambda: objects(10**400), r"contains infinity or a value too large for .* in column 1 \(12 rows\)"),
    "written": (
        lambda: frame("1,234.5", "2"),
        r"string to float: '1,234\.5' in column 'b' \(6 rows\).*as people write them",
    ),
    "percent": (lambda: polars("12%"), "string to float: '12%' in column 'b'.*as people write them"),
    "dollars": (lambda: frame("$3"), "string to float: '\\$3' in column 'b'.*as people write them"),
    "question mark": (lambda: frame("\t?", "2"), r"'\\t\?' in column 'b' \(6 rows\).*na_values=\['\?'\].*to_numeric"),
    "empty text": (lambda: frame("", "2"), r"string to float: '' in column 'b'.*stands for a missing value"),
    "a misprint": (
        lambda: frame(1, 2, 3, "x", dtype=object),
        r"'x' in column 'b' \(3 rows\)\. The first is 'x' in row 3 .*or most",
    ),
    "ISO dates": (lambda: frame("2026-01-31"), r"'2026-01-31' in column 'b'.*These are dates: pandas\.to_datetime"),
    "categories": (lambda: frame("x", "y", dtype="category"), "string to float: 'x' in column 'b' .*OneHotEncoder"),
    "text with gaps": (lambda: frame("x", None, dtype="string"), r"string to float: 'x' in column 'b' \(6 rows\)"),
    "text and numbers": (lambda: [(1.0, "x")] * N, r"string to float: 'x' in column 1 \(12 rows\)"),
    "NA as objects": (lambda: frame(1, pd.NA, dtype=object), r"X holds <NA> among objects in column 'b' .*to_numeric"),
    "NaT as objects": (lambda: frame(1, pd.NaT, dtype=object), "X holds NaT among objects in column 'b'"),
    "columns of many levels": (
        lambda: frame("x").set_axis(pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), axis=1),
        r"in column \('b', 2\) \(12 rows\)\. The first is 'x' in row 0 of column \('b', 2\) \(position 1\)",
    ),
}


@pytest.mark.parametrize("kind", NO_NUMBERS)
@pytest.mark.parametrize("make", NUMBERS, ids=NAMES)
def test_columns_without_numbers_are_named_by_all_who_need_numbers(make, kind):
    given, sentence = NO_NUMBERS[kind]
    if sparse.issparse(given()) and "Keras" not in type(make()).__name__:
        pytest.skip("no sparse rows of any kind")
    with pytest.raises((TypeError, ValueError), match=sentence):
        make().fit(given(), LABELS)


def test_they_are_named_in_predict_too():
    fitted = KerasClassifier(**QUICK).fit(frame(1.0, 2.0), LABELS)
    for given, sentence in NO_NUMBERS.values():
        if hasattr(given(), "iloc") and list(given().columns) == ["a", "b"]:
            with pytest.raises((TypeError, ValueError), match=sentence):
                fitted.predict(given())


@pytest.mark.parametrize("make", NUMBERS[:2], ids=NAMES[:2])
@pytest.mark.parametrize(
    "given",
    [
        frame(True, None, dtype="boolean"),
        frame(1, None, dtype="Int64"),
        frame("1.5", "nan"),
        polars(True, None),
        objects(1, None),
        np.ma.masked_array(X, mask=np.tile([[False, False], [False, True]], (N // 2, 1))),
        np.ma.masked_array(np.ones((N, 2), dtype=int), mask=np.tile([[False, False], [False, True]], (N // 2, 1))),
    ],
    ids=range(7),
)
def test_what_is_missing_is_named_whatever_stands_for_it(make, given):
    column = "'b'" if hasattr(given, "columns") else "1"
    with pytest.raises(
        ValueError, match=rf"Input X contains NaN in column {column} \(6 rows\)\. The first is.* in row 1 of"
    ):
        make().fit(given, LABELS)


def test_what_is_masked_is_missing_for_those_who_take_gaps():
    mask = np.zeros(X.shape, dtype=bool)
    mask[3, 1] = True
    masked, with_gap = np.ma.masked_array(X, mask=mask), np.where(mask, np.nan, X)
    for make in (*NUMBERS[2:], TableEncoder):
        np.testing.assert_array_equal(make().fit_transform(masked), make().fit_transform(with_gap))
    assert TableEncoder().fit(np.ma.masked_array(cycled("xy").reshape(-1, 1), mask=mask[:, 1:])).kinds_ == {
        "x0": "category"
    }


@pytest.mark.parametrize("make", NUMBERS + ANYTHING, ids=NAMES + NAMES_OF_ANYTHING)
def test_names_that_occur_twice_are_a_sentence(make):
    twice = pd.DataFrame(X, columns=["a", "a"])
    try:
        StandardScaler().fit(twice)
    except ValueError:
        with pytest.raises(ValueError, match="X has columns of the same name: 'a' at positions 0 and 1"):
            make().fit(twice, LABELS)
    else:
        pytest.skip("scikit-learn before 1.9 takes them")


def test_sparse_columns_of_pandas_say_how_to_make_them_dense():
    table = pd.DataFrame.sparse.from_spmatrix(sparse.csr_matrix(np.abs(X)), columns=["a", "b"])
    with pytest.raises(TypeError, match=r"SmoothRobustScaler takes no sparse columns, .* Give X\.sparse\.to_dense\(\)"):
        SmoothRobustScaler().fit(table)
    KerasClassifier(**QUICK).fit(table, LABELS)


def test_rows_and_targets_in_one_argument():
    with pytest.raises(
        ValueError, match=r"X is a tuple of 2 arrays, of shapes \(12, 2\), \(12,\), .* an argument of their own"
    ):
        KerasClassifier(**QUICK).fit(X, LABELS).predict((X, LABELS))


def test_rows_to_watch_are_named_as_such():
    with pytest.raises(
        ValueError, match=r"^In X_val, y_val or sample_weight_val: could not convert string to float: 'a'"
    ):
        KerasClassifier(**QUICK).fit(X, LABELS, X_val=np.full((3, 2), "a"), y_val=LABELS[:3])


def test_batches_of_streams_are_looked_at_alike():
    def batches(*parts):
        return tf.data.Dataset.from_tensor_slices(parts).batch(5)

    for given, sentence in (
        (batches({"a": X[:, 0]}, LABELS), "X is a dict with the keys 'a'"),
        (batches((X, X), LABELS), r"X is a tuple of 2 arrays, of shapes \(5, 2\), \(5, 2\)"),
        (batches(np.full((N, 2), "a"), LABELS), r"string to float: b'a' in columns 0 \(5 rows\)"),
        (batches(X, np.where(LABELS, "a", "b")), r"string to float: 'b' in y \(12 rows\)"),
        (batches(X, np.where(LABELS, np.nan, 1)), r"Input y contains NaN \(6 rows\)"),
    ):
        with pytest.raises((TypeError, ValueError), match=sentence):
            KerasRegressor(**QUICK).fit(given)


def test_what_is_given_later_is_looked_at_alike():
    with pytest.raises(ValueError, match="X has one axis, of length 12, but TabularClassifier takes rows"):
        TabularClassifier(**TABULAR).fit(X, LABELS).predict(pd.Series(X[:, 0]))
    with pytest.raises(ValueError, match=r"string to float: 'a' in columns 0 \(3 rows\)"):
        SmoothRobustScaler().fit(X).inverse_transform(np.full((3, 2), "a"))
    names = pd.DataFrame({"c": list("abcdefghij") * 2})
    with pytest.raises(ValueError, match=r"string to float: 'x' in y \(20 rows\)"):
        TableEncoder(target_encoding=True, target_type="continuous").fit(names, ["x"] * 20)
    with pytest.raises(TypeError, match=r"Input y contains NaN \(20 rows\)"):
        TableEncoder(target_encoding=True).fit(names, [None] * 20)


def test_rows_and_targets_in_the_wrong_order():
    for make in NUMBERS[:2] + ANYTHING[:2]:
        with pytest.raises(
            ValueError, match=r"y has shape \(12, 2\): were they given in the wrong order\? It is .*fit\(X, y\)"
        ):
            make().fit(LABELS, X)


# --- targets ---------------------------------------------------------------------------------------

REGRESSORS = [NUMBERS[1], ANYTHING[1]]
CLASSIFIERS = [NUMBERS[0], ANYTHING[0]]

#: Targets of a regressor, and what is said of them.
NO_TARGETS = {
    "text": (
        lambda: cycled(["red", "blue"]),
        r"float: 'red' in y \(12 rows\).* predicts numbers\. For classes use \w+Classifier",
    ),
    "array of text": (lambda: np.array(["red", "blue"] * 6), r"float: 'red' in y \(12 rows\)"),
    "text in polars": (lambda: pl.Series(["red", "blue"] * 6), r"float: 'red' in y \(12 rows\)"),
    "categories": (lambda: pd.Series(["red", "blue"] * 6, dtype="category"), r"float: 'red' in y \(12 rows\)"),
    "column of text": (
        lambda: pd.DataFrame({"p": X[:, 0], "q": ["a"] * N}),
        r"float: 'a' in column 'q' \(12 rows\) of y",
    ),
    "written": (lambda: pd.Series(["1,234.5", "2"] * 6), r"'1,234\.5' in y \(6 rows\)\. .*to_numeric"),
    "dollars": (lambda: pd.Series(["$3"] * N), r"'\$3' in y \(12 rows\)\. .*to_numeric"),
    "a text": (lambda: "price", r"y is the text 'price'\. Give the values themselves"),
    "a number": (lambda: 3.0, r"y is the single value 3\.0"),
    "set": (lambda: {1, 2}, "y is a set"),
    "generator": (lambda: (value for value in X[:, 0]), r"y is a generator, .*Give list\(y\)"),
    "dict": (
        lambda: {"price": X[:, 0]},
        r"y is a dict with the keys 'price'\. Give one of its values, such as y\['price'\]",
    ),
    "lazy": (lambda: pl.DataFrame({"y": X[:, 0]}).lazy(), r"y is a LazyFrame, .*Give y\.collect\(\)"),
    "structured": (lambda: np.zeros(N, dtype=[("p", float)]), "y is a structured array with the fields 'p'"),
    "dates": (
        lambda: pd.Series(pd.date_range("2026", periods=N)),
        r"y must hold numbers, but holds dates \(12 rows\)\. The first is",
    ),
    "array of dates": (lambda: np.arange(N).astype("M8[D]"), "y must hold numbers, but holds dates"),
    "dates as objects": (lambda: cycled([datetime.date(2026, 1, 1)]), "y must hold numbers, but holds dates"),
    "NumPy's dates as objects": (lambda: cycled([np.datetime64("2026-01-01")]), "y must hold numbers, but holds dates"),
    "durations": (lambda: np.arange(N).astype("m8[s]"), "y must hold numbers, but holds durations"),
    "periods": (lambda: pd.Series([pd.Period("2026-01", "M")] * N), "y must hold numbers, but holds periods"),
    "lists": (lambda: pd.Series([[1, 2], [3]] * 6), "y must hold numbers, but holds lists"),
    "None": (lambda: cycled([1.0, None]), r"Input y contains NaN \(6 rows\)\. The first is None in row 1"),
    "NaN": (lambda: np.where(LABELS, np.nan, 1.0), r"Input y contains NaN \(6 rows\)\. The first is in row 1"),
    "column with gaps": (
        lambda: pd.DataFrame({"p": X[:, 0], "q": [1, None] * 6}),
        r"contains NaN in column 'q' \(6 rows\) of y",
    ),
    "NA": (lambda: cycled([1, pd.NA]), r"y holds <NA> among objects \(6 rows\)"),
    "Int64 with gaps": (lambda: pd.Series([1, None] * 6, dtype="Int64"), r"Input y contains NaN \(6 rows\)"),
    "masked": (
        lambda: np.ma.masked_array(X[:, 0], mask=LABELS == 1),
        r"Input y contains NaN \(6 rows\)\. The first is in row 1",
    ),
    "infinite": (
        lambda: np.r_[np.inf, X[1:, 0]],
        r"Input y contains infinity .* \(1 row\)\. .* The first is inf in row 0",
    ),
}


@pytest.mark.parametrize("kind", NO_TARGETS)
@pytest.mark.parametrize("make", REGRESSORS, ids=["KerasRegressor", "TabularRegressor"])
def test_what_cannot_be_a_target_of_a_regressor(make, kind):
    given, sentence = NO_TARGETS[kind]
    with pytest.raises((TypeError, ValueError), match=sentence) as refused:
        make().fit(X, given())
    assert "OneHotEncoder" not in str(refused.value)  # which is for the columns of X


#: Targets of a classifier, and what is said of them.
NO_LABELS = {
    "NaN among text": (
        lambda: cycled(["a", np.nan, "b"]),
        r"Input y contains NaN \(4 rows\)\. The first is in row 1\. .*'unknown'",
    ),
    "NaN among numbers": (lambda: np.r_[np.nan, LABELS[1:]], r"Input y contains NaN \(1 row\)\. The first is in row 0"),
    "NA": (
        lambda: pd.Series(["a", "b", None] * 4, dtype="string"),
        r"Input y contains NaN \(4 rows\)\. The first is <NA> in row 2",
    ),
    "categories with gaps": (
        lambda: pd.Series(["a", "b", None] * 4, dtype="category"),
        r"Input y contains NaN \(4 rows\)",
    ),
    "None among numbers": (
        lambda: cycled([1.0, None]),
        r"Input y contains NaN \(6 rows\)\. The first is None in row 1",
    ),
    "masked": (lambda: np.ma.masked_array(LABELS, mask=LABELS == 1), r"Input y contains NaN \(6 rows\)"),
    "sets": (lambda: [{"a"}, {"b"}] * 6, r"y holds sets .*MultiLabelBinarizer"),
    "tuples": (
        lambda: [("a", "b"), ("a",)] * 6,
        r"y has rows of different lengths: 2 values in row 0, 1 value in row 1\. .*MultiLabel",
    ),
    "periods": (
        lambda: pd.Series([pd.Period("2026-01", "M")] * N),
        r"Unknown label type: .*of type Period, such as Period.*astype\(str\)",
    ),
    "Decimals": (lambda: cycled([Decimal(1), Decimal(2)]), r"Unknown label type: .*values of type Decimal"),
    "numbers and text": (
        lambda: cycled([1, "a"]),
        r"Unknown label type: .*values of type int, str, such as 1 in row 0",
    ),
    "bytes": (lambda: np.array([b"a", b"b"] * 6), "y has labels of type bytes. Make text of them"),
    "complex": (lambda: LABELS + 1j, r"Complex data not supported: y holds complex numbers"),
    "a text": (lambda: "price", "y is the text 'price'"),
    "a dict": (lambda: {"y": LABELS}, "y is a dict with the keys 'y'"),
    "lazy": (lambda: pl.DataFrame({"y": LABELS}).lazy(), r"y is a LazyFrame"),
}


@pytest.mark.parametrize("kind", NO_LABELS)
@pytest.mark.parametrize("make", CLASSIFIERS, ids=["KerasClassifier", "TabularClassifier"])
def test_what_cannot_be_a_target_of_a_classifier(make, kind):
    given, sentence = NO_LABELS[kind]
    with pytest.raises((TypeError, ValueError), match=sentence):
        make().fit(X, given())


def test_text_that_says_numbers_is_taken_as_numbers_by_all_regressors():
    text = np.array(["1.5", "2.5"] * 6)
    for make in REGRESSORS:
        np.testing.assert_array_equal(make().fit(X, text).predict(X), make().fit(X, text.astype(float)).predict(X))


def test_sparse_targets_are_taken_by_all():
    matrix = np.column_stack([LABELS, LABELS])
    for make in NUMBERS[:2] + ANYTHING[:2]:
        np.testing.assert_array_equal(
            make().fit(X, sparse.csr_array(matrix)).predict(X), make().fit(X, matrix).predict(X)
        )


# --- weights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ("balanced", "sample_weight is the text 'balanced'. For weights of classes use the 'class_weight' parameter"),
        ({0: 1, 1: 2}, "sample_weight is a dict with the keys 0, 1"),
        (np.array(["a"] * N), r"'a' in sample_weight \(12 rows\)"),
        (np.r_[np.nan, np.ones(N - 1)], r"Input sample_weight contains NaN \(1 row\)\. The first is in row 0"),
        ([None] * N, r"Input sample_weight contains NaN \(12 rows\)\. The first is None in row 0"),
        (
            np.ma.masked_array(np.ones(N), mask=LABELS == 1),
            r"Input sample_weight contains NaN \(6 rows\)\. The first is in row 1",
        ),
        ((weight for weight in [1.0] * N), "sample_weight is a generator, which can be read only once"),
    ],
    ids=["text", "dict", "texts", "NaN", "None", "masked", "generator"],
)
def test_what_cannot_be_weights(weights, sentence):
    with pytest.raises(ValueError, match=sentence):
        KerasClassifier(**QUICK).fit(X, LABELS, sample_weight=weights)
