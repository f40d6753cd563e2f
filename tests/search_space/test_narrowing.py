"""From coarse to fine: which candidates count, and what is left of a space around them."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from scipy.stats import loguniform, norm, randint
from scipy.stats import uniform as scipy_uniform
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV

from sknn_tune.search_space import (
    int_log_uniform,
    int_uniform,
    log_uniform,
    narrow,
    one_minus_log_uniform,
    topology,
    uniform,
)


class Search(BaseEstimator):
    """A finished search with these candidates and scores."""

    def __init__(self, candidates, scores, refit=True, **columns):
        self.refit = refit
        self.cv_results_ = {"params": candidates, **columns}
        scores = scores if isinstance(scores, dict) else {"score": scores}
        self.cv_results_ |= {f"mean_test_{metric}": np.array(values) for metric, values in scores.items()}

    def fit(self, X, y=None):
        return self


def search_over(space, target, n_candidates=20, seed=0):
    """Candidates drawn from ``space``; the closer to ``target``, the better."""
    draws = space.rvs(size=n_candidates, random_state=seed).tolist()
    return Search([{"x": draw} for draw in draws], [-abs(draw - target) for draw in draws])


NUMBERS = [
    uniform(-1, 1),
    log_uniform(1e-4, 1e2),
    one_minus_log_uniform(0.1, 0.999),
    int_uniform(1, 100),
    int_log_uniform(1, 1000),
]


# Ranges


@pytest.mark.parametrize("space", NUMBERS, ids=repr)
@pytest.mark.parametrize("top", [0.01, 0.2, 1.0])
def test_the_narrowed_space_holds_the_best_and_stays_inside_the_old_one(space, top):
    for seed in range(10):
        search = search_over(space, target=space.grid(3)[1], seed=seed)
        best_first = sorted(search.cv_results_["params"], key=lambda c: -abs(c["x"] - space.grid(3)[1]), reverse=True)
        narrowed = narrow({"x": space}, search, top=top)["x"]
        n_best = max(1, round(top * 20))
        assert all(candidate["x"] in narrowed for candidate in best_first[:n_best])
        assert space.low <= narrowed.low < narrowed.high <= space.high


@pytest.mark.parametrize("space", NUMBERS, ids=repr)
def test_rounds_close_in_on_the_best_value(space):
    """Coarse to fine finds in three rounds what as many draws at once come near only by luck."""
    target, whole = space.grid(5)[3], space
    for seed in range(3):
        space = narrow({"x": space}, search_over(space, target, seed=seed))["x"]
    assert target in space
    assert space._scale_ends()[1] - space._scale_ends()[0] < 0.2 * (whole._scale_ends()[1] - whole._scale_ends()[0])


def test_a_single_best_value_leaves_a_range_around_it():
    space = {"x": uniform(0, 1), "n": int_uniform(1, 20), "layers": topology(n_layers=(1, 3))}
    candidates = [{"x": 0.4 + i / 1000, "n": 2 + i % 18, "layers": (64 + i,)} for i in range(100)]
    narrowed = narrow(space, Search(candidates, range(100, 0, -1)), top=0.01)
    assert narrowed["x"] == uniform(0.35, 0.45)  # a twentieth to either side
    assert narrowed["n"] == int_uniform(1, 3)
    assert narrowed["layers"] == topology(n_layers=(1, 2), units=(56, 74))


def test_the_fewer_values_were_tried_the_wider_the_margin():
    candidates = [{"x": x} for x in (0.1, 0.3, 0.5, 0.5, 0.5)]
    assert narrow({"x": uniform(0, 1)}, Search(candidates, [1, 2, 3, 3, 3]))["x"] == uniform(0.25, 0.75)


# Choices and other things


def test_choices_keep_those_seen_among_the_best_in_their_order_and_numbers_between():
    space = {"a": ["relu", "tanh", "elu", None], "b": (True, False, 1), "c": np.array([16, 32, 64, 128, 256])}
    candidates = [
        {"a": "elu", "b": 1, "c": np.int64(64)},
        {"a": "relu", "b": True, "c": np.int64(16)},
        *[{"a": "tanh", "b": False, "c": np.int64(32)}] * 8,
    ]
    narrowed = narrow(space, Search(candidates, range(10, 0, -1)))
    assert narrowed == {"a": ["relu", "elu"], "b": [True, 1], "c": [16, 32, 64, 128]}
    assert narrowed["b"][0] is True
    assert all(type(value) is int for value in narrowed["c"])


def test_choices_may_be_arrays_functions_and_lists():
    half, whole = np.array([0.5]), np.array([0.5, 1.0])
    space = {"boundaries": [half, whole], "function": [np.tanh, np.sin], "layers": [[32, 16], [8]]}
    best = {"boundaries": np.array([0.5, 1.0]), "function": np.sin, "layers": [8]}
    narrowed = narrow(space, Search([best, {"boundaries": half, "function": np.tanh, "layers": [32, 16]}], [1, 0]))
    assert narrowed["boundaries"][0] is whole
    assert narrowed["function"] == [np.sin] and narrowed["layers"] == [[8]]


def test_distributions_of_scipy_become_ours_and_others_stay():
    bell = norm(0, 1)
    space = {"a": loguniform(1e-4, 1e0), "b": scipy_uniform(1, 2), "c": randint(1, 11), "d": bell, "e": 3}
    candidates = [{"a": 1e-2, "b": 2.0, "c": 10, "d": 0.3, "e": 3}, {"a": 1e-1, "b": 1.5, "c": 1, "d": 0.3, "e": 3}]
    narrowed = narrow(space, Search(candidates * 10, [1, 0] * 10), top=0.5)
    assert type(narrowed["a"]) is log_uniform and 1e-2 in narrowed["a"] and 1e-1 in narrowed["a"]
    assert narrowed["b"] == uniform(1.333, 2.667)  # two values were tried: a third of the width
    assert narrowed["c"] == int_uniform(7, 10)
    assert narrowed["d"] is bell and narrowed["e"] == 3
    assert list(narrowed) == list(space)


def test_what_the_search_did_not_vary_stays():
    space = {"x": uniform(0, 1), "y": log_uniform(1e-3, 1), "z": ["a", "b"]}
    narrowed = narrow(space, Search([{"x": 0.5}, {"x": 0.6}], [0, 1]))
    assert narrowed["x"] != space["x"]
    assert (narrowed["y"], narrowed["z"]) == (space["y"], ["a", "b"])


# Lists of spaces

CONDITIONAL = [
    {"optimizer": ["sgd"], "rate": log_uniform(1e-3, 1), "momentum": uniform(0, 1)},
    {"optimizer": ["adam", "nadam"], "rate": log_uniform(1e-5, 1e-2)},
    {"optimizer": ["lion"], "rate": log_uniform(1e-5, 1e-3)},
]


def test_each_space_is_narrowed_by_its_own_candidates_and_losers_are_dropped():
    candidates = [
        {"optimizer": "adam", "rate": 1e-3},
        {"optimizer": "sgd", "rate": 1e-2, "momentum": 0.9},
        *[{"optimizer": "lion", "rate": 1e-4}] * 3,
        *[{"optimizer": "nadam", "rate": 1e-4}] * 5,
    ]
    sgd, adam = narrow(CONDITIONAL, Search(candidates, range(10, 0, -1)))
    assert sgd["optimizer"] == ["sgd"] and 1e-2 in sgd["rate"] and 0.9 in sgd["momentum"]
    assert sgd["rate"].high < 1
    assert adam["optimizer"] == ["adam"] and 1e-3 in adam["rate"]
    assert adam["rate"].high < 1e-2
    assert narrow(CONDITIONAL[:2], Search(candidates, range(10, 0, -1))) == [sgd, adam]


def test_of_two_spaces_a_candidate_belongs_to_the_one_with_most_of_its_names():
    spaces = [{"a": [1]}, {"a": [1], "b": uniform(0, 1)}]
    assert narrow(spaces, Search([{"a": 1, "b": 0.5}], [0])) == [{"a": [1], "b": uniform(0.0, 1.0)}]
    assert narrow(spaces, Search([{"a": 1}], [0])) == [{"a": [1]}]


def test_a_list_stays_a_list():
    assert isinstance(narrow([{"x": uniform(0, 1)}], Search([{"x": 0.5}], [0])), list)


# Which candidates count


def test_scores_that_are_no_numbers_are_ignored():
    candidates = [{"x": x} for x in (0.1, 0.5, 0.9)]
    narrowed = narrow({"x": uniform(0, 10)}, Search(candidates, [np.nan, 0.0, np.nan]), top=1.0)
    assert narrowed == {"x": uniform(0.0, 5.5)}  # one value was tried: half the width to either side
    narrowed = narrow({"x": ["a", "b", "c"]}, Search([{"x": x} for x in "abc"], [np.nan, 0.0, -np.inf]), top=0.5)
    assert narrowed == {"x": ["b"]}


@pytest.mark.parametrize(("top", "n_best"), [(0.01, 1), (0.07, 7), (0.2, 20), (0.201, 21), (1.0, 100), (1, 100)])
def test_top_is_a_fraction_rounded_up(top, n_best):
    candidates = [{"x": i} for i in range(100)]
    assert len(narrow({"x": list(range(100))}, Search(candidates, range(100)), top=top)["x"]) == n_best


def test_of_several_metrics_the_one_of_refit_counts_unless_another_is_asked_for():
    candidates = [{"x": "a"}, {"x": "b"}]
    scores = {"roc_auc": [0.9, 0.5], "accuracy": [0.5, 0.9]}
    space = {"x": ["a", "b"]}
    assert narrow(space, Search(candidates, scores, refit="roc_auc")) == {"x": ["a"]}
    assert narrow(space, Search(candidates, scores, refit="roc_auc"), metric="accuracy") == {"x": ["b"]}
    for refit in (False, True, lambda results: 0):
        assert narrow(space, Search(candidates, scores, refit=refit), metric="accuracy") == {"x": ["b"]}
        with pytest.raises(ValueError, match="Which metric counts") as error:
            narrow(space, Search(candidates, scores, refit=refit))
        assert "The search has roc_auc, accuracy. Give narrow one of these as 'metric'." in str(error.value)


def test_of_a_halving_search_those_that_lasted_longest_count_once():
    """Scores of early rounds are higher here, as with little data they may be."""
    first = [{"x": name, "epochs": 1} for name in "abcdef"]
    second = [{"x": name, "epochs": 3} for name in "bc"]
    search = Search(
        [*first, *second],
        [0.9, 1.0, 0.95, 0.8, 0.7, np.nan, 0.3, 0.2],
        iter=[0] * 6 + [1] * 2,
        n_resources=[1] * 6 + [3] * 2,
    )
    kept = [narrow({"x": list("abcdef")}, search, top=top)["x"] for top in (0.2, 0.4, 0.6, 0.8, 1.0)]
    assert kept == [["b"], ["b", "c"], ["a", "b", "c"], ["a", "b", "c", "d"], ["a", "b", "c", "d", "e"]]


# Real searches


class Distance(ClassifierMixin, BaseEstimator):
    """Scores by how near its parameters are to a rate of 0.01 and two layers of 64."""

    def __init__(self, rate=1.0, layers=(1,), epochs=1):
        self.rate = rate
        self.layers = layers
        self.epochs = epochs

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def score(self, X, y):
        return -abs(np.log10(self.rate) + 2) - abs(len(self.layers) - 2) - abs(np.log2(self.layers[0]) - 6)


def test_coarse_to_fine_with_randomized_search(binary_data):
    space = {"rate": log_uniform(1e-6, 1e2), "layers": topology(n_layers=(1, 5), units=(2, 1024), shape="constant")}
    scores = []
    for seed in range(3):
        search = RandomizedSearchCV(Distance(), space, n_iter=20, cv=2, random_state=seed).fit(*binary_data)
        scores.append(search.best_score_)
        space = narrow(space, search)
    assert scores == sorted(scores)
    assert scores[-1] > -0.6 > scores[0]
    assert 0.01 in space["rate"] and (64, 64) in space["layers"]


def test_grid_and_halving_searches(binary_data):
    space = {"rate": log_uniform(1e-6, 1e2).grid(9), "layers": [(64,), (64, 64)]}
    narrowed = narrow(space, GridSearchCV(Distance(), space, cv=2).fit(*binary_data), top=0.05)
    assert narrowed == {"rate": [0.01], "layers": [(64, 64)]}

    space = {"rate": log_uniform(1e-6, 1e2)}
    search = HalvingRandomSearchCV(Distance(), space, resource="epochs", max_resources=9, cv=2, random_state=0)
    narrowed = narrow(space, search.fit(*binary_data))
    assert list(narrowed) == ["rate"]
    assert search.best_params_["rate"] in narrowed["rate"]


# --- lists with an order ------------------------------------------------------------------------------------


def best_of(name, tried, best):
    """A search that has tried these values, of which some are best."""
    return Search([{name: value} for value in tried], [value in best for value in tried])


def test_numbers_between_the_best_stay_and_untried_neighbours():
    grid = list(range(100))
    tried = range(0, 100, 5)  # twenty: a margin of a twentieth
    kept = narrow({"x": grid}, best_of("x", tried, {40, 55, 60, 45}))["x"]
    assert kept == [36, 37, 38, 39, *range(40, 61), 61, 62, 63, 64]  # 35 and 65 were tried


@pytest.mark.parametrize(
    "choices",
    [
        [0.001, 0.01, 0.1, 1.0, 10.0],
        (0.001, 0.01, 0.1, 1.0, 10.0),
        np.array([0.001, 0.01, 0.1, 1.0, 10.0]),
        pd.Series([0.001, 0.01, 0.1, 1.0, 10.0], index=list("abcde")),
        [10.0, 0.01, 1.0, 0.001, 0.1],
        [None, 0.001, 0.01, "auto", 0.1, 1.0, 10.0, False, math.nan],
        CategoricalDistribution([0.001, 0.01, 0.1, 1.0, 10.0]),
    ],
    ids=["list", "tuple", "array", "Series", "no order of their own", "other choices", "Optuna"],
)
def test_any_list_of_numbers_has_their_order(choices):
    kept = narrow({"x": choices}, best_of("x", [0.001, 10.0, 0.01, 1.0] * 3, {0.01, 1.0}), top=0.5)["x"]
    assert sorted(kept) == [0.01, 0.1, 1.0]


def test_range_is_a_list():
    assert narrow({"x": range(1, 9, 2)}, best_of("x", [1, 7, 3], {3}), top=0.1)["x"] == [3, 5]


@pytest.mark.parametrize("kind", [tuple, list])
def test_topologies_lie_between_others_in_depth_and_width(kind):
    widths, depths = (8, 16, 32, 64, 128), (1, 2, 3, 4, 5)
    choices = [kind([width] * depth) for depth in depths for width in widths]
    best, other = [{"x": kind([64, 64])}, {"x": kind([32, 32, 32])}], [{"x": kind([8])}] * 8
    kept = narrow({"x": choices}, Search([*best, *other], [1, 1, *[0] * 8]))["x"]
    # One further on each side: of one layer to four, of 16 to 128 units.
    assert kept == [choice for choice in choices if len(choice) < 5 and choice[0] > 8]


def test_tried_neighbour_stays_where_the_best_were_not_tried_with_it():
    space = {"x": [1, 2, 3, 4, 5], "y": ["a", "b"]}
    candidates = [{"x": 3, "y": "a"}, {"x": 2, "y": "a"}, {"x": 4, "y": "b"}, {"x": 1, "y": "b"}, {"x": 5, "y": "b"}]
    assert narrow(space, Search(candidates, [1, 0, 0, 0, 0])) == {"x": [3, 4], "y": ["a"]}


@pytest.mark.parametrize("choices", [[True, False], [None, "a", "b"], ["1", "2", "3"], [False, 0.5, None]])
def test_what_has_no_order_has_no_neighbours(choices):
    assert narrow({"x": choices}, best_of("x", choices[:1], choices[:1]))["x"] == choices[:1]


# --- Optuna's distributions ---------------------------------------------------------------------------------


def test_distributions_of_optuna_become_ours():
    space = {
        "a": FloatDistribution(1e-4, 1.0, log=True),
        "b": FloatDistribution(0.0, 1.0),
        "c": FloatDistribution(0.0, 1.0, step=0.1),
        "d": IntDistribution(1, 10),
        "e": IntDistribution(1, 1000, log=True),
        "f": IntDistribution(0, 100, step=10),
        "g": CategoricalDistribution(["relu", "tanh"]),
    }
    best = {"a": 1e-2, "b": 0.5, "c": 0.5, "d": 5, "e": 30, "f": 50, "g": "tanh"}
    narrowed = narrow(space, Search([best] * 20, range(20)))
    assert type(narrowed["a"]) is log_uniform and type(narrowed["b"]) is uniform
    assert type(narrowed["d"]) is int_uniform and type(narrowed["e"]) is int_log_uniform
    assert all(best[name] in narrowed[name] for name in best)
    assert narrowed["g"] == ["tanh"]
    assert narrowed["f"].grid(11) == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]  # one value was tried
    assert 0.0 in narrowed["c"] and 0.55 not in narrowed["c"]
    assert narrow(narrowed, Search([best] * 20, range(20)))["d"].high <= narrowed["d"].high  # again


def test_empty_space_stays_empty():
    assert narrow({}, Search([{}], [1])) == {}
    assert narrow([{}, {"x": [1]}], Search([{}, {"x": 1}], [1, 0]), top=0.5) == [{}]
    assert narrow([{}, {"x": [1]}], Search([{}, {"x": 1}], [0, 1]), top=0.5) == [{"x": [1]}]


# Errors

SPACE = {"x": uniform(0, 1)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"search": Search([{"x": 0.5}], [np.nan])}, "The search has no candidate whose score is a number"),
        ({"search": Search([{"x": 7}], [1])}, "None of the best candidates lies in the space to be narrowed."),
        ({"search": Search([{"y": 0.5}], [1])}, "Give the space that the search drew from. The best candidate is"),
        ({"top": 0}, "The 'top' parameter of narrow must be a float in the range (0.0, 1.0]. Got 0 instead."),
        ({"top": 20}, "The 'top' parameter of narrow must be a float in the range (0.0, 1.0]. Got 20 instead."),
        ({"space": uniform(0, 1)}, "The 'space' parameter of narrow must be"),
        ({"metric": "roc_auc"}, "Which metric counts? The search has score."),
        ({"metric": 3}, "The 'metric' parameter of narrow must be"),
    ],
)
def test_what_cannot_be_narrowed(arguments, message):
    with pytest.raises(ValueError) as error:
        narrow(**{"space": SPACE, "search": Search([{"x": 0.5}], [1]), **arguments})
    assert message in str(error.value)


def test_a_search_that_is_not_finished():
    with pytest.raises(NotFittedError, match="needs a finished search: call fit of this RandomizedSearchCV first"):
        narrow(SPACE, RandomizedSearchCV(LogisticRegression(), SPACE))
    with pytest.raises(TypeError, match="not an estimator instance"):
        narrow(SPACE, SimpleNamespace(cv_results_={}))
