"""One name, several data sets, several processes: each search finds the study of its own data."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import optuna
import pytest
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, cross_validate
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.model_selection.searches import _study_of_data
from sknn_tune.model_selection.searches._study_of_data import FACTS, study_of_data
from sknn_tune.search_space import log_uniform

SPACE = {"var_smoothing": log_uniform(1e-9, 1e2), "priors": [None, (0.5, 0.5)]}


@pytest.fixture
def storage(tmp_path):
    return f"sqlite:///{tmp_path / 'search.db'}"


def new_search(storage, estimator=None, space=None, **arguments):
    arguments = {"n_iter": 2, "cv": 2, "random_state": 0, **arguments}
    estimator, space = (GaussianNB(), SPACE) if estimator is None else (estimator, space)
    return BayesianSearchCV(estimator, space, storage=storage, **arguments)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_inside_of_a_cross_validation(storage, binary_data, n_jobs):
    """Nested, as many studies as folds; called again, nothing is evaluated again."""
    expected = cross_val_score(new_search(None), *binary_data, cv=4)
    for _ in range(2):
        scores = cross_val_score(new_search(storage), *binary_data, cv=4, n_jobs=n_jobs)
        np.testing.assert_array_equal(scores, expected)
    names = optuna.get_all_study_names(storage)
    assert len(names) == 4
    assert "bayesian_search" in names
    assert {len(optuna.load_study(study_name=name, storage=storage).trials) for name in names} == {2}


def test_then_on_all_data(storage, binary_data):
    cross_val_score(new_search(storage), *binary_data, cv=2)
    search = new_search(storage).fit(*binary_data)
    assert len(optuna.get_all_study_names(storage)) == 3
    assert search.cv_results_["params"] == new_search(None).fit(*binary_data).cv_results_["params"]


def in_a_pipeline(search):
    return make_pipeline(StandardScaler(), search)


def in_a_bag(search):
    return BaggingClassifier(search, n_estimators=3, random_state=0)


def in_an_outer_search(search):
    return GridSearchCV(make_pipeline(StandardScaler(), search), {"standardscaler__with_mean": [True, False]}, cv=2)


@pytest.mark.parametrize("around", [in_a_pipeline, in_a_bag, in_an_outer_search])
def test_within_other_estimators(storage, binary_data, around):
    X, y = binary_data
    expected = around(new_search(None)).fit(X, y).predict(X)
    for _ in range(2):
        np.testing.assert_array_equal(clone(around(new_search(storage))).fit(X, y).predict(X), expected)


def test_a_study_for_each_target(storage, binary_data):
    X, _ = binary_data
    search = new_search(storage, Ridge(), {"alpha": [0.1, 1.0]})
    MultiOutputRegressor(search).fit(X, X[:, :3])
    assert len(optuna.get_all_study_names(storage)) == 3


def test_two_searches_of_the_same_data_need_two_names(storage, binary_data):
    searches = [
        ("one", new_search(storage)),
        ("two", new_search(storage, LogisticRegression(), {"C": [0.1, 1.0]})),
    ]
    stack = StackingClassifier(searches, cv=2)
    with pytest.raises(ValueError, match=r"belongs to another search: .*Give another 'study_name'"):
        stack.fit(*binary_data)
    stack.set_params(one__study_name="first", two__study_name="second").fit(*binary_data)


@pytest.mark.parametrize("kind", ["large", "int", "float32"])
def test_data_that_are_lent_to_a_worker_are_the_same(storage, kind):
    """joblib maps arrays above a megabyte from a file: the same numbers in another class."""
    X = np.random.default_rng(0).normal(size=(30_000 if kind == "large" else 200, 6))
    X = X.astype({"large": float, "int": int, "float32": np.float32}[kind])
    y = (X[:, 0] > 0).astype(int)
    for n_jobs in (2, None):
        result = cross_validate(
            new_search(storage), X, y, cv=KFold(2), n_jobs=n_jobs, return_estimator=True, error_score="raise"
        )
    assert len(optuna.get_all_study_names(storage)) == 2
    assert all(len(search.study_.trials) == 2 for search in result["estimator"])


# Several that begin at the same time

FACTS_OF = [{"X": f"data {number}", "y": "y", "scoring": "None"} for number in range(6)]


def open_together(storage, facts):
    with ThreadPoolExecutor(len(facts)) as pool:
        return list(pool.map(lambda of: study_of_data(optuna, storage, "one", of).study_name, facts))


def test_beginning_together_no_two_data_sets_have_one_study(tmp_path):
    storages = [optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/{number}.db") for number in range(3)]
    for storage in [*storages, optuna.storages.InMemoryStorage()]:
        names = open_together(storage, FACTS_OF)
        assert len(set(names)) == len(FACTS_OF)
        assert names.count("one") == 1
        assert open_together(storage, FACTS_OF) == names


def test_a_study_that_was_just_created_is_waited_for(monkeypatch):
    """Between the creation of a study and its first words there is time for another process."""
    storage = optuna.storages.InMemoryStorage()
    made = optuna.create_study(study_name="one", storage=storage, direction="maximize")
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(study_of_data, optuna, storage, "one", FACTS_OF[0])
        time.sleep(0.2)
        made.set_user_attr(FACTS, FACTS_OF[1])
        assert other.result().study_name.startswith("one [")


def test_whoever_was_killed_in_between_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(_study_of_data, "_CLAIM_SECONDS", 0.2)
    storage = optuna.storages.InMemoryStorage()
    optuna.create_study(study_name="one", storage=storage, direction="maximize")
    names = open_together(storage, FACTS_OF)
    assert len(set(names)) == len(FACTS_OF)
    assert names.count("one") == 1
