"""Our searches begin with the settings that the estimator has now, as far as they lie in the space."""

import numpy as np
import optuna
import pytest
from scipy.stats import expon, norm
from sklearn.base import clone
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge
from sklearn.model_selection import RandomizedSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor

from sknn_tune import KerasClassifier, TabularClassifier, TabularRegressor
from sknn_tune.model_selection import BayesianSearchCV, CoarseToFineSearchCV
from sknn_tune.model_selection.searches._present import present_settings
from sknn_tune.search_space import default_space, int_uniform, log_uniform, one_minus_log_uniform, topology, uniform

BOTH = pytest.mark.parametrize("kind", [CoarseToFineSearchCV, BayesianSearchCV])


def new_search(kind, estimator, space, **options):
    options = {"n_iter": 5, "cv": 2, "random_state": 0} | options
    if kind is CoarseToFineSearchCV:
        options = {"n_rounds": 1} | options
    return kind(estimator, space, **options)


@BOTH
def test_a_search_does_not_lose_to_none(kind, regression_data):
    estimator = Ridge(alpha=0.3)
    search = new_search(kind, estimator, {"alpha": log_uniform(0.1, 1e9)}, n_iter=3).fit(*regression_data)
    assert search.cv_results_["params"][0] == {"alpha": 0.3}
    assert search.cv_results_["mean_test_score"][0] == cross_val_score(estimator, *regression_data, cv=2).mean()
    assert len(search.cv_results_["params"]) == 3
    assert search.not_in_space_ == {}


@BOTH
@pytest.mark.parametrize(
    "estimator", [TabularClassifier(n_members=1), TabularRegressor(n_members=1, encoding="smooth")]
)
def test_default_settings_for_tables_come_first(kind, estimator):
    space = default_space(estimator, size="tabular")
    quick = clone(estimator).set_params(epochs=1)
    search = new_search(kind, quick, space, n_iter=1, error_score="raise", refit=False)
    search.fit(np.arange(40.0).reshape(-1, 1), np.arange(40) % 2)
    assert search.cv_results_["params"] == [{name: estimator.get_params()[name] for name in search.best_params_}]
    assert search.best_params_.keys() == space.keys()
    assert search.not_in_space_ == {}


@BOTH
def test_what_lies_outside_is_drawn_and_named(kind, regression_data):
    space = {"max_depth": int_uniform(1, 5), "min_samples_leaf": int_uniform(1, 9)}
    search = new_search(kind, DecisionTreeRegressor(random_state=0), space).fit(*regression_data)
    first = search.cv_results_["params"][0]
    assert first["max_depth"] in space["max_depth"]
    assert first["min_samples_leaf"] == 1
    assert search.not_in_space_ == {"max_depth": None}


@BOTH
def test_the_other_draws_are_those_that_it_would_make_without(kind, regression_data):
    within, without = (
        new_search(kind, Ridge(alpha=alpha), {"alpha": uniform(0.0, 1.0)}).fit(*regression_data).cv_results_["params"]
        for alpha in (0.5, 7.0)
    )
    assert within[0] == {"alpha": 0.5}
    if kind is CoarseToFineSearchCV:
        assert within[1:] == without[:-1]
    else:  # each place has draws of its own
        assert within[1:] == without[1:]


@BOTH
def test_it_is_taken_from_the_first_dict_that_it_fits(kind, regression_data):
    spaces = [
        {"kernel": ["linear"], "C": log_uniform(1e-3, 1e2)},
        {"kernel": ["rbf"], "C": log_uniform(2.0, 1e2)},
        {"kernel": ["rbf", "poly"], "C": log_uniform(1e-2, 1e2)},
        {"kernel": ["rbf"], "C": log_uniform(1e-3, 1e2), "epsilon": uniform(0.0, 0.01)},
    ]
    search = new_search(kind, SVR(C=1.5), spaces).fit(*regression_data)
    assert search.cv_results_["params"][0] == {"kernel": "rbf", "C": 1.5}
    if kind is BayesianSearchCV:
        assert search.study_.trials[0].params["which space"] == 2


def test_a_finite_space_has_it_once(regression_data):
    space = {"alpha": [0.1, 1.0, 10.0], "fit_intercept": [False, True]}
    tried = new_search(CoarseToFineSearchCV, Ridge(), space, n_iter=6).fit(*regression_data).cv_results_["params"]
    random = RandomizedSearchCV(Ridge(), space, n_iter=6, cv=2, random_state=0).fit(*regression_data)
    first = {"alpha": 1.0, "fit_intercept": True}
    assert tried == [first, *(params for params in random.cv_results_["params"] if params != first)]


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")  # of BruteForceSampler before Optuna 5
def test_a_sampler_with_a_finite_list_has_it_once(regression_data):
    sampler = optuna.samplers.BruteForceSampler(seed=0)
    search = new_search(BayesianSearchCV, Ridge(), {"alpha": [0.1, 1.0, 10.0]}, n_iter=9, sampler=sampler)
    tried = [params["alpha"] for params in search.fit(*regression_data).cv_results_["params"]]
    assert tried[0] == 1.0
    assert sorted(tried) == [0.1, 1.0, 10.0]


@BOTH
def test_choices_are_the_very_ones_of_the_list(kind, binary_data):
    pipeline = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(class_weight={0: 1.0, 1: 2.0}))])
    space = {"scale": [MinMaxScaler(), StandardScaler()], "model__class_weight": [None, {0: 1.0, 1: 2.0}]}
    search = new_search(kind, pipeline, space).fit(*binary_data)
    first = search.cv_results_["params"][0]
    assert first["scale"] is space["scale"][1]
    assert first["model__class_weight"] is space["model__class_weight"][1]


@pytest.mark.parametrize(
    ("value", "space", "held"),
    [
        (0.0, log_uniform(1e-6, 1e-2), False),
        (1e-6, log_uniform(1e-6, 1e-2), True),
        (None, uniform(0.0, 1.0), False),
        (True, int_uniform(0, 1), False),
        (True, [0, 1], False),
        (True, [False, True], True),
        (1.5, expon(), True),
        (-1.5, expon(), False),
        (-1.5, norm(), True),
        (None, norm(), False),
        (1.0, "text", False),
        (1.0, 3, False),
    ],
)
def test_what_lies_in_a_space(value, space, held):
    present = present_settings(ElasticNet(alpha=value), {"alpha": space, "unknown": [1]})
    assert (present.held, present.not_in_space) == (({"alpha": value}, {}) if held else ({}, {"alpha": value}))


def test_nothing_to_look_up():
    for space in ({}, [], {"unknown": [1]}):
        present = present_settings(Ridge(), space)
        assert (present.held, present.not_in_space) == ({}, {})


# A study that goes on


NETWORK = KerasClassifier(optimizer="sgd", momentum=0.7, hidden_layer_sizes=(8, 8), epochs=1)
SPACE_OF_NETWORK = {
    "momentum": one_minus_log_uniform(0.5, 0.99),
    "hidden_layer_sizes": topology((1, 3), (4, 8), shape="constant"),
    "l2": log_uniform(1e-6, 1e-2),
}


def test_a_study_that_goes_on_does_not_begin_again(binary_data):
    storage = optuna.storages.InMemoryStorage()
    for n_iter in (1, 3):
        search = new_search(BayesianSearchCV, NETWORK, SPACE_OF_NETWORK, storage=storage, n_iter=n_iter)
        tried = search.fit(*binary_data).cv_results_["params"]
    begins = [params["momentum"] == 0.7 and params["hidden_layer_sizes"] == (8, 8) for params in tried]
    assert begins == [True, False, False]
    assert search.not_in_space_ == {"l2": 0.0}
    alone = new_search(BayesianSearchCV, NETWORK, SPACE_OF_NETWORK, n_iter=3).fit(*binary_data)
    assert alone.cv_results_["params"] == tried


@pytest.mark.parametrize("method", ["create_new_trial", "set_trial_param"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_process_that_is_killed_before_or_while_it_asks(binary_data, monkeypatch, method, call):
    storage, n_calls = optuna.storages.InMemoryStorage(), 0
    original = getattr(storage, method)

    def stops(*arguments, **options):
        nonlocal n_calls
        n_calls += 1
        if n_calls == call:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    search = new_search(BayesianSearchCV, NETWORK, SPACE_OF_NETWORK, storage=storage, n_iter=3)
    monkeypatch.setattr(storage, method, stops)
    with pytest.raises(KeyboardInterrupt):
        search.fit(*binary_data)
    monkeypatch.undo()
    tried = search.fit(*binary_data).cv_results_["params"]
    assert (tried[0]["momentum"], tried[0]["hidden_layer_sizes"]) == (0.7, (8, 8))
    assert len(tried) == 3
    assert sum(params["momentum"] == 0.7 for params in tried) == 1


def test_what_was_queued_by_hand_comes_before(regression_data):
    storage = optuna.storages.InMemoryStorage()
    study = optuna.create_study(study_name="mine", storage=storage, direction="maximize")
    study.enqueue_trial({"alpha": 3.0})
    search = new_search(BayesianSearchCV, Ridge(), {"alpha": uniform(0.0, 9.0)}, storage=storage, study_name="mine")
    tried = [params["alpha"] for params in search.fit(*regression_data).cv_results_["params"]]
    assert tried[:2] == [3.0, 1.0]
    assert len(tried) == 5
