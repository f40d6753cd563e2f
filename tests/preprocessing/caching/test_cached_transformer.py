"""A cached transformer in searches, threads and processes; what it hands on; what it costs."""

import pickle
import threading

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, OneHotEncoder, StandardScaler
from sklearn.utils.validation import check_is_fitted

from sknn_tune.preprocessing import CachedTransformer, PiecewiseLinearEncoder


class CountedScaler(StandardScaler):
    """Counts the fits of this process."""

    n_fits = 0

    def fit(self, X, y=None, sample_weight=None):
        type(self).n_fits += 1
        return super().fit(X, y, sample_weight)


@pytest.fixture(autouse=True)
def _empty_cache():
    CachedTransformer.clear_cache()
    CountedScaler.n_fits = 0
    yield
    CachedTransformer.clear_cache()


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"number": rng.standard_normal(90), "word": rng.choice(["red", "green", "blue"], 90)})
    return X, (X["number"] + rng.standard_normal(90) > 0).to_numpy()


def encoding():
    return make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["word"]), (CountedScaler(), ["number"]))


def search_of(transformer, **settings):
    pipeline = make_pipeline(transformer, LogisticRegression())
    space = {"logisticregression__C": np.logspace(-3, 3, 40).tolist()}
    return RandomizedSearchCV(pipeline, space, n_iter=8, cv=3, random_state=0, **settings)


# Searches


def test_search_prepares_each_fold_once_and_finds_the_same(table):
    plain = search_of(encoding()).fit(*table)
    assert CountedScaler.n_fits == 25
    CountedScaler.n_fits = 0
    cached = search_of(CachedTransformer(encoding())).fit(*table)
    assert CountedScaler.n_fits == 4  # three folds, all rows
    for name in ("mean_test_score", "split0_test_score", "param_logisticregression__C"):
        assert cached.cv_results_[name].tolist() == plain.cv_results_[name].tolist()
    assert np.array_equal(cached.best_estimator_[-1].coef_, plain.best_estimator_[-1].coef_)
    assert np.array_equal(cached.predict_proba(table[0]), plain.predict_proba(table[0]))


def test_parameters_of_the_transformer_are_searched(table):
    X, y = table
    pipeline = make_pipeline(CachedTransformer(PiecewiseLinearEncoder()), LogisticRegression())
    grid = {"cachedtransformer__transformer__n_bins": [2, 8], "logisticregression__C": [0.1, 1.0, 10.0]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X[["number"]], y)
    assert CachedTransformer.cache_info().misses == 2 * 3 * 2 + 1
    plain = make_pipeline(PiecewiseLinearEncoder(), LogisticRegression())
    for candidate, score in zip(search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True):
        n_bins, C = candidate.values()
        plain.set_params(piecewiselinearencoder__n_bins=n_bins, logisticregression__C=C)
        assert cross_val_score(plain, X[["number"]], y, cv=3).mean() == score


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_search_side_by_side_finds_the_same(table, backend):
    plain = search_of(encoding()).fit(*table)
    CountedScaler.n_fits = 0
    with joblib.parallel_config(backend=backend, n_jobs=1):
        cached = search_of(CachedTransformer(encoding()), n_jobs=2).fit(*table)
    assert cached.cv_results_["mean_test_score"].tolist() == plain.cv_results_["mean_test_score"].tolist()
    assert CountedScaler.n_fits == (4 if backend == "threading" else 1)  # the folds were fitted in processes


# Threads


class SlowScaler(CountedScaler):
    """Lets the other threads come."""

    everyone = threading.Barrier(1)

    def fit(self, X, y=None, sample_weight=None):
        threading.Event().wait(0.05)
        return super().fit(X, y, sample_weight)


def in_threads(n_threads, call):
    results, errors = [None] * n_threads, []
    start = threading.Barrier(n_threads)

    def run(number):
        start.wait()
        try:
            results[number] = call()
        except ValueError as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results, errors


def test_threads_wait_for_the_one_that_computes():
    SlowScaler.n_fits = 0
    X = np.random.default_rng(0).standard_normal((30, 2))
    results, _ = in_threads(8, lambda: CachedTransformer(SlowScaler()).fit_transform(X))
    assert SlowScaler.n_fits == 1
    assert all(np.array_equal(result, StandardScaler().fit_transform(X)) for result in results)
    assert len({result.__array_interface__["data"][0] for result in results}) == 8


def test_an_error_reaches_all_threads():
    _, errors = in_threads(4, lambda: CachedTransformer(SlowScaler()).fit_transform(np.array([["a"]])))
    assert len(errors) == 4


def test_what_cannot_be_kept_is_computed_by_all_threads():
    X = np.random.default_rng(0).standard_normal((30, 2))
    results, _ = in_threads(4, lambda: CachedTransformer(FunctionTransformer(lambda X: X + 1)).fit_transform(X))
    assert all(np.array_equal(result, X + 1) for result in results)


# Bytes


def test_least_recently_used_is_forgotten_first():
    tables = [np.full((1000, 1), float(number)) for number in range(4)]
    size = _size_of_one(tables[0])
    cached = CachedTransformer(StandardScaler(), max_bytes=3.5 * size)
    for X in (*tables[:3], tables[0], tables[3]):  # the second is the oldest then
        cached.fit_transform(X)
        assert CachedTransformer.cache_info().n_bytes <= cached.max_bytes
    assert CachedTransformer.cache_info().entries == 3
    before = CachedTransformer.cache_info().misses
    cached.fit_transform(tables[0])
    assert CachedTransformer.cache_info().misses == before
    cached.fit_transform(tables[1])
    assert CachedTransformer.cache_info().misses == before + 1


def _size_of_one(X):
    CachedTransformer(StandardScaler()).fit_transform(X)
    size = CachedTransformer.cache_info().n_bytes
    assert size > X.nbytes
    CachedTransformer.clear_cache()
    return size


def test_what_is_larger_than_the_bound_is_not_kept():
    cached = CachedTransformer(StandardScaler(), max_bytes=100)
    cached.fit_transform(np.ones((100, 1)))
    assert CachedTransformer.cache_info().entries == CachedTransformer.cache_info().n_bytes == 0
    with pytest.raises(ValueError, match="The 'max_bytes' parameter of CachedTransformer must be a float in the range"):
        CachedTransformer(StandardScaler(), max_bytes=-1).fit([[1.0]])


# What it hands on


def test_pickle_takes_no_cache_along():
    X = np.random.default_rng(0).standard_normal((5000, 2))
    cached = CachedTransformer(StandardScaler())
    cached.fit_transform(X)
    stored = pickle.dumps(cached)
    assert len(stored) < 5000
    assert np.array_equal(pickle.loads(stored).transform(X), cached.transform(X))


def test_it_is_what_the_transformer_is(table):
    X, y = table
    cached = CachedTransformer(encoding()).set_output(transform="default")
    with pytest.raises(NotFittedError):
        check_is_fitted(cached)
    cached.fit(X, y)
    assert cached.n_features_in_ == 2
    assert cached.feature_names_in_.tolist() == ["number", "word"]
    plain = encoding().fit(X)
    assert cached.get_feature_names_out().tolist() == plain.get_feature_names_out().tolist()
    assert not hasattr(cached, "inverse_transform")
    scaler = CachedTransformer(StandardScaler()).fit(X[["number"]])
    again = scaler.inverse_transform(scaler.transform(X[["number"]]))
    np.testing.assert_allclose(again, X[["number"]])
    assert "transformer__with_mean" in scaler.get_params()
    assert not hasattr(CachedTransformer(NoNames()), "get_feature_names_out")
    assert not hasattr(CachedTransformer(NoNames()), "set_output")


class NoNames:
    """Only what a pipeline asks of a transformer."""

    def get_params(self, deep=True):
        return {}

    def set_params(self):
        return self

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X + 1

    def __sklearn_tags__(self):
        return Normalizer().__sklearn_tags__()


def test_transformer_without_fit_transform():
    assert CachedTransformer(NoNames()).fit_transform(np.zeros((2, 1))).tolist() == [[1], [1]]


def test_table_out_of_a_pipeline(table):
    X, y = table
    pipeline = make_pipeline(
        CachedTransformer(make_column_transformer((StandardScaler(), ["number"]))), CachedTransformer(StandardScaler())
    ).set_output(transform="pandas")
    assert pipeline.fit_transform(X, y).columns.tolist() == ["standardscaler__number"]


def test_metadata_are_routed_to_the_transformer(table):
    X, y = table
    weights = np.arange(1.0, 91)
    expected = StandardScaler().fit(X[["number"]], sample_weight=weights).mean_
    with sklearn.config_context(enable_metadata_routing=True):
        for asked in (True, False):
            cached = CachedTransformer(StandardScaler().set_fit_request(sample_weight=asked))
            pipeline = make_pipeline(cached, LogisticRegression().set_fit_request(sample_weight=False))
            if asked:
                pipeline.fit(X[["number"]], y, sample_weight=weights)
                assert pipeline[0].transformer_.mean_ == expected
            else:
                pipeline.fit(X[["number"]], y)
                assert pipeline[0].transformer_.mean_ != expected
    pipeline = make_pipeline(CachedTransformer(StandardScaler()), LogisticRegression())
    pipeline.fit(X[["number"]], y, cachedtransformer__sample_weight=weights)
    assert pipeline[0].transformer_.mean_ == expected


def test_cached_within_cached(table):
    X, y = table
    inner = make_column_transformer((CachedTransformer(CountedScaler()), ["number"]))
    for _ in range(2):
        nested = clone(CachedTransformer(make_pipeline(inner, CachedTransformer(StandardScaler()))))
        nested.fit_transform(X, y)
    assert CountedScaler.n_fits == 1


def test_prediction_across_folds(table):
    X, y = table
    pipeline = make_pipeline(CachedTransformer(encoding()), LogisticRegression())
    plain = make_pipeline(encoding(), LogisticRegression())
    for _ in range(2):
        assert np.array_equal(cross_val_predict(pipeline, X, y), cross_val_predict(plain, X, y))


def test_what_is_no_transformer_is_refused():
    with pytest.raises(ValueError, match="'transformer' parameter of CachedTransformer must be an object implementing"):
        CachedTransformer(LogisticRegression()).fit([[1.0]], [0])


def test_a_failed_fit_leaves_the_cache_usable():
    class Failing(TransformerMixin, BaseEstimator):
        fails = True

        def fit(self, X, y=None):
            if Failing.fails:
                raise ValueError("not today")
            return self

        def transform(self, X):
            return X

    with pytest.raises(ValueError, match="not today"):
        CachedTransformer(Failing()).fit(np.ones((2, 1)))
    Failing.fails = False
    assert CachedTransformer(Failing()).fit_transform(np.ones((2, 1))).tolist() == [[1], [1]]
