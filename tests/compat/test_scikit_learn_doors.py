"""The private doors of scikit-learn that searches use: each opens, and says so where it does not."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold, check_cv
from sklearn.tree import DecisionTreeRegressor

from sknn_tune._compat.scikit_learn_searches import (
    HookedSearchCV,
    choose_as_before,
    choose_by,
    listed_folds,
    running_search,
    says_all_failed,
)

X, y = np.arange(20.0).reshape(-1, 1), np.arange(20.0)


class Looks(HookedSearchCV):
    """Looks into its own fit before and after the one candidate is evaluated."""

    def __init__(self, estimator, cv=None):
        super().__init__(estimator, cv=cv)

    def _run_search(self, evaluate_candidates):
        self.seen = running_search(self, evaluate_candidates)
        assert self.seen.candidates == self.seen.fits == []
        evaluate_candidates([{"alpha": 1.0}])


def test_a_running_search_shows_its_data_folds_candidates_and_fits():
    weights = np.ones(20)
    seen = Looks(Ridge(), cv=KFold(4)).fit(X, y, sample_weight=weights).seen
    assert seen.X is X and seen.y is y
    assert seen.cv.get_n_splits() == seen.n_splits == 4
    assert seen.candidates == [{"alpha": 1.0}]
    assert [set(fit) >= {"test_scores", "fit_time", "score_time", "fit_error"} for fit in seen.fits] == [True] * 4
    assert seen.metadata["estimator.fit.sample_weight"] is weights


def test_another_fit_is_told_from_the_known_one():
    with pytest.raises(RuntimeError, match=r"keeps the candidates of a search elsewhere .*all_candidate_params"):
        running_search(None, lambda candidates: None)


def test_results_are_made_by_the_hook_of_ours():
    class Adds(Looks):
        def _results_of(self, candidates, n_splits, fits, columns):
            return super()._results_of(candidates, n_splits, fits, columns) | {"added": np.ones(1)}

        def _best_row(self, refit, metric, results):
            self.asked = (refit, metric, "added" in results)
            return super()._best_row(refit, metric, results)

    search = Adds(Ridge()).fit(X, y)
    assert search.cv_results_["added"].tolist() == [1]
    assert search.asked == (True, "score", True)


def test_the_choice_of_any_search_can_be_taken_over_and_given_back():
    search = GridSearchCV(DecisionTreeRegressor(random_state=0), {"max_depth": [1, 9]})
    choose_by(search, lambda choice: lambda refit, metric, results: 1 - choice(refit, metric, results))
    assert search.fit(X, y).best_params_ == {"max_depth": 1}
    choose_as_before(search)
    assert search.fit(X, y).best_params_ == {"max_depth": 9}


def test_the_error_of_a_search_without_any_fit_is_known_from_others():
    with pytest.raises(ValueError) as caught:
        GridSearchCV(Ridge(), {"alpha": [-1.0]}).fit(X, y)
    assert says_all_failed(caught.value)
    assert not says_all_failed(ValueError("All the fits of something else failed."))


def test_listed_folds_are_those_that_were_given():
    folds = [(np.arange(10), np.arange(10, 20))]
    assert listed_folds(check_cv(folds)) == folds
    assert listed_folds(KFold(3)) is None
