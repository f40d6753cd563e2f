"""What became of the candidates of a search, whatever its kind."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sknn_tune import KerasClassifier, TabularRegressor
from sknn_tune._compat import scikit_learn
from sknn_tune.model_selection import (
    BayesianSearchCV,
    CapacitySearchCV,
    CoarseToFineSearchCV,
    MedianPruner,
    describe_search,
    one_standard_error,
)
from sknn_tune.model_selection.results._metrics import metric_name
from sknn_tune.model_selection.results._unused_parameters import is_unused
from sknn_tune.search_space import log_uniform

X = np.zeros((6, 1))


class Scores(BaseEstimator):
    """Its score is its parameter; None cannot be fitted."""

    def __init__(self, score_of_all=0.0):
        self.score_of_all = score_of_all

    def fit(self, X, y=None):
        if self.score_of_all is None:
            raise ValueError("None cannot be fitted.")
        return self

    def score(self, X, y=None):
        return self.score_of_all


def test_best_first_and_failed_last():
    search = GridSearchCV(Scores(), {"score_of_all": [0.2, None, 0.9, 0.5]}, cv=3)
    with pytest.warns(FitFailedWarning, match="3 fits failed"), pytest.warns(UserWarning, match="non-finite"):
        description = describe_search(search.fit(X))
    assert description.best == 2
    assert description.ranking.tolist() == [2, 3, 0, 1]
    assert description.statuses.tolist() == ["finished", "failed", "finished", "finished"]
    assert (description.search, description.estimator, description.n_folds) == ("GridSearchCV", "Scores", 3)
    assert description.best_params == {"score_of_all": "0.9"}
    assert (description.n_candidates, description.n_rounds, description.resources) == (4, 1, None)


def test_the_best_is_what_the_search_chose(multiclass_data):
    grid = {"max_depth": [10, 8, 3, 4]}
    search = GridSearchCV(DecisionTreeClassifier(random_state=0), grid, refit=one_standard_error("param_max_depth"))
    description = describe_search(search.fit(*multiclass_data))
    assert description.best == search.best_index_ == description.ranking[0]
    assert description.scores[description.best] <= description.scores.max()


def test_metric_and_its_name(binary_data):
    search = GridSearchCV(SGDClassifier(random_state=0), {"alpha": [1e-4, 1e-1]}, cv=2, scoring="roc_auc")
    assert describe_search(search.fit(*binary_data)).metric == "roc_auc"
    search = clone(search).set_params(scoring=["accuracy", "roc_auc"], refit="roc_auc").fit(*binary_data)
    description = describe_search(search)
    assert description.metric == "roc_auc" and description.best == search.best_index_
    np.testing.assert_array_equal(description.details["accuracy"], search.cv_results_["mean_test_accuracy"])
    accuracy = describe_search(search, metric="accuracy")
    assert accuracy.best == np.argmax(search.cv_results_["mean_test_accuracy"])
    np.testing.assert_array_equal(accuracy.scores, search.cv_results_["mean_test_accuracy"])
    with pytest.raises(ValueError, match=r"The 'metric' parameter of describe_search must be a str among .*roc_auc"):
        describe_search(search, metric="f1")


def test_without_refit_the_highest_score_is_the_best():
    assert describe_search(GridSearchCV(Scores(), {"score_of_all": [0, 2, 1]}, cv=2, refit=False).fit(X)).best == 1


def test_halving_ranks_by_resources_first():
    grid = {"score_of_all": [0.1, 0.4, 0.3, 0.2]}
    search = HalvingGridSearchCV(Scores(), grid, cv=2, factor=2, min_resources=12, random_state=0)
    description = describe_search(search.fit(np.zeros((24, 1)), np.arange(24) % 2))
    assert description.resources.tolist() == [12] * 4 + [24] * 2
    assert description.n_rounds == 2
    assert description.best == search.best_index_
    assert set(description.ranking[:2].tolist()) == {4, 5}


def test_our_searches(multiclass_data):
    tree = DecisionTreeClassifier(random_state=0)
    capacity = CapacitySearchCV(tree, param_name="max_depth", sizes=[1, 2, 3, 4, 5]).fit(*multiclass_data)
    assert describe_search(capacity).best == capacity.best_index_
    space = {"alpha": log_uniform(1e-5, 1e2)}
    linear = SGDClassifier(random_state=0)
    coarse = CoarseToFineSearchCV(linear, space, n_iter=4, n_rounds=2, cv=2, random_state=0).fit(*multiclass_data)
    assert describe_search(coarse).rounds.tolist() == [0] * 4 + [1] * 4
    bayes = BayesianSearchCV(linear, space, n_iter=3, cv=2, random_state=0).fit(*multiclass_data)
    assert [scale.kind for scale in describe_search(bayes).parameters] == ["log"]


@pytest.mark.skipif(not scikit_learn.HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9")
def test_stopped_candidates_and_curves(binary_data):
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=4, validation_split=0.25, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network)
    search = GridSearchCV(pipeline, {"kerasclassifier__learning_rate": [0.05, 0.02, 1e-5]}, cv=2)
    search.set_callbacks(MedianPruner(n_startup_fits=2, n_warmup_epochs=1)).fit(*binary_data)
    description = describe_search(search)
    assert description.statuses.tolist() == ["finished", "finished", "pruned"]
    assert description.ranking[-1] == 2
    assert description.estimator == "Pipeline of StandardScaler, KerasClassifier"
    assert description.curve_names[0] == "val_loss"
    folds = [search.cv_results_[f"split{fold}_history"][0]["val_loss"] for fold in range(2)]
    np.testing.assert_allclose(description.curves[0]["val_loss"], np.mean(folds, axis=0))
    assert len(description.curves[2]["loss"]) < 4
    assert set(description.details) == {"epochs", "weights"}


def test_a_curve_of_a_stopped_candidate_is_of_the_folds_that_came_to_its_stop():
    search = GridSearchCV(SGDClassifier(random_state=0), {"alpha": [1e-3, 1e-2, 1e-1, 1.0]}, cv=3)
    search.fit(np.arange(12.0)[:, None], np.arange(12) % 2)
    folds = [
        ([4, 5, 3], [False] * 3),
        ([3, 1, 1], [True] * 3),
        ([4, 2, 1], [False, True, True]),
        ([3, 3, 1], [True] * 3),
    ]
    for fold in range(3):
        histories = [{"loss": [fold + epoch for epoch in range(lengths[fold])]} for lengths, _ in folds]
        search.cv_results_[f"split{fold}_history"] = np.array(histories, dtype=object)
        search.cv_results_[f"split{fold}_pruned"] = np.array([pruned[fold] for _, pruned in folds])
    search.cv_results_["pruned"] = np.array([any(pruned) for _, pruned in folds])
    curves = [curves["loss"].tolist() for curves in describe_search(search).curves]
    assert curves == [[1, 2, 3], [0, 1, 2], [0.5, 1.5], [0.5, 1.5, 2.5]]


def test_search_that_is_not_fitted():
    with pytest.raises(NotFittedError, match="describe_search needs a finished search: call fit of this GridSearchCV"):
        describe_search(GridSearchCV(Scores(), {}))


@pytest.mark.parametrize(
    ("estimator", "scoring", "name"),
    [
        (SGDClassifier(random_state=0), None, "accuracy"),
        (make_pipeline(StandardScaler(), SGDClassifier(random_state=0)), None, "accuracy"),
        (KerasClassifier(), None, "accuracy"),
        (TabularRegressor(), None, "r2"),
        (SGDClassifier(random_state=0), make_scorer(f1_score), "f1_score"),
        (SGDClassifier(random_state=0), lambda estimator, X, y: 0.0, "<lambda>"),
        (Scores(), None, "score"),
    ],
    ids=["classifier", "pipeline", "network", "regressor", "scorer", "function", "other"],
)
def test_a_single_metric_has_the_name_that_people_call_it(estimator, scoring, name):
    search = GridSearchCV(estimator, {}, scoring=scoring)
    assert metric_name(search, "score") == name
    assert metric_name(search, "roc_auc") == "roc_auc"


def test_parameters_that_the_optimizer_or_schedule_does_not_use_are_none_of_the_candidate():
    network = KerasClassifier(optimizer="adam")
    names = ("kerasclassifier__momentum", "kerasclassifier__beta_1", "kerasclassifier__decay_rate")
    candidates = [
        {"kerasclassifier__optimizer": "SGD", "kerasclassifier__learning_rate_schedule": "exponential"},
        {"kerasclassifier__optimizer": "rmsprop", "kerasclassifier__learning_rate_schedule": "cosine"},
        {},
    ]
    base = make_pipeline(StandardScaler(), network).get_params()
    used = [[not is_unused(name, candidate, base) for name in names] for candidate in candidates]
    assert used == [[True, False, True], [False, False, False], [False, True, False]]
    of_model = {**base, "kerasclassifier__model": len}
    assert not is_unused(names[0], {}, of_model)  # which may bring an optimizer of its own
    assert not is_unused("momentum", {}, {"momentum": 0.9, "optimizer": "adam"})  # of another package


def test_candidates_are_described_without_what_they_do_not_use(binary_data):
    network = KerasClassifier(hidden_layer_sizes=(2,), epochs=1, random_state=0)
    grid = [{"optimizer": ["adam"], "momentum": [0.5, 0.9], "beta_1": [0.8]}, {"optimizer": ["sgd"], "momentum": [0.9]}]
    description = describe_search(GridSearchCV(network, grid, cv=2, refit=False).fit(*binary_data))
    scales = {scale.label: scale for scale in description.parameters}
    assert scales["momentum"].texts == ("", "", "0.9")
    assert scales["beta_1"].texts == ("0.8", "0.8", "")
    np.testing.assert_array_equal(np.isfinite(scales["momentum"].positions), [False, False, True])
    assert ("momentum" in description.best_params) == (description.best == 2)
