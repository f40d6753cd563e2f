"""From small to large, as long as it pays."""

import numpy as np
import pytest
from sklearn.ensemble import VotingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import ShuffleSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.model_selection import CapacitySearchCV, one_standard_error
from sknn_tune.model_selection.results._network_sizes import count_parameters
from sknn_tune.model_selection.searches._ladder import LADDER


def curve(*means, spread=0.01):
    """A scorer by which a Ridge of alpha 0, 1, 2 … has these means over its folds, and this standard deviation.

    It tells the folds apart by their order, and is asked for them in turn.
    """
    seen = {}

    def score(estimator, X, y):
        fold = seen[estimator.alpha] = seen.get(estimator.alpha, -1) + 1
        return means[estimator.alpha] + spread * (fold - 1)  # ddof=1 of -1, 0, 1 is 1

    return score


def climb(*means, spread=0.01, **options):
    sizes = list(range(len(means)))
    options = {"cv": 3, "refit": False, "scoring": curve(*means, spread=spread)} | options
    search = CapacitySearchCV(Ridge(), param_name="alpha", sizes=sizes, **options)
    rng = np.random.default_rng(0)
    return search.fit(rng.normal(size=(12, 2)), rng.normal(size=12))


@pytest.mark.parametrize(
    ("means", "n_evaluated", "chosen"),
    [
        ((0.1, 0.2, 0.3, 0.4), 4, 3),  # grows to the end
        ((0.1, 0.2, 0.2, 0.2, 0.9), 4, 1),  # two sizes without a gain, and what lies behind is never seen
        ((0.1, 0.2, 0.1, 0.3, 0.3, 0.3), 6, 3),  # one size without a gain does not stop it
        ((0.1, 0.104, 0.108, 0.5), 4, 3),  # small steps add up: 0.108 is more than 0.01 / sqrt(3) above 0.1
        ((0.1, 0.104, 0.105, 0.5), 3, 0),  # within one standard error, 0.0058
    ],
)
def test_it_grows_while_the_score_improves_by_more_than_its_standard_error(means, n_evaluated, chosen):
    search = climb(*means)
    assert len(search.cv_results_["params"]) == n_evaluated
    assert search.best_params_ == {"alpha": chosen}
    assert search.best_score_ == search.cv_results_["mean_test_score"][chosen]


def test_patience_is_the_number_of_sizes_without_a_gain():
    means = (0.1, 0.1, 0.1, 0.5)
    assert len(climb(*means, patience=1).cv_results_["params"]) == 2
    assert climb(*means, patience=3).best_params_ == {"alpha": 3}


def test_tolerance_may_be_a_difference_of_scores():
    means = (0.1, 0.15, 0.25, 0.26)
    assert climb(*means, tolerance=0.2).best_params_ == {"alpha": 0}
    assert climb(*means, tolerance=0.02).best_params_ == {"alpha": 2}
    assert climb(*means, tolerance=0).best_params_ == {"alpha": 3}


def test_with_a_single_fold_only_the_best_is_good_enough():
    assert climb(0.1, 0.101, 0.102, cv=ShuffleSplit(1, random_state=0)).best_params_ == {"alpha": 2}


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_size_without_a_score_is_no_gain():
    search = climb(np.nan, 0.2, np.nan, 0.1, 0.9)
    assert len(search.cv_results_["params"]) == 4
    assert search.best_params_ == {"alpha": 1}
    assert climb(np.nan, np.nan, 0.1).best_params_ == {"alpha": 0}


def test_the_ladder_has_more_weights_at_each_step_whatever_enters_the_network():
    for n_features in (1, 10, 1000):
        counts = [count_parameters(sizes, n_features, 1) for sizes in LADDER]
        assert counts == sorted(set(counts))


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (KerasRegressor(epochs=3, random_state=0), "hidden_layer_sizes"),
        (
            Pipeline([("scale", StandardScaler()), ("network", KerasRegressor(epochs=3, random_state=0))]),
            "network__hidden_layer_sizes",
        ),
    ],
)
def test_a_network_is_found_and_grown(estimator, name, regression_data):
    X, y = regression_data
    search = CapacitySearchCV(estimator, patience=1, cv=2).fit(X, y)
    assert search.param_name_ == name
    tried = search.cv_results_[f"param_{name}"].tolist()
    assert tried == list(LADDER[: len(tried)])
    assert search.best_params_[name] in tried


def test_sizes_of_ones_own_for_a_network(binary_data):
    search = CapacitySearchCV(KerasClassifier(epochs=2, random_state=0), sizes=[(), (4,)], cv=2).fit(*binary_data)
    assert search.cv_results_["param_hidden_layer_sizes"].tolist() == [(), (4,)]


def test_sizes_may_be_an_array(regression_data):
    search = CapacitySearchCV(DecisionTreeRegressor(), param_name="max_depth", sizes=np.array([1, 2]), cv=2)
    assert len(search.fit(*regression_data).cv_results_["params"]) == 2


TWO_NETWORKS = VotingRegressor([("one", KerasRegressor()), ("two", KerasRegressor())])


@pytest.mark.parametrize(
    ("estimator", "options", "message"),
    [
        (Ridge(), {}, r"grows the hidden_layer_sizes of the one network inside the estimator, but Ridge\(\) has none"),
        (TWO_NETWORKS, {}, "the estimator has one__hidden_layer_sizes, two__hidden_layer_sizes. Give the name"),
        (Ridge(), {"param_name": "alpha"}, "Give the values of 'alpha', the smallest first, as 'sizes'"),
        (
            Ridge(),
            {"param_name": "alpha", "sizes": []},
            r"must be a list of at least one size, the .* Got \[\]",
        ),
        (Ridge(), {"param_name": "alpha", "sizes": np.array(2)}, r"at least one size, .* Got array\(2\) instead"),
        (Ridge(), {"param_name": "alpha", "sizes": {8, 1}}, "A set has no order of sizes: make it a list"),
        (Ridge(), {"param_name": "alpha", "sizes": {8: "a", 1: "b"}}, "A dict has no order of sizes: make it a list"),
        (KerasClassifier(), {"sizes": [64, 16, (8,)]}, r"the smallest size first.*Got \[64, 16, \(8,\)\]: give"),
        (
            Ridge(),
            {"param_name": "alpha", "sizes": [1], "refit": one_standard_error},
            r"The 'refit' parameter of CapacitySearchCV is the class one_standard_error. Give refit=one_sta",
        ),
        (Ridge(), {"patience": 0}, "The 'patience' parameter of CapacitySearchCV must be an int in the range"),
        (Ridge(), {"tolerance": "two"}, "The 'tolerance' parameter of CapacitySearchCV must be a str among"),
    ],
)
def test_parameters_of_a_capacity_search_are_checked(estimator, options, message, regression_data):
    with pytest.raises((TypeError, ValueError), match=message):
        CapacitySearchCV(estimator, **options).fit(*regression_data)


def test_numbers_that_fall_are_said_where_larger_ones_may_be_the_larger_models(regression_data):
    # Of others, such as min_samples_leaf, the smallest model has the largest number.
    search = CapacitySearchCV(DecisionTreeRegressor(), param_name="max_depth", sizes=[3, 2, 1], cv=2)
    with pytest.warns(UserWarning, match=r"falls, \[3, 2, 1\], .*If it is a larger 'max_depth' .*, give it reversed"):
        search.fit(*regression_data)
    assert search.cv_results_["param_max_depth"][0] == 3
