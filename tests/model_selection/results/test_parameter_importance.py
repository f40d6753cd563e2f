"""Importances of parameters whose influence on the score is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV

from sknn_tune.model_selection import parameter_importance
from sknn_tune.search_space import log_uniform, uniform

X = np.zeros((40, 1))


class Formula(BaseEstimator):
    """Its score is known: mostly `rate`, a little `kind`, never `nothing`."""

    def __init__(self, rate=1e-2, kind="a", nothing=0.0, fixed=1):
        self.rate = rate
        self.kind = kind
        self.nothing = nothing
        self.fixed = fixed

    def fit(self, X, y=None):
        return self

    def score(self, X, y=None):
        return -((np.log10(self.rate) + 2) ** 2) + {"a": 0, "b": 1.5, "c": 0}[self.kind]


SPACE = {"rate": log_uniform(1e-4, 1), "kind": ["a", "b", "c"], "nothing": uniform(0, 1), "fixed": [1]}


def searched(n_iter, space=SPACE):
    return RandomizedSearchCV(Formula(), space, n_iter=n_iter, cv=2, random_state=0).fit(X)


def test_parameters_come_in_the_order_of_their_influence():
    importance = parameter_importance(searched(60))
    assert importance.parameters == importance.labels == ("rate", "kind", "nothing")
    assert importance.importances[0] > 0.5 > importance.importances[1] > 0.05
    assert abs(importance.importances[2]) < 0.03
    assert importance.r2 > 0.7
    assert importance.n_candidates == 60


def test_same_seed_gives_the_same_importances():
    search = searched(12)
    one, other = parameter_importance(search), parameter_importance(search)
    np.testing.assert_array_equal(one.importances, other.importances)


def test_noise_is_told_by_r2():
    assert (
        parameter_importance(searched(40, {"nothing": uniform(0, 1), "kind": ["a", "c"], "rate": [1, 1.0001]})).r2 < 0.9
    )
    space = {"nothing": uniform(0, 1), "rate": log_uniform(1e-4, 1)}
    search = searched(40, space)
    search.cv_results_["mean_test_score"] = np.random.RandomState(0).permutation(search.cv_results_["mean_test_score"])
    assert parameter_importance(search).r2 < 0.1


def test_one_diverged_candidate_is_not_all_there_is_to_explain():
    search = searched(60)
    before = parameter_importance(search)
    worst = np.argmin(search.cv_results_["mean_test_score"])
    search.cv_results_["mean_test_score"][worst] = -1e30
    np.testing.assert_array_equal(parameter_importance(search).importances, before.importances)


def test_conditional_parameters_count():
    space = [{"rate": log_uniform(1e-3, 1e-1)}, {"kind": ["a", "b"], "nothing": uniform(0, 1)}]
    assert set(parameter_importance(searched(40, space)).parameters) == {"rate", "kind", "nothing"}


def test_halving_counts_its_first_round_only():
    search = HalvingRandomSearchCV(Formula(), SPACE, n_candidates=12, cv=2, random_state=0)
    assert parameter_importance(search.fit(X, np.arange(40) % 2)).n_candidates == 12


def test_too_few_candidates_are_refused():
    message = "can be told from 10 candidates with a score at least, better from thirty. This search has 9: let it"
    with pytest.raises(ValueError, match=message):
        parameter_importance(searched(9))


@pytest.mark.parametrize(("grid", "same"), [({"nothing": range(12)}, "scores"), ({"fixed": [1] * 12}, "parameters")])
def test_nothing_to_tell_apart(grid, same):
    with pytest.raises(ValueError, match=f"All candidates of this search have the same {same}, so no parameter"):
        parameter_importance(GridSearchCV(Formula(), grid, cv=2).fit(X))
