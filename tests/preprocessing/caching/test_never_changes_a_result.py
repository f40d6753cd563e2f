"""Attempts to get another result from a CachedTransformer than from the transformer itself.

In each, a call fills the cache, something changes that is easily missed, and the next call must give what the
transformer gives without a cache: same bits, types, names and index.
"""

import datetime
import re
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectKBest, SequentialFeatureSelector
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.utils.fixes import parse_version

from sknn_tune.preprocessing import CachedTransformer, PiecewiseLinearEncoder
from sknn_tune.preprocessing.caching._key import KeyBuilder, NotCacheableError
from sknn_tune.preprocessing.caching._parameters import add_value


def target_encoder(seed=0):
    """Its random_state is deprecated from scikit-learn 1.9 on, before which ``cv`` was an int only."""
    if parse_version(sklearn.__version__) < parse_version("1.9.dev0"):
        return TargetEncoder(random_state=seed)
    return TargetEncoder(cv=KFold(5, shuffle=True, random_state=seed))


@pytest.fixture(autouse=True)
def _empty_cache():
    CachedTransformer.clear_cache()
    yield
    CachedTransformer.clear_cache()


def assert_same(result, expected):
    assert type(result) is type(expected)
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(result, expected, check_exact=True)
    elif isinstance(expected, pl.DataFrame):
        assert result.equals(expected) and result.schema == expected.schema
    elif sparse.issparse(expected):
        assert result.format == expected.format and result.dtype == expected.dtype
        assert (result != expected).nnz == 0
    else:
        assert result.dtype == expected.dtype and result.shape == expected.shape
        assert result.flags.c_contiguous == expected.flags.c_contiguous
        if expected.dtype == object:
            assert list(map(repr, result.ravel())) == list(map(repr, expected.ravel()))
        else:
            assert result.tobytes() == expected.tobytes()  # -0.0 is not 0.0


def check(transformer, X, y=None, **params):
    """All three ways, against the transformer without a cache."""
    cached, plain = CachedTransformer(clone(transformer)), clone(transformer)
    assert_same(cached.fit_transform(X, y, **params), plain.fit_transform(X, y, **params))
    assert_same(cached.transform(X), plain.transform(X))
    assert_same(clone(cached).fit(X, y, **params).transform(X), clone(plain).fit(X, y, **params).transform(X))
    return cached


class Echo(TransformerMixin, BaseEstimator):
    """Gives back all it can see of X, as text: the strictest of transformers."""

    def fit(self, X, y=None):
        self.seen_ = self._describe(X) + self._describe(y)
        return self

    def transform(self, X):
        return np.array([[self.seen_, self._describe(X)]], dtype=object)

    @staticmethod
    def _describe(X):
        parts = [repr(type(X))]
        if isinstance(X, pd.DataFrame | pd.Series):
            parts += [repr(X.index), repr(X.index.names), repr(X.to_numpy().tolist())]
            columns = [X] if isinstance(X, pd.Series) else [X.iloc[:, place] for place in range(X.shape[1])]
            for column in columns:
                categories = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else None
                parts += [repr(column.name), repr(column.dtype), repr(categories)]
            parts += [repr(list(map(type, column.tolist()))) for column in columns]
        elif isinstance(X, pl.DataFrame):
            parts += [repr(X.schema), repr(X.rows())]
        elif sparse.issparse(X):
            parts += [repr(X.shape), repr(X.dtype), repr(X.data), repr(X.indices), repr(X.indptr)]
        elif isinstance(X, np.ndarray):
            parts += [repr(X.dtype), repr(X.shape), repr(X.strides), X.tobytes().hex() if X.dtype != object else ""]
            parts += [repr(X.tolist())]
        else:
            parts += [repr(X)]
        return " ".join(parts)


TABLE = {"a": [1.0, 2.0, 3.0], "b": ["x", "y", "x"]}
NAN_WITH_PAYLOAD = np.frombuffer(np.uint64(0x7FF8000000000001).tobytes(), np.float64)
DAY = datetime.date(2020, 1, 1)

LOOK_ALIKES = {
    "dtypes of equal bytes": [
        np.zeros((4, 2)),
        np.zeros((4, 2), np.int64),
        np.zeros((4, 2), np.uint64),
        np.zeros((4, 2), "datetime64[s]"),
        np.zeros((4, 2), "datetime64[ns]"),
        np.zeros((4, 2), ">f8"),
    ],
    "shapes of equal bytes": [np.zeros((4, 2)), np.zeros((2, 4)), np.zeros((8, 1)), np.zeros(8), np.zeros((2, 2, 2))],
    "memory order": [
        np.ones((4, 3)),
        np.asfortranarray(np.ones((4, 3))),
        np.ones((4, 6))[:, ::2],
        np.ones((4, 6))[:, :3],
    ],
    "transposed": [np.arange(4.0).reshape(2, 2), np.asfortranarray(np.arange(4.0).reshape(2, 2).T)],
    "zeros": [np.array([[0.0], [1.0]]), np.array([[-0.0], [1.0]])],
    "missing": [
        np.array([[np.nan], [1.0]]),
        np.array([[1.0], [np.nan]]),
        NAN_WITH_PAYLOAD[:, None],
        np.array([[-np.nan]]),
    ],
    "one": [
        np.array([[one, "z"]], dtype=object) for one in (1, 1.0, True, "1", b"1", np.int64(1), np.float32(1), 1 + 0j)
    ],
    "nothing": [
        np.array([[nothing, "z"]], dtype=object)
        for nothing in (None, np.nan, pd.NA, pd.NaT, "nan", "None", "", NAN_WITH_PAYLOAD[0])
    ],
    "strings that run together": [
        np.array(list(strings), dtype=object)[:, None]
        for strings in (["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["a\0b", "c"], ["a", "b\0c"], ["a\0", "bc"])
    ],
    "strings alike up to a zero byte": [
        np.array([["a\0b"], ["a\0c"], ["a"]], dtype=object),
        np.array([["a\0b"], ["a\0b"], ["a"]], dtype=object),
        np.array([["a"], ["a\0c"], ["a"]], dtype=object),
    ],
    "surrogates": [np.array([["x\ud800"]], dtype=object), np.array([["x\ud801"]], dtype=object)],
    "forms of one letter": [np.array([["\u00e9"]], dtype=object), np.array([["e\u0301"]], dtype=object)],
    "order": [np.array(list(order), dtype=object)[:, None] for order in ("aab", "aba", "baa", "abb")],
    "place of what is missing": [
        np.array([["a"], [None], ["b"]], dtype=object),
        np.array([["a"], ["b"], [None]], dtype=object),
        np.array([["a"], [np.nan], ["b"]], dtype=object),
    ],
    "strings of numpy": [np.array([["a"], ["bc"]]), np.array([["a"], ["bc"]], "U3"), np.array([["a"], ["bc"]], object)],
    "dates": [
        np.array([[value]], dtype=object)
        for value in (DAY, datetime.datetime(2020, 1, 1), np.datetime64(DAY), pd.Timestamp(DAY), "2020-01-01")
    ],
    "names and index": [
        pd.DataFrame(TABLE),
        pd.DataFrame(TABLE, index=[0, 1, 2]),
        pd.DataFrame(TABLE, index=[0, 2, 1]),
        pd.DataFrame(TABLE, index=["0", "1", "2"]),
        pd.DataFrame(TABLE, index=pd.MultiIndex.from_tuples([(0, 0), (0, 1), (1, 0)])),
        pd.DataFrame(TABLE, index=pd.RangeIndex(3, name="row")),
        pd.DataFrame(TABLE).rename(columns={"a": "c"}),
        pd.DataFrame(TABLE).rename(columns={"a": 0, "b": 1}),
        pd.DataFrame(TABLE).rename(columns={"a": "0", "b": "1"}),
        pd.DataFrame(TABLE).rename(columns={"b": "a"}),
        pd.DataFrame(TABLE)[["b", "a"]],
        pd.DataFrame(TABLE).astype({"a": "float32"}),
        pd.DataFrame(TABLE).astype({"a": "Float64"}),
        pd.DataFrame(TABLE).astype({"a": "int64"}),
        pd.DataFrame(TABLE).astype({"a": "Int64"}),
        pd.DataFrame(TABLE).astype({"b": object}),
        pd.DataFrame(TABLE).astype({"b": "string"}),
        pd.DataFrame(TABLE).astype({"b": "category"}),
    ],
    "categories": [
        pd.DataFrame({"b": pd.Categorical(["x", "y", "x"], categories=list(categories), ordered=ordered)})
        for categories, ordered in [("xy", False), ("yx", False), ("xyz", False), ("xy", True), ("yx", True)]
    ],
    "codes of categories": [
        pd.DataFrame({"b": pd.Categorical(["x", "y"], categories=["x", "y"])}),
        pd.DataFrame({"b": pd.Categorical(["y", "x"], categories=["y", "x"])}),
        pd.DataFrame({"b": pd.Categorical([1, 2], categories=[1, 2])}),
        pd.DataFrame({"b": pd.Categorical(["x", None], categories=["x", "y"])}),
    ],
    "nullable": [
        pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64")}),
        pd.DataFrame({"a": pd.array([1, 0, 3], dtype="Int64")}),
        pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int32")}),
        pd.DataFrame({"a": pd.array([True, None, True], dtype="boolean")}),
        pd.DataFrame({"a": [1, None, 3]}, dtype=object),
        pd.DataFrame({"a": [1, np.nan, 3]}, dtype=object),
        pd.DataFrame({"a": [1, np.nan, 3]}),
    ],
    "time zones": [
        pd.DataFrame({"t": pd.to_datetime(["2020-01-01"])}),
        pd.DataFrame({"t": pd.to_datetime(["2020-01-01"]).tz_localize("UTC")}),
        pd.DataFrame({"t": pd.to_datetime(["2020-01-01"]).tz_localize("Europe/Paris")}),
        pd.DataFrame({"t": pd.to_timedelta(["1D"])}),
        pd.DataFrame({"t": pd.period_range("2020-01-01", periods=1)}),
    ],
    "polars": [
        pl.DataFrame(TABLE),
        pl.DataFrame(TABLE).rename({"a": "c"}),
        pl.DataFrame(TABLE).with_columns(pl.col("a").cast(pl.Float32)),
        pl.DataFrame(TABLE).with_columns(pl.col("a").cast(pl.Int64)),
        pl.DataFrame(TABLE).with_columns(pl.col("b").cast(pl.Categorical)),
        pl.DataFrame(TABLE).with_columns(pl.col("b").cast(pl.Enum(["x", "y"]))),
        pl.DataFrame(TABLE).with_columns(pl.col("b").cast(pl.Enum(["y", "x"]))),
        pl.DataFrame({"a": [1.0, None, 3.0], "b": ["x", "y", None]}),
        pl.DataFrame({"a": [1.0, float("nan"), 3.0], "b": ["x", "y", ""]}),
    ],
    "sparse": [
        sparse.csr_matrix(np.eye(3)),
        sparse.csr_array(np.eye(3)),
        sparse.csc_matrix(np.eye(3)),
        sparse.csr_matrix(np.eye(3)[::-1]),
        sparse.csr_matrix(np.eye(3, dtype=np.float32)),
        sparse.csr_matrix((np.ones(3), np.arange(3), np.arange(4)), shape=(3, 4)),
        sparse.csr_matrix((np.array([1.0, 1.0, 0.0]), np.arange(3), np.arange(4)), shape=(3, 3)),
    ],
    "lists": [
        [["a"], ["b"]],
        [["b"], ["a"]],
        [["a", "b"]],
        [("a",), ("b",)],
        ["a", "b"],
        ["ab"],
        [1, 0],
        [True, False],
    ],
}


@pytest.mark.parametrize("values", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_contents_that_look_alike_are_told_apart(values):
    for X in values:  # all of them in the same cache
        check(Echo(), X)
    for X in reversed(values):
        check(Echo(), X)
        check(Echo(), np.zeros((1, 1)), y=X)


@pytest.mark.parametrize("values", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_equal_contents_are_found_again(values):
    for X in values:
        cached = CachedTransformer(Echo())
        cached.fit_transform(X)
        assert cached.not_cached_because_ is None
        misses = CachedTransformer.cache_info().misses
        cached.fit_transform(X.copy() if isinstance(X, pd.DataFrame) else X)
        assert CachedTransformer.cache_info().misses == misses


def test_arrays_that_are_changed_in_place():
    X, y = np.random.default_rng(0).standard_normal((20, 3)), np.arange(20.0) / 3
    cached = check(StandardScaler(), X)
    X[3, 1] = 5
    check(StandardScaler(), X)
    assert_same(cached.transform(X), cached.transformer_.transform(X))
    check(target_encoder(), X[:, :1] > 0, y)
    y[0] = 100
    check(target_encoder(), X[:, :1] > 0, y)
    table = pd.DataFrame({"b": ["x", "y", "x"]})
    check(OrdinalEncoder(), table)
    table.loc[0, "b"] = "z"
    check(OrdinalEncoder(), table)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, pd.DataFrame])
def test_results_that_are_changed_by_who_got_them(form):
    X = form(np.random.default_rng(0).standard_normal((20, 3)))
    scaler = MaxAbsScaler().set_output(transform="pandas" if form is pd.DataFrame else "default")
    for _ in range(3):
        cached = CachedTransformer(clone(scaler))
        first, second = cached.fit_transform(X), cached.transform(X)
        assert_same(first, clone(scaler).fit_transform(X))
        assert_same(second, clone(scaler).fit(X).transform(X))
        for result in (first, second):
            if form is pd.DataFrame:
                result.iloc[:, :] = 0.0
            else:
                (result.data if sparse.issparse(result) else result)[:] = 0.0
        cached.transformer_.scale_[:] = 7.0
        assert_same(cached.transform(X), cached.transformer_.transform(X))


def test_input_that_is_given_back_as_it_is():
    X = np.ones((4, 2))
    cached = CachedTransformer(FunctionTransformer())
    result = cached.fit_transform(X)
    X[:] = 2
    assert result.tolist() == [[1, 1]] * 4
    assert cached.fit_transform(np.ones((4, 2))).tolist() == [[1, 1]] * 4


def test_transformer_whose_parameter_changes():
    X = np.random.default_rng(0).standard_normal((20, 3))
    cached = CachedTransformer(StandardScaler())
    for with_mean in (True, False, True, 0, 1, np.True_):
        cached.set_params(transformer__with_mean=bool(with_mean))
        assert_same(cached.fit_transform(X), StandardScaler(with_mean=bool(with_mean)).fit_transform(X))
    for n_bins in (2, 5):
        for keep in (True, False):
            check(PiecewiseLinearEncoder(n_bins=n_bins, keep=keep), X)
    cached = CachedTransformer(StandardScaler()).fit(X)
    cached.transformer_.set_params(with_std=False)
    assert_same(cached.transform(X), StandardScaler(with_std=False).fit(X).transform(X))


def test_parameters_inside_of_parts():
    X = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": ["x", "y", "x"]})
    for part in ("a", ["a"], [0], slice(0, 1), [True, False], make_column_selector(dtype_include="number")):
        if part != "a":
            for strategy in ("mean", "constant"):
                check(make_column_transformer((SimpleImputer(strategy=strategy), part), remainder="drop"), X)
    for dtype in (np.float32, np.float64):
        check(make_column_transformer((OneHotEncoder(dtype=dtype), ["b"]), remainder="passthrough"), X)
    for categories in ([["x", "y"]], [["y", "x"]], [np.array(["x", "y", "z"], object)]):
        check(make_column_transformer((OneHotEncoder(categories=categories), ["b"])), X)
    for names in ("one", "two"):
        pipeline = ColumnTransformer([(names, SimpleImputer(), ["a"])]).set_output(transform="pandas")
        check(make_pipeline(pipeline), X)
    check(FeatureUnion([("a", MaxAbsScaler()), ("b", StandardScaler())], transformer_weights={"a": 2}), X[["a"]])
    check(FeatureUnion([("a", MaxAbsScaler()), ("b", StandardScaler())], transformer_weights={"b": 2}), X[["a"]])


def test_fit_transform_that_is_not_fit_and_transform():
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 3, (60, 1)), rng.standard_normal(60)
    encoder = target_encoder()
    assert not np.allclose(encoder.fit_transform(X, y), encoder.fit(X, y).transform(X))
    for _ in range(2):
        check(encoder, X, y)
        check(target_encoder(seed=1), X, y)
        check(encoder, X, -y)
        check(encoder, X, y > 0)
        check(encoder, X, np.where(y > 0, "yes", "no"))
        check(encoder, X, list(y > 0))


def test_weights_of_rows():
    X, weights = np.random.default_rng(0).standard_normal((20, 3)), np.arange(1.0, 21)
    for _ in range(2):
        check(StandardScaler(), X, sample_weight=weights)
        check(StandardScaler(), X, sample_weight=weights[::-1])
        check(StandardScaler(), X)


def test_sparse_results():
    X = np.array([["a"], ["b"], ["a"]], dtype=object)
    for _ in range(2):
        check(OneHotEncoder(), X)
        check(OneHotEncoder(sparse_output=False), X)
    documents = ["a bc", "bc a a", "d d"]
    check(CountVectorizer(token_pattern=r"\w+"), documents)
    check(CountVectorizer(token_pattern=r"\w+"), [*documents[:2], "d"])


def test_kind_of_output_that_is_set_anywhere():
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=[3, 4, 5])
    for output in ("default", "pandas", "polars", "default"):
        check(StandardScaler().set_output(transform=output), X)
        if output != "polars":  # ColumnTransformer of scikit-learn 1.6 fails at it
            check(make_column_transformer((StandardScaler(), ["a"])).set_output(transform=output), X)
        with sklearn.config_context(transform_output=output):
            check(StandardScaler(), X)
        cached = CachedTransformer(StandardScaler()).set_output(transform=output).fit(X)
        assert_same(cached.transform(X), StandardScaler().set_output(transform=output).fit(X).transform(X))
        assert_same(cached.set_output(transform="pandas").transform(X).to_numpy(), StandardScaler().fit_transform(X))


def test_class_that_is_defined_anew_under_its_old_name():
    X = np.ones((3, 1))
    for factor in (1.0, 2.0):

        class Times(TransformerMixin, BaseEstimator):
            def fit(self, X, y=None):
                self.n_features_in_ = 1
                return self

            def transform(self, X, factor=factor):
                return X * factor

        Times.__qualname__ = "Times"
        globals()["Times"] = Times  # pickle finds it, as in a notebook
        check(Times(), X)
        assert CachedTransformer(Times()).fit(X).not_cached_because_ is None
    del globals()["Times"]


# What is never remembered


def never_kept(transformer, X, y=None):
    """Its reason, after a fit that left nothing in the cache."""
    cached = CachedTransformer(transformer)
    cached.fit_transform(X, y)
    assert CachedTransformer.cache_info().entries == 0
    assert CachedTransformer.cache_info().refused > 0
    return cached.not_cached_because_


NUMBERS = np.random.default_rng(0).standard_normal((40, 3))


@pytest.mark.parametrize(
    "random",
    [
        PCA(),
        QuantileTransformer(n_quantiles=10),
        make_pipeline(StandardScaler(), PCA()),
        make_column_transformer((PCA(), [0, 1])),
        CachedTransformer(PCA()),
        TargetEncoder(),
    ],
)
def test_random_transformers(random):
    reason = never_kept(random, NUMBERS > 0, np.linspace(0.0, 1.0, 40))
    assert re.search("is random: give it a (random_state|splitter with a random_state as cv)", reason)


@pytest.mark.parametrize(
    ("cv", "kept"),
    [
        (KFold(3), True),
        (KFold(3, shuffle=True, random_state=0), True),
        (KFold(3, shuffle=True), False),
        (GroupKFold(3), True),
        (ShuffleSplit(3), False),
        (iter([]), False),
    ],
)
def test_splitters_as_parameters(cv, kept):
    key = KeyBuilder()
    if kept:
        add_value(key, SequentialFeatureSelector(Ridge(random_state=0), cv=cv))
    else:
        with pytest.raises(NotCacheableError):
            add_value(key, SequentialFeatureSelector(Ridge(random_state=0), cv=cv))


def test_generators_as_parameters():
    assert never_kept(PCA(random_state=np.random.RandomState(0)), NUMBERS) == "RandomState objects cannot be compared"


def test_transformer_that_goes_on_drawing():
    X = np.where(np.random.default_rng(1).random(NUMBERS.shape) < 0.2, np.nan, NUMBERS)
    imputer = IterativeImputer(random_state=0, sample_posterior=True, max_iter=2, tol=10)
    assert never_kept(imputer, X) == "it keeps a random generator"
    cached = CachedTransformer(imputer).fit(X)
    assert not np.array_equal(cached.transform(X), cached.transform(X))


def test_functions_of_ones_own():
    factor = [1.0]
    transformer = FunctionTransformer(lambda X: X * factor[0])
    assert "may depend on more than its arguments" in never_kept(transformer, NUMBERS)
    factor[0] = 2.0
    assert_same(CachedTransformer(transformer).fit_transform(NUMBERS), NUMBERS * 2)


@pytest.mark.parametrize(
    "function",
    [{}.get, np.frompyfunc(lambda value: value, 1, 1), partial(np.add, 1)],
    ids=["method", "ufunc", "partial"],
)
def test_functions_of_ones_own_in_disguise(function):
    with pytest.raises(NotCacheableError):
        add_value(KeyBuilder(), function)


def test_functions_that_are_known_are_kept():
    y = np.arange(40) % 2
    for transformer in (FunctionTransformer(np.exp), SelectKBest(k=1), FunctionTransformer(np.nan_to_num)):
        assert check(transformer, NUMBERS, y).not_cached_because_ is None


class Counting(TransformerMixin, BaseEstimator):
    """Changes itself while it transforms."""

    def fit(self, X, y=None):
        self.n_calls_ = 0
        return self

    def transform(self, X):
        self.n_calls_ += 1
        return np.full((len(X), 1), self.n_calls_)


def test_transformer_that_changes_itself():
    cached = CachedTransformer(Counting()).fit(NUMBERS)
    assert [cached.transform(NUMBERS)[0, 0] for _ in range(3)] == [1, 2, 3]


def test_transformer_that_changes_its_input():
    X = NUMBERS.copy()
    reason = never_kept(StandardScaler(copy=False), X)
    assert reason == "it changes what it is given, or itself"
    X = NUMBERS.copy()
    CachedTransformer(StandardScaler(copy=False)).fit_transform(X)
    assert not np.array_equal(X, NUMBERS)


def test_values_that_cannot_be_compared():
    cells = np.empty((2, 1), dtype=object)
    cells[:, 0] = [{"a": 1}, lambda: 1]
    assert never_kept(FunctionTransformer(), cells) == "a column or list has values of type dict"
    assert "structured" in never_kept(FunctionTransformer(), np.zeros(2, dtype=[("a", float)]))
    assert "MaskedArray" in never_kept(FunctionTransformer(), np.ma.masked_array([[1.0, 2.0]], [[0, 1]]))
    table = pd.DataFrame({"a": [1.0]})
    table.attrs["unit"] = "m"
    assert never_kept(FunctionTransformer(), table) == "a table has attrs"


def test_errors_are_raised_each_time():
    for _ in range(2):
        with pytest.raises(ValueError, match="could not convert string to float"):
            CachedTransformer(StandardScaler()).fit([["a"]])
    assert CachedTransformer.cache_info().entries == 0
