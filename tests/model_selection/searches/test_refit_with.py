"""A search with cheap settings and a last fit with better ones: honest in all that it says, around any search."""

import pickle

import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.cluster import KMeans
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, mean_squared_error, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    KFold,
    RandomizedSearchCV,
    cross_val_score,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune._compat.scikit_learn import HAS_CALLBACKS
from sknn_tune.model_selection import (
    BayesianSearchCV,
    CapacitySearchCV,
    CoarseToFineSearchCV,
    HyperbandSearchCV,
    MedianPruner,
    RefitWith,
    describe_search,
    one_standard_error,
    search_results,
)

X, Y = load_iris(return_X_y=True)
FOREST = RandomForestClassifier(n_estimators=5, random_state=0)
SPACE = {"max_depth": [1, 2, 3]}
MORE = {"n_estimators": 20}

SEARCHES = {
    "grid": GridSearchCV(FOREST, SPACE, cv=3),
    "random": RandomizedSearchCV(FOREST, SPACE, n_iter=2, cv=3, random_state=0),
    "halving grid": HalvingGridSearchCV(FOREST, SPACE, cv=3, random_state=0),
    "halving random": HalvingRandomSearchCV(FOREST, SPACE, n_candidates=3, cv=3, random_state=0),
    "coarse to fine": CoarseToFineSearchCV(FOREST, SPACE, n_iter=2, n_rounds=2, cv=3, random_state=0),
    "capacity": CapacitySearchCV(FOREST, param_name="max_depth", sizes=[1, 2, 3], cv=3),
    "bayesian": BayesianSearchCV(FOREST, SPACE, n_iter=3, cv=3, random_state=0),
    "several metrics": GridSearchCV(FOREST, SPACE, cv=3, scoring=["accuracy", "neg_log_loss"], refit="neg_log_loss"),
    "a function": GridSearchCV(FOREST, SPACE, cv=3, refit=one_standard_error("param_max_depth")),
    "two processes": GridSearchCV(FOREST, SPACE, cv=3, n_jobs=2),
}


def same(one, other):
    """Whether results are equal, but for seconds."""
    assert one.keys() == other.keys()
    for name in one:
        if not name.endswith("_time"):
            np.testing.assert_equal(one[name], other[name])


@pytest.mark.parametrize("name", SEARCHES)
def test_the_search_is_as_without_and_the_last_fit_has_more(name):
    if name == "bayesian":
        pytest.importorskip("optuna")
    alone = clone(SEARCHES[name]).fit(X, Y)
    found = RefitWith(clone(SEARCHES[name]), MORE).fit(X, Y)
    same(found.cv_results_, alone.cv_results_)
    assert found.best_params_ == alone.best_params_ == found.cv_results_["params"][found.best_index_]
    assert type(found.best_params_) is dict and "n_estimators" not in found.best_params_
    assert getattr(found, "best_score_", None) == getattr(alone, "best_score_", None)
    expected = clone(alone.best_estimator_).set_params(**MORE).fit(X, Y)
    assert found.best_estimator_.n_estimators == 20 == len(found.best_estimator_.estimators_)
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))
    scorer = found.scorer_["neg_log_loss"] if name == "several metrics" else found.scorer_
    assert found.score(X, Y) == pytest.approx(scorer(expected, X, Y))


def test_eight_members_after_a_search_with_one(multiclass_data):
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=3, early_stopping=True, random_state=0)
    pipeline = Pipeline([("scale", StandardScaler()), ("network", network)])
    search = RandomizedSearchCV(pipeline, {"network__learning_rate": [0.01, 0.03]}, n_iter=2, cv=2, random_state=0)
    found = RefitWith(search, {"network__n_members": 8, "network__epochs": 5}).fit(*multiclass_data)
    assert found.best_params_.keys() == {"network__learning_rate"}
    best = found.best_estimator_["network"]
    assert (best.n_members, len(best.members_), best.epochs) == (8, 8, 5)
    assert best.learning_rate == found.best_params_["network__learning_rate"]
    assert best.oof_prediction_.shape == (120, 3)
    assert found.predict_proba(multiclass_data[0]).shape == (120, 3)


SEVERAL = {name: search for name, search in SEARCHES.items() if name != "a function"}


@pytest.mark.parametrize("name", SEVERAL)
def test_of_several_candidates_the_best_on_rows_they_have_not_seen_is_kept(name):
    if name == "bayesian":
        pytest.importorskip("optuna")
    alone = clone(SEVERAL[name]).fit(X, Y)
    found = RefitWith(clone(SEVERAL[name]), MORE, n_candidates=2).fit(X, Y)
    same(found.cv_results_, alone.cv_results_)
    metric = "neg_log_loss" if name == "several metrics" else "score"
    scorer = alone.scorer_[metric] if name == "several metrics" else alone.scorer_
    assert next(iter(found.refit_scores_)) == alone.best_index_
    assert len(found.refit_scores_) == 2  # of three; the present settings are none of them
    for row, score in found.refit_scores_.items():
        candidate = clone(FOREST).set_params(**{**alone.cv_results_["params"][row], **MORE})
        assert score == pytest.approx(cross_val_score(candidate, X, Y, cv=3, scoring=scorer).mean())
    assert found.refit_scores_[found.best_index_] == max(found.refit_scores_.values())
    assert found.best_params_ == found.cv_results_["params"][found.best_index_]
    assert found.best_score_ == found.cv_results_[f"mean_test_{metric}"][found.best_index_]
    expected = clone(FOREST).set_params(**{**found.best_params_, **MORE}).fit(X, Y)
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))


def test_another_than_the_best_of_the_search_is_kept_if_it_gains_more():
    # Of trees of depth 1 the one with the low rate is far behind, until there are enough of them.
    boosting = GradientBoostingRegressor(n_estimators=3, random_state=0)
    search = GridSearchCV(boosting, {"learning_rate": [0.1, 1.0]}, cv=3, scoring="neg_mean_squared_error")
    rows, y = load_diabetes(return_X_y=True)
    found = RefitWith(search, {"n_estimators": 60}, n_candidates=2).fit(rows, y)
    assert np.argmax(found.cv_results_["mean_test_score"]) == 1 == next(iter(found.refit_scores_))
    assert (found.best_index_, found.best_params_) == (0, {"learning_rate": 0.1})
    assert found.best_score_ == found.cv_results_["mean_test_score"][0] < found.cv_results_["mean_test_score"][1]
    assert found.best_estimator_.get_params()["learning_rate"] == 0.1


def test_the_present_settings_are_refit_beside_the_best():
    forest = clone(FOREST).set_params(max_depth=1)
    search = CoarseToFineSearchCV(forest, {"max_depth": [1, 2, 3, 4]}, n_iter=4, n_rounds=1, cv=3, random_state=0)
    found = RefitWith(search, MORE, n_candidates=2).fit(X, Y)
    assert found.cv_results_["params"][0] == {"max_depth": 1}
    assert found.cv_results_["rank_test_score"][0] == 4
    assert len(found.refit_scores_) == 3 and list(found.refit_scores_)[-1] == 0
    assert found.best_params_ != {"max_depth": 1}
    assert 0 not in RefitWith(search.set_params(estimator=FOREST), MORE, n_candidates=2).fit(X, Y).refit_scores_


def test_candidates_may_be_arrays():
    sizes = [np.array([4, 4]), np.array([4, 8]), np.array([8, 4])]
    search = GridSearchCV(KerasClassifier(epochs=2, random_state=0), {"hidden_layer_sizes": sizes}, cv=2)
    assert len(RefitWith(search, {"epochs": 3}, n_candidates=3).fit(X, Y).refit_scores_) == 3


def test_candidates_of_hyperband_are_those_that_ran_longest():
    search = HyperbandSearchCV(networks("classes"), {"batch_size": [8, 16, 32, 64]}, max_resources=4, factor=2, cv=2)
    found = RefitWith(search, {"n_members": 2}, n_candidates=3).fit(X, Y)
    results = found.cv_results_
    assert len(found.refit_scores_) == len({str(results["params"][row]) for row in found.refit_scores_}) > 1
    assert {results["n_resources"][row] for row in found.refit_scores_} == {4} == {found.best_params_["epochs"]}


def networks(kind):
    network = {"classes": KerasClassifier, "numbers": KerasRegressor}[kind]
    return network(hidden_layer_sizes=(4,), epochs=4, early_stopping=True, random_state=0)


@pytest.mark.parametrize(
    ("kind", "scoring", "score"),
    [
        ("classes", "neg_log_loss", lambda network, y: -log_loss(y, network.oof_prediction_)),
        ("classes", "roc_auc_ovr", lambda network, y: roc_auc_score(y, network.oof_prediction_, multi_class="ovr")),
        ("classes", None, lambda network, y: network.oof_score_),
        ("numbers", "neg_mean_squared_error", lambda network, y: -mean_squared_error(y, network.oof_prediction_)),
        ("numbers", None, lambda network, y: network.oof_score_),
    ],
)
def test_members_are_compared_by_what_they_predict_of_rows_they_hold_out(kind, scoring, score):
    y = np.array(["c", "a", "b"])[Y] if kind == "classes" else X[:, 0] - X[:, 2]
    pipeline = Pipeline([("scale", StandardScaler()), ("network", networks(kind))])
    search = GridSearchCV(pipeline, {"network__learning_rate": [0.003, 0.01, 0.03]}, cv=2, scoring=scoring)
    found = RefitWith(search, {"network__n_members": 3}, n_candidates=2).fit(X, y)
    assert len(found.refit_scores_) == 2
    network = found.best_estimator_["network"]
    assert found.refit_scores_[found.best_index_] == pytest.approx(score(network, y))
    for row, expected in found.refit_scores_.items():
        one = clone(found.best_estimator_).set_params(**found.cv_results_["params"][row]).fit(X, y)
        assert expected == pytest.approx(score(one["network"], y))


def test_rows_that_no_member_held_out_do_not_count():
    weights = np.where(np.arange(150) % 5, 1.0, 0.0)
    search = GridSearchCV(networks("classes"), {"learning_rate": [0.003, 0.03]}, cv=2, scoring="neg_log_loss")
    found = RefitWith(search, {"n_members": 3}, n_candidates=2).fit(X, Y, sample_weight=weights)
    table, counted = found.best_estimator_.oof_prediction_, weights > 0
    assert np.isnan(table[~counted]).all()
    assert found.refit_scores_[found.best_index_] == pytest.approx(-log_loss(Y[counted], table[counted]))


def test_labels_of_several_columns_and_members_that_hold_out_nothing_are_cross_validated():
    labels = np.stack([Y == 0, X[:, 0] > 6], axis=1).astype(int)
    for network, y in ((networks("classes"), labels), (networks("classes").set_params(early_stopping=False), Y)):
        search = GridSearchCV(network, {"learning_rate": [0.003, 0.03]}, cv=KFold(2, shuffle=True, random_state=0))
        found = RefitWith(search, {"n_members": 2}, n_candidates=2).fit(X, y)
        score = cross_val_score(clone(found.best_estimator_), X, y, cv=search.cv).mean()
        assert found.refit_scores_[found.best_index_] == pytest.approx(score)


def scores_of_all(network, X, y):
    return {"plain": network.score(X, y), "loss": -log_loss(y, network.predict_proba(X))}


SCORERS = {
    "several scores": (scores_of_all, "loss"),
    "other rows": (lambda network, X, y: network.score(X[::2], y[::2]), True),
    "as many other rows": (lambda network, X, y: network.score(X[::-1], y[::-1]), True),
    "more than predictions": (lambda network, X, y: network.score(X, y) - 1e-3 * network.n_parameters_, True),
}


@pytest.mark.parametrize("name", SCORERS)
def test_scorers_that_ask_for_more_get_fitted_networks(name):
    scoring, refit = SCORERS[name]
    network = networks("classes")
    cv = KFold(2, shuffle=True, random_state=0)
    search = GridSearchCV(network, {"learning_rate": [0.003, 0.03]}, cv=cv, scoring=scoring, refit=refit)
    found = RefitWith(search, {"n_members": 2}, n_candidates=2).fit(X, Y)
    best = found.best_estimator_
    if name == "several scores":
        expected = -log_loss(Y, best.oof_prediction_)
    else:
        expected = cross_val_score(clone(best), X, Y, cv=cv, scoring=scoring).mean()
    assert found.refit_scores_[found.best_index_] == pytest.approx(expected)


def test_it_stands_where_the_search_stood():
    found = RefitWith(SEARCHES["grid"], MORE)
    assert is_classifier(found) and not is_regressor(found)
    assert is_regressor(RefitWith(GridSearchCV(KerasRegressor(), {}), {"n_members": 2}))
    assert cross_val_score(found, X, Y, cv=2).shape == (2,)
    fitted = make_pipeline(StandardScaler(), found).fit(X, Y)[-1]
    assert fitted.classes_.tolist() == [0, 1, 2] and fitted.n_features_in_ == 4
    assert not hasattr(fitted, "decision_function") and hasattr(fitted, "predict_proba")
    assert "RefitWith" in repr(fitted) and "RefitWith" in fitted._repr_html_()


def test_clones_copies_and_parameters():
    given = RefitWith(SEARCHES["grid"], MORE)
    again = clone(given).set_params(search__cv=4, params={"n_estimators": 7})
    assert (again.search.cv, given.search.cv) == (4, 3)
    assert not hasattr(given, "search_") and not hasattr(given, "best_params_")
    fitted = given.fit(X, Y)
    assert not hasattr(given.search, "best_params_") and given.params == MORE  # what was given is left alone
    loaded = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    assert loaded.best_params_ == fitted.best_params_
    with pytest.raises(sklearn.exceptions.NotFittedError):
        clone(fitted).predict(X)


def test_what_reads_searches_reads_it(multiclass_data):
    found = RefitWith(SEARCHES["grid"], MORE).fit(X, Y)
    assert search_results(found).equals(search_results(found.search_))
    assert describe_search(found).metric == describe_search(found.search_).metric


def test_weights_and_groups_reach_both_fits():
    weights, groups = np.where(Y == 0, 5.0, 1.0), np.arange(150) % 6
    search = GridSearchCV(LogisticRegression(), {"C": [0.01, 0.1]}, cv=GroupKFold(3))
    rows = StandardScaler().fit_transform(X)
    found = RefitWith(search, {"max_iter": 500}).fit(rows, Y, sample_weight=weights, groups=groups)
    expected = LogisticRegression(**found.best_params_, max_iter=500).fit(rows, Y, weights)
    np.testing.assert_allclose(found.best_estimator_.coef_, expected.coef_)
    with sklearn.config_context(enable_metadata_routing=True):
        model = LogisticRegression().set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
        search = GridSearchCV(model, {"C": [0.01, 0.1]}, cv=GroupKFold(3))
        routed = RefitWith(search, {"max_iter": 500}).fit(rows, Y, sample_weight=weights, groups=groups)
        np.testing.assert_allclose(routed.best_estimator_.coef_, expected.coef_)


@pytest.mark.skipif(not HAS_CALLBACKS, reason="needs the callbacks of scikit-learn 1.9")
def test_callbacks_are_those_of_the_search(multiclass_data):
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=4, validation_split=0.2, random_state=0)
    search = GridSearchCV(network, {"learning_rate": [0.03, 0.01, 1e-6, 1e-7]}, cv=2)
    pruner = MedianPruner(n_startup_fits=1, n_warmup_epochs=1)
    found = RefitWith(search.set_callbacks(pruner), {"n_members": 2}).fit(*multiclass_data)
    assert len(pruner.pruned_) and found.best_estimator_.n_members == 2
    with pytest.raises(AttributeError, match="has no attribute 'set_callbacks': set them on its search"):
        found.set_callbacks(pruner)


def test_a_last_fit_that_fails_does_not_lose_the_search():
    given = RefitWith(SEARCHES["grid"], {"n_estimators": -1})
    with pytest.raises(ValueError, match="n_estimators"):
        given.fit(X, Y)
    assert given.search_.best_estimator_.n_estimators == 5
    assert len(given.cv_results_["params"]) == 3


PIPELINE = make_pipeline(StandardScaler(), KerasClassifier())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            (GridSearchCV(KerasClassifier(), {"epochs": [1]}), {"n_member": 8}),
            "The 'params' parameter of RefitWith cannot be set on the estimator of the search: Invalid parameter "
            "'n_member' for estimator KerasClassifier. Did you mean 'n_members'",
        ),
        (
            (GridSearchCV(PIPELINE, {"kerasclassifier__epochs": [1]}), {"n_members": 8}),
            r"(?s)Invalid parameter 'n_members' for estimator Pipeline.* Did you mean 'kerasclassifier__n_members'\?",
        ),
        ((GridSearchCV(FOREST, SPACE, refit=False), MORE), "such as RandomizedSearchCV, .* Got refit=False instead"),
        (
            (SEARCHES["a function"], MORE, 2),
            r"The 'n_candidates' parameter of RefitWith must be 1 where a function, refit=one_standard_error\(.*, "
            "chooses the candidate: several are compared by their scores. Got 2 instead",
        ),
        (
            (GridSearchCV(FOREST, SPACE), MORE, 0),
            "The 'n_candidates' parameter of RefitWith must be an int in the range",
        ),
        ((FOREST, MORE), "must be a search, .* Got RandomForestClassifier without it instead"),
        ((GridSearchCV(FOREST, SPACE), ["n_estimators"]), "The 'params' parameter of RefitWith must be an instance of"),
        (("grid", MORE), "The 'search' parameter of RefitWith must be an object implementing 'fit' and 'get_params'"),
    ],
    ids=["unknown", "without its step", "no refit", "a function", "none", "no search", "no dict", "a word"],
)
def test_what_cannot_work_is_refused_before_the_search(given, words):
    with pytest.raises(ValueError, match=words):
        RefitWith(*given).fit(X, Y)


def test_a_search_without_y():
    found = RefitWith(GridSearchCV(KMeans(n_init=1, random_state=0), {"n_clusters": [2, 3]}, cv=2), {"n_init": 5})
    assert found.fit(X).best_estimator_.n_init == 5
    assert found.predict(X).shape == (150,)


def test_estimators_without_probabilities_have_none():
    found = RefitWith(GridSearchCV(LinearSVC(), {"C": [0.1, 1.0]}, cv=2), {"max_iter": 2000}).fit(X, Y)
    assert hasattr(found, "decision_function") and not hasattr(found, "predict_proba")
