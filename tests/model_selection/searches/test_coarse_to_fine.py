"""Random search in rounds that close in on the best."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from scipy.stats import loguniform, randint
from sklearn.base import BaseEstimator
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge
from sklearn.model_selection import RandomizedSearchCV
from sklearn.svm import SVR

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import CoarseToFineSearchCV, describe_search
from sknn_tune.search_space import default_space, int_uniform, log_uniform, uniform

SPACE = {"alpha": log_uniform(1e-6, 1e6)}


@pytest.fixture(scope="module")
def search(regression_data):
    return CoarseToFineSearchCV(Ridge(), SPACE, n_iter=10, n_rounds=3, cv=3, random_state=0).fit(*regression_data)


def test_the_first_round_is_the_random_search_of_the_same_seed_after_the_present_settings(search, regression_data):
    random = RandomizedSearchCV(Ridge(), SPACE, n_iter=9, cv=3, random_state=0).fit(*regression_data)
    assert search.cv_results_["params"][:10] == [{"alpha": 1.0}, *random.cv_results_["params"]]
    assert search.best_score_ >= random.best_score_


def test_every_candidate_lies_in_the_space_of_its_round(search):
    assert search.cv_results_["round"].tolist() == [0] * 10 + [1] * 10 + [2] * 10
    for number, params in zip(search.cv_results_["round"], search.cv_results_["params"], strict=True):
        assert params["alpha"] in search.spaces_[number]["alpha"]


def test_spaces_shrink_around_the_best(search):
    widths = [np.log10(space["alpha"].high / space["alpha"].low) for space in search.spaces_]
    assert widths[0] > 2 * widths[1] > 2 * widths[2] * 0.99
    assert search.best_params_["alpha"] in search.spaces_[2]["alpha"]


def test_the_best_of_all_rounds_is_chosen(search):
    assert search.best_score_ == max(search.cv_results_["mean_test_score"])


def test_the_same_seed_draws_the_same(search, regression_data):
    again = CoarseToFineSearchCV(Ridge(), SPACE, n_iter=10, cv=3, random_state=0, verbose=1).fit(*regression_data)
    assert again.cv_results_["params"] == search.cv_results_["params"]


def test_few_candidates_are_not_trusted_with_a_direction(regression_data):
    def no_difference(estimator, X, y):
        return 0.0  # all are equally good, so the first are the best

    search = CoarseToFineSearchCV(Ridge(), SPACE, n_iter=5, n_rounds=2, scoring=no_difference, random_state=0)
    search.fit(*regression_data)
    first_four = [params["alpha"] for params in search.cv_results_["params"][:4]]
    assert all(alpha in search.spaces_[1]["alpha"] for alpha in first_four)


def test_a_conditional_space_drops_the_branches_that_lose(regression_data):
    spaces = [
        {"kernel": ["linear"], "C": loguniform(1e-3, 1e2)},
        {"kernel": ["sigmoid"], "C": loguniform(1e2, 1e4)},  # hopeless
    ]
    search = CoarseToFineSearchCV(SVR(), spaces, n_iter=8, n_rounds=2, cv=3, random_state=0).fit(*regression_data)
    assert [space["kernel"] for space in search.spaces_[1]] == [["linear"]]
    assert all("kernel" in params for params in search.cv_results_["params"])


def test_scipy_distributions_and_lists_become_narrower(regression_data):
    space = {"alpha": loguniform(1e-4, 1e4), "l1_ratio": [0.1, 0.5, 0.9], "max_iter": [10_000]}
    search = CoarseToFineSearchCV(ElasticNet(), space, n_iter=10, n_rounds=2, cv=3, random_state=0)
    fine = search.fit(*regression_data).spaces_[1]
    assert fine["alpha"].high < 1e4
    assert set(fine["l1_ratio"]) <= {0.1, 0.5, 0.9}


@pytest.mark.parametrize("choices", [[0.1, 1.0, 10.0], np.array([0.1, 1.0, 10.0])])
def test_a_finite_space_is_exhausted_without_repetition(choices, regression_data):
    space = {"alpha": choices, "fit_intercept": [False, True]}
    search = CoarseToFineSearchCV(Ridge(), space, n_iter=5, n_rounds=5, top=1.0, random_state=0)
    tried = [tuple(params.values()) for params in search.fit(*regression_data).cv_results_["params"]]
    assert len(tried) == len(set(tried)) == 6
    assert len(search.spaces_) == 2


def test_a_round_is_short_where_its_space_has_no_more(regression_data):
    space = {"alpha": int_uniform(1, 6)}
    search = CoarseToFineSearchCV(Ridge(), space, n_iter=4, n_rounds=3, top=1.0, random_state=0).fit(*regression_data)
    assert sorted(params["alpha"] for params in search.cv_results_["params"]) == [1, 2, 3, 4, 5, 6]
    assert search.cv_results_["round"].tolist() == [0, 0, 0, 0, 1, 1]


def test_choices_that_cannot_be_hashed_are_told_apart(binary_data):
    weights = [{0: 1.0, 1: 1.0}, {0: 1.0, 1: 2.0}, {0: 1.0, 1: 3.0}]
    search = CoarseToFineSearchCV(
        LogisticRegression(), {"class_weight": weights, "C": [0.1, 1.0]}, n_iter=5, n_rounds=2, top=1.0, random_state=0
    )
    assert len(search.fit(*binary_data).cv_results_["params"]) == 6


def test_a_metric_named_by_refit_decides_where_to_go(regression_data):
    def small_alpha(estimator, X, y):
        return -estimator.alpha

    def large_alpha(estimator, X, y):
        return estimator.alpha

    scoring = {"small": small_alpha, "large": large_alpha}
    options = {"n_iter": 20, "n_rounds": 2, "top": 0.1, "cv": 2, "random_state": 0, "scoring": scoring}
    space = {"alpha": uniform(0.0, 1.0)}
    small, large, first = (
        CoarseToFineSearchCV(Ridge(), space, refit=refit, **options).fit(*regression_data).spaces_[1]["alpha"]
        for refit in ("small", "large", lambda results: 0)
    )
    assert small.high < large.low
    assert first == small


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_failures_stand_in_their_round(regression_data):
    space = {"alpha": uniform(-1.0, 1.0)}  # no Ridge with a negative one
    options = {"n_iter": 6, "n_rounds": 3, "top": 1.0, "random_state": 0}
    whole = CoarseToFineSearchCV(Ridge(), space, **options).fit(*regression_data).cv_results_
    pieces = CoarseToFineSearchCV(Ridge(), space, **options, timeout=1000.0).fit(*regression_data).cv_results_
    alphas = np.array([params["alpha"] for params in pieces["params"]])
    assert (alphas < 0).sum() > 2
    np.testing.assert_array_equal(np.isnan(pieces["mean_test_score"]), alphas < 0)
    assert pieces["round"].tolist() == [0] * 6 + [1] * 6 + [2] * 6
    for name in ("params", "rank_test_score", "round"):
        np.testing.assert_array_equal(pieces[name], whole[name])


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_without_any_score_the_space_stays(regression_data):
    def no_score(estimator, X, y):
        return np.nan

    search = CoarseToFineSearchCV(Ridge(), SPACE, n_iter=2, n_rounds=2, scoring=no_score).fit(*regression_data)
    assert search.spaces_ == [SPACE, SPACE]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_iter": 0}, "The 'n_iter' parameter of CoarseToFineSearchCV must be an int in the range"),
        ({"n_rounds": 0}, "The 'n_rounds' parameter of CoarseToFineSearchCV must be an int in the range"),
        (
            {"top": 0.0},
            r"The 'top' parameter of CoarseToFineSearchCV must be a float in the range \(0.0, 1.0\]. Got 0.0",
        ),
    ],
)
def test_parameters_are_checked(options, message, regression_data):
    with pytest.raises(ValueError, match=message):
        CoarseToFineSearchCV(Ridge(), SPACE, **options).fit(*regression_data)


# --- lists, and spaces of other libraries -------------------------------------------------------------------


class Logarithm(BaseEstimator):
    """Fitted in no time; best where ``log10(x)`` is 0.7."""

    def __init__(self, x=1.0, y=0):
        self.x = x
        self.y = y

    def fit(self, X, y=None):
        self.is_fitted_ = True
        return self

    def score(self, X, y=None):
        return -abs(np.log10(float(self.x)) - 0.7)


VALUES = np.logspace(-3, 3, 100)
BIG_SPACES = {
    "list": {"x": list(VALUES)},
    "array": {"x": VALUES},
    "tuple": {"x": tuple(VALUES)},
    "range": {"x": range(1, 101)},
    "Series": {"x": pd.Series(VALUES)},
    "polars": {"x": pl.Series(VALUES)},
    "out of order": {"x": list(np.random.default_rng(0).permutation(VALUES))},
    "two lists": {"x": list(VALUES[::5]), "y": list(range(20))},
    "two dicts": [{"x": list(VALUES[::2])}, {"x": [5.0], "y": list(range(30))}],
    "scipy's integers": {"x": randint(1, 101)},
    "our integers": {"x": int_uniform(1, 100)},
    "Optuna": {"x": FloatDistribution(1e-3, 1e3, log=True)},
    "Optuna's steps": {"x": FloatDistribution(0.5, 50.0, step=0.5)},
    "Optuna's integers": {"x": IntDistribution(1, 991, step=10)},
    "Optuna's choices": {"x": CategoricalDistribution(VALUES.tolist())},
}


@pytest.mark.parametrize("space", BIG_SPACES.values(), ids=BIG_SPACES)
def test_all_rounds_have_their_candidates(space):
    search = CoarseToFineSearchCV(Logarithm(), space, n_iter=20, n_rounds=3, cv=2, random_state=0)
    search.fit(np.zeros((10, 1)), np.zeros(10))
    assert search.cv_results_["round"].tolist() == [0] * 20 + [1] * 20 + [2] * 20
    tried = [frozenset(params.items()) for params in search.cv_results_["params"]]
    assert len(set(tried)) == 60


@pytest.mark.parametrize("name", ["list", "Series", "out of order", "Optuna's choices"])
def test_what_lies_between_the_best_of_a_list_is_found(name):
    """The best of all hundred, of which the first round has a fifth."""
    search = CoarseToFineSearchCV(Logarithm(), BIG_SPACES[name], n_iter=20, n_rounds=3, cv=2, random_state=0)
    search.fit(np.zeros((10, 1)), np.zeros(10))
    assert search.best_params_["x"] == VALUES[np.argmin(abs(np.log10(VALUES) - 0.7))]
    near = [abs(np.log10(params["x"]) - 0.7) for params in search.cv_results_["params"]]
    assert np.median(near[20:40]) < np.median(near[:20]) / 2


def test_names_beyond_those_that_were_best_are_tried_when_these_are_exhausted():
    space = {"y": [f"name {number}" for number in range(50)]}
    search = CoarseToFineSearchCV(Logarithm(), space, n_iter=20, n_rounds=3, cv=2, random_state=0)
    search.fit(np.zeros((10, 1)), np.zeros(10))
    assert np.bincount(search.cv_results_["round"]).tolist() == [20, 20, 10]
    assert search.spaces_[1] == space


@pytest.mark.parametrize("space", [{}, [{}]])
def test_an_empty_space_has_the_present_settings(space, regression_data):
    search = CoarseToFineSearchCV(Ridge(), space, cv=3).fit(*regression_data)
    assert search.cv_results_["params"] == [{}]
    assert search.best_params_ == {}
    assert search.best_score_ == RandomizedSearchCV(Ridge(), {}, n_iter=1, cv=3).fit(*regression_data).best_score_


def test_a_dict_without_names_may_be_one_of_several(regression_data):
    space = [{}, {"alpha": [0.1, 10.0, 1e6]}]
    search = CoarseToFineSearchCV(Ridge(), space, n_iter=4, n_rounds=2, cv=3, random_state=0).fit(*regression_data)
    assert len(search.cv_results_["params"]) == 4 and {} in search.cv_results_["params"]


def test_the_space_of_optuna_and_ours_draw_the_same(regression_data):
    theirs = {"alpha": FloatDistribution(1e-6, 1e6, log=True)}
    found = [
        CoarseToFineSearchCV(Ridge(), space, n_iter=5, cv=3, random_state=0).fit(*regression_data).cv_results_["params"]
        for space in (theirs, SPACE)
    ]
    assert found[0] == found[1]


def test_a_default_space_can_be_overridden_with_distributions_of_optuna(binary_data):
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=1, random_state=0)
    space = {**default_space(network, size="small"), "l2": FloatDistribution(1e-6, 1e-2, log=True)}
    search = CoarseToFineSearchCV(network, space, n_iter=3, n_rounds=2, cv=2, random_state=0).fit(*binary_data)
    assert all(1e-6 <= params["l2"] <= 1e-2 for params in search.cv_results_["params"][1:])
    scales = {scale.name: scale.kind for scale in describe_search(search).parameters}
    assert scales["l2"] == "log"


@pytest.mark.parametrize("space", [{"x": "abc", "y": uniform(0, 1)}, {"x": 1.0}, {"x": []}, []])
def test_what_is_no_space_is_refused_before_any_fit(space):
    with pytest.raises(ValueError, match="The 'param_distributions' parameter of CoarseToFineSearchCV"):
        CoarseToFineSearchCV(Logarithm(), space, cv=2).fit(np.zeros((10, 1)), np.zeros(10))
