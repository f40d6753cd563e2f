"""A finished search as a table: what is in it, under which name, and the curves of its fits."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import SGDClassifier
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune._compat import scikit_learn
from sknn_tune.model_selection import HistoryRecorder, MedianPruner, SuccessiveHalvingPruner, search_results
from sknn_tune.model_selection.results._table import short_names

needs_callbacks = pytest.mark.skipif(not scikit_learn.HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9")


@pytest.fixture
def network():
    return KerasClassifier(hidden_layer_sizes=(8,), epochs=4, validation_split=0.25, random_state=0)


@pytest.fixture
def linear(binary_data):
    """A search without a network, with parameters of two steps."""
    pipeline = make_pipeline(StandardScaler(), SGDClassifier(random_state=0))
    grid = {"sgdclassifier__alpha": [1e-4, 1e3], "standardscaler__with_mean": [True, False]}
    return GridSearchCV(pipeline, grid, cv=3, return_train_score=True).fit(*binary_data)


# --- one row per candidate ------------------------------------------------------------------------------


def test_a_row_per_candidate_with_parameters_scores_and_times(linear):
    table = search_results(linear)
    assert table.columns.tolist() == [
        *("alpha", "with_mean"),
        *("mean_test_score", "std_test_score", "rank_test_score"),
        *("split0_test_score", "split1_test_score", "split2_test_score"),
        *("mean_train_score", "std_train_score"),
        *("split0_train_score", "split1_train_score", "split2_train_score"),
        *("mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time"),
    ]
    assert table.index.name == "candidate"
    assert table["alpha"].tolist() == [1e-4, 1e-4, 1e3, 1e3]
    np.testing.assert_array_equal(table["mean_test_score"], linear.cv_results_["mean_test_score"])
    assert [table[name].dtype.kind for name in ("alpha", "with_mean")] == ["f", "b"]


def test_several_metrics(linear, binary_data):
    search = clone(linear).set_params(scoring=["accuracy", "roc_auc"], refit=False).fit(*binary_data)
    table = search_results(search)
    assert {"mean_test_accuracy", "rank_test_roc_auc", "split2_train_roc_auc"} <= set(table)


def test_list_of_grids_leaves_gaps(binary_data):
    search = GridSearchCV(SGDClassifier(random_state=0), [{"alpha": [1e-4]}, {"penalty": ["l1", None]}], cv=2)
    table = search_results(search.fit(*binary_data))
    assert table["alpha"].isna().tolist() == [False, True, True]
    assert table["penalty"].isna().tolist() == [True, False, True]


def test_values_of_any_type_are_kept(network, binary_data):
    """Tuples, estimators and arrays are one value each."""
    pipeline = make_pipeline(StandardScaler(), network.set_params(epochs=1))
    scalers, sizes = [StandardScaler(), MinMaxScaler()], [(3,), (4, 2), ()]
    search = GridSearchCV(pipeline, {"standardscaler": scalers, "kerasclassifier__hidden_layer_sizes": sizes}, cv=2)
    table = search_results(search.fit(*binary_data))
    assert table["hidden_layer_sizes"].tolist() == [size for size in sizes for _ in scalers]
    assert [type(scaler) for scaler in table["standardscaler"][:2]] == [StandardScaler, MinMaxScaler]


@pytest.mark.parametrize("other", ["l1", 0.5])
def test_none_is_a_value_like_others(other):
    candidates = {"params": [{"chosen": None}, {"chosen": other}], "mean_test_score": np.array([0.5, 0.6])}
    search = GridSearchCV(SGDClassifier(), {})
    search.cv_results_ = candidates
    assert search_results(search)["chosen"].tolist() == [None, other]


def test_rounds_of_a_halving_search(binary_data):
    search = HalvingGridSearchCV(SGDClassifier(random_state=0), {"alpha": [1e-4, 1e-2, 1, 1e2]}, factor=2, cv=2)
    table = search_results(search.fit(*binary_data))
    assert len(table) == sum(search.n_candidates_)
    assert table.columns[-2:].tolist() == ["iter", "n_resources"]


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["net__learning_rate", "net__l2"], ["learning_rate", "l2"]),
        (["net__units", "features__units"], ["net__units", "features__units"]),
        (["net__beta_1", "net__optimizer__beta_1"], ["net__beta_1", "optimizer__beta_1"]),
        (["beta_1", "optimizer__beta_1"], ["beta_1", "optimizer__beta_1"]),
        (["a__b__c", "a__c", "x__b__c"], ["a__b__c", "a__c", "x__b__c"]),
        (["net__iter"], ["net__iter"]),
        (["alpha"], ["alpha"]),
    ],
)
def test_names_are_as_short_as_they_can_be(names, short):
    found = short_names(names, taken=["iter"])
    assert list(found.values()) == short
    assert len(set(short)) == len(names)


# --- one row per epoch ------------------------------------------------------------------------------------


@needs_callbacks
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_curves_are_those_of_the_same_fits_alone(n_jobs, network, binary_data):
    X, y = binary_data
    folds = StratifiedKFold(2)
    search = RandomizedSearchCV(network, {"batch_size": [16, 32]}, n_iter=2, cv=folds, n_jobs=n_jobs, random_state=0)
    table = search_results(search.set_callbacks(HistoryRecorder()).fit(X, y), curves=True)
    assert table.columns[:3].tolist() == ["candidate", "fold", "epoch"]
    assert len(table) == 2 * 2 * 4
    for candidate, parameters in enumerate(search.cv_results_["params"]):
        for fold, (train, _) in enumerate(folds.split(X, y)):
            rows = table[(table["candidate"] == candidate) & (table["fold"] == fold)]
            history = clone(network).set_params(**parameters).fit(X[train], y[train]).history_
            assert rows["epoch"].tolist() == [1, 2, 3, 4]
            assert {name: rows[name].tolist() for name in history} == history


@needs_callbacks
def test_curve_of_the_rows_of_the_refit_is_that_of_the_refit(network, binary_data):
    every_row = [(np.arange(200), np.arange(100))]
    search = GridSearchCV(network, {"l2": [0.0]}, cv=every_row).set_callbacks(HistoryRecorder()).fit(*binary_data)
    table = search_results(search, curves=True)
    assert table["val_loss"].tolist() == search.best_estimator_.history_["val_loss"]


@needs_callbacks
def test_recorder_adds_epochs_and_parameters_and_changes_no_score(network, binary_data):
    grid = {"hidden_layer_sizes": [(2,), (9,)]}
    plain = search_results(GridSearchCV(network, grid, cv=2).fit(*binary_data))
    search = GridSearchCV(network, grid, cv=2).set_callbacks(HistoryRecorder()).fit(*binary_data)
    table = search_results(pickle.loads(pickle.dumps(search)))
    assert set(table) - set(plain) == {"mean_n_epochs", "split0_n_epochs", "split1_n_epochs", "n_parameters"}
    assert table["mean_n_epochs"].tolist() == [4, 4]
    assert table["n_parameters"].tolist() == [6 * 2 + 2 + 2 + 1, 6 * 9 + 9 + 9 + 1]
    np.testing.assert_array_equal(table["mean_test_score"], plain["mean_test_score"])


@needs_callbacks
def test_curves_of_a_halving_search_stand_at_their_rows(network, binary_data):
    search = HalvingGridSearchCV(
        network, {"l2": [0.0, 1e-4]}, resource="epochs", min_resources=2, max_resources=4, factor=2, cv=2
    )
    search.set_callbacks(HistoryRecorder()).fit(*binary_data)
    epochs = search_results(search, curves=True).groupby("candidate")["epoch"].max()
    assert epochs.tolist() == search_results(search)["n_resources"].tolist() == [2, 2, 4]


@needs_callbacks
def test_curves_of_fits_that_all_failed_to_be_networks(binary_data):
    search = GridSearchCV(make_pipeline(SGDClassifier()), {}, cv=2).set_callbacks(HistoryRecorder())
    with pytest.warns(UserWarning, match="HistoryRecorder has seen no epochs"):
        search.fit(*binary_data)
    assert search_results(search, curves=True).empty


# --- errors -------------------------------------------------------------------------------------------------


def test_curves_that_were_not_recorded(linear, monkeypatch):
    message = r"The curves of this search were not recorded: .* search\.set_callbacks\(HistoryRecorder\(\)\) before fit"
    with pytest.raises(ValueError, match=message):
        search_results(linear, curves=True)
    monkeypatch.setattr(scikit_learn, "HAS_CALLBACKS", False)
    with pytest.raises(ValueError, match=r"With scikit-learn before 1\.9, as installed here, that is impossible"):
        search_results(linear, curves=True)


def test_search_that_is_not_fitted(linear):
    with pytest.raises(NotFittedError, match="search_results needs a finished search: call fit of this GridSearchCV"):
        search_results(clone(linear))


def test_missing_pandas_is_named(linear, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="search_results needs the package 'pandas', which is not installed"):
        search_results(linear)


@pytest.mark.parametrize("watcher", [MedianPruner, SuccessiveHalvingPruner, HistoryRecorder])
def test_older_scikit_learn_is_refused_with_the_version_that_is_needed(watcher, monkeypatch):
    monkeypatch.setattr(scikit_learn, "HAS_CALLBACKS", False)
    with pytest.raises(ImportError, match=rf"{watcher.__name__} is a callback .* since version 1\.9\. This is sciki"):
        watcher()
