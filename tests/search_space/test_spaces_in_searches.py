"""The spaces in scikit-learn's own tools, unchanged: samplers, random, halving and grid searches."""

import json

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import (
    GridSearchCV,
    HalvingRandomSearchCV,
    ParameterGrid,
    ParameterSampler,
    RandomizedSearchCV,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune.search_space import (
    int_log_uniform,
    int_uniform,
    log_uniform,
    one_minus_log_uniform,
    topology,
    uniform,
)

SGD_SPACE = {
    "alpha": log_uniform(1e-6, 1e-1),
    "eta0": uniform(0.01, 0.5),
    "l1_ratio": one_minus_log_uniform(0.1, 0.99),
    "max_iter": int_log_uniform(200, 800),
    "n_iter_no_change": int_uniform(2, 6),
    "penalty": ["l2", "elasticnet"],
}
SGD = SGDClassifier(learning_rate="adaptive", eta0=0.1, random_state=0)

CONDITIONAL = [
    {"solver": ["lbfgs"], "C": log_uniform(1e-3, 1e3)},
    {"solver": ["saga"], "C": log_uniform(1e-2, 1e1), "tol": uniform(1e-2, 1e-1), "warm_start": [False, True]},
]


class Layers(ClassifierMixin, BaseEstimator):
    """Takes topologies, and predicts the more frequent class."""

    def __init__(self, hidden_layer_sizes=(8,), epochs=1):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.epochs = epochs

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.prediction_ = self.classes_[counts.argmax()]
        return self

    def predict(self, X):
        return np.full(len(X), self.prediction_)


def candidates(search):
    return search.cv_results_["params"]


@pytest.mark.parametrize("space", [SGD_SPACE, CONDITIONAL, {"hidden_layer_sizes": topology()}], ids=["a", "b", "c"])
def test_sampler_draws_the_same_from_the_same_seed(space):
    one, same, other = (list(ParameterSampler(space, 20, random_state=seed)) for seed in (0, 0, 1))
    assert one == same
    assert one != other


def test_sampler_draws_each_parameter_from_its_space():
    for params in ParameterSampler(SGD_SPACE, 50, random_state=0):
        assert all(value in SGD_SPACE[name] for name, value in params.items())
        assert json.loads(json.dumps(params)) == params  # plain Python values


def test_conditional_spaces_give_parameters_that_belong_together():
    drawn = list(ParameterSampler(CONDITIONAL, 40, random_state=0))
    assert {params["solver"] for params in drawn} == {"lbfgs", "saga"}
    for params in drawn:
        space = CONDITIONAL[params["solver"] == "saga"]
        assert params.keys() == space.keys()
        assert all(value in space[name] for name, value in params.items())


def test_randomized_search(binary_data):
    search = RandomizedSearchCV(SGD, SGD_SPACE, n_iter=6, cv=2, random_state=0, error_score="raise")
    search.fit(*binary_data)
    assert search.best_score_ > 0.8
    assert candidates(search) == list(ParameterSampler(SGD_SPACE, 6, random_state=0))
    assert candidates(clone(search).fit(*binary_data)) == candidates(search)


def test_randomized_search_of_conditional_spaces_in_a_pipeline(binary_data):
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    spaces = [{f"logisticregression__{name}": values for name, values in space.items()} for space in CONDITIONAL]
    search = RandomizedSearchCV(pipeline, spaces, n_iter=6, cv=2, random_state=0, error_score="raise")
    assert search.fit(*binary_data).best_score_ > 0.8
    assert len({len(params) for params in candidates(search)}) == 2


def test_halving_random_search(binary_data):
    space = {"n_neighbors": int_log_uniform(1, 8), "p": uniform(1, 3)}
    search = HalvingRandomSearchCV(KNeighborsClassifier(), space, cv=2, random_state=0, min_resources=40)
    assert search.fit(*binary_data).best_score_ > 0.8
    assert all(value in space[name] for params in candidates(search) for name, value in params.items())


def test_topologies_in_searches(binary_data):
    space = {"hidden_layer_sizes": topology(units=(4, 32))}
    random = RandomizedSearchCV(Layers(), space, n_iter=5, cv=2, random_state=0).fit(*binary_data)
    halving = HalvingRandomSearchCV(Layers(), space, resource="epochs", max_resources=4, cv=2, random_state=0)
    for search in (random, halving.fit(*binary_data)):
        assert all(type(params["hidden_layer_sizes"]) is tuple for params in candidates(search))
        assert search.best_estimator_.hidden_layer_sizes in space["hidden_layer_sizes"]


def test_grid_search_through_grid(binary_data):
    grid = {"alpha": SGD_SPACE["alpha"].grid(3), "n_iter_no_change": SGD_SPACE["n_iter_no_change"].grid(2)}
    search = GridSearchCV(SGD, grid, cv=2, error_score="raise").fit(*binary_data)
    assert len(candidates(search)) == 6
    assert candidates(search) == list(ParameterGrid(grid))


def test_grid_search_of_topologies(binary_data):
    grid = {"hidden_layer_sizes": topology(n_layers=(1, 2), units=(4, 16), shape="constant").grid(3)}
    search = GridSearchCV(Layers(), grid, cv=2, error_score="raise").fit(*binary_data)
    assert [params["hidden_layer_sizes"] for params in candidates(search)] == [
        *((4,), (8,), (16,), (4, 4), (8, 8), (16, 16)),
    ]


def test_scikit_learn_says_that_a_grid_needs_a_list(binary_data):
    with pytest.raises(TypeError, match="log_uniform"):
        GridSearchCV(SGD, {"alpha": log_uniform(1e-6, 1e-1)}).fit(*binary_data)


def test_a_search_prints_its_spaces_as_code():
    assert "log_uniform(1e-06, 0.1)" in repr(RandomizedSearchCV(SGD, SGD_SPACE))
