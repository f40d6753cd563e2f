"""What all our searches owe to scikit-learn: its own checks, its parameters, its other meta-estimators."""

import inspect
import pickle
from typing import ClassVar

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.metrics import make_scorer, mean_absolute_error, r2_score
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_tune.model_selection import (
    BayesianSearchCV,
    CapacitySearchCV,
    CoarseToFineSearchCV,
    HyperbandSearchCV,
    RefitWith,
)
from sknn_tune.search_space import int_uniform, narrow


def coarse_to_fine(estimator, name="max_depth", values=(1, 2, 3, 4), **options):
    options = {"n_iter": 4, "n_rounds": 1, "cv": 3, "random_state": 0} | options
    return CoarseToFineSearchCV(estimator, {name: list(values)}, **options)


def capacity(estimator, name="max_depth", values=(1, 2, 3, 4), **options):
    return CapacitySearchCV(estimator, param_name=name, sizes=list(values), **{"cv": 3, "patience": 4} | options)


BOTH = pytest.mark.parametrize("make", [coarse_to_fine, capacity])
TREE = DecisionTreeRegressor(random_state=0)

#: scikit-learn expects the same failures of ``RandomizedSearchCV``.
EXPECTED_FAILURES = {"check_supervised_y_2d": "the estimator inside warns, not the search"}


def _checks():
    """A list in the place of a generator, which pytest 9 warns of (scikit-learn < 1.8)."""
    searches = [
        make(estimator, "alpha", [0.1, 1.0], cv=2)
        for make in (coarse_to_fine, capacity)
        for estimator in (RidgeClassifier(), Ridge())
    ]
    searches += [
        HyperbandSearchCV(estimator, {"alpha": [0.1, 1.0]}, resource="max_iter", max_resources=2, factor=2, cv=2)
        for estimator in (RidgeClassifier(), Ridge())
    ]
    searches += [RefitWith(each, {"tol": 1e-3}) for each in searches[:2]]
    # Each search has all checks of one kind of task in every run, and the coarse one those of both.
    seldom = {repr(searches[number]) for number in (3, 5, 6)}
    names, values = parametrize_with_checks(searches).mark.args
    marks = {True: pytest.mark.thorough, False: ()}
    return pytest.mark.parametrize(
        names, [pytest.param(*each, marks=marks[repr(each[0]) in seldom]) for each in values]
    )


@_checks()
@pytest.mark.filterwarnings("ignore")  # what scikit-learn's searches and estimators say of the bad data of its checks
def test_scikit_learn_check_of_our_searches(estimator, check):
    name = check.func.__name__ if hasattr(check, "func") else check.__name__
    if name in EXPECTED_FAILURES:
        pytest.xfail(EXPECTED_FAILURES[name])
    check(estimator)


@BOTH
def test_the_best_is_refitted_and_found_again_after_pickle_and_clone(make, regression_data):
    X, y = regression_data
    search = make(TREE).fit(X, y)
    again = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(again.predict(X), search.best_estimator_.predict(X))
    other = clone(search).fit(X, y)
    assert other.cv_results_["params"] == search.cv_results_["params"]
    assert other.best_params_ == search.best_params_


@BOTH
def test_results_are_those_of_the_same_candidates_in_a_single_call(make, regression_data):
    X, y = regression_data
    search = make(TREE, cv=KFold(3, shuffle=True, random_state=0), return_train_score=True).fit(X, y)
    for row, params in enumerate(search.cv_results_["params"]):
        scores = cross_val_score(clone(TREE).set_params(**params), X, y, cv=KFold(3, shuffle=True, random_state=0))
        found = [search.cv_results_[f"split{fold}_test_score"][row] for fold in range(3)]
        np.testing.assert_allclose(found, scores)
    assert "mean_train_score" in search.cv_results_


@BOTH
def test_all_candidates_have_the_same_folds_even_of_a_splitter_that_changes_its_mind(make, regression_data):
    X, y = regression_data
    cv = ShuffleSplit(3, test_size=0.3, random_state=np.random.RandomState(0))
    search = make(TREE, "ccp_alpha", [0.0, 1e-12, 2e-12, 3e-12], cv=cv, verbose=1).fit(X, y)  # equal trees
    assert np.ptp(search.cv_results_["split0_test_score"]) == 0


@BOTH
def test_splits_may_come_from_a_generator(make, regression_data):
    X, y = regression_data
    search = make(TREE, cv=KFold(3).split(X, y), verbose=1).fit(X, y)
    again = make(TREE, cv=KFold(3)).fit(X, y)
    np.testing.assert_array_equal(search.cv_results_["split2_test_score"], again.cv_results_["split2_test_score"])


@BOTH
def test_processes_give_what_one_process_gives(make, regression_data):
    X, y = regression_data
    one, two = (make(TREE, n_jobs=n_jobs).fit(X, y) for n_jobs in (1, 2))
    np.testing.assert_array_equal(one.cv_results_["mean_test_score"], two.cv_results_["mean_test_score"])


@BOTH
@pytest.mark.parametrize("refit", ["error", "r2"])
def test_of_several_metrics_the_one_that_refit_names_counts(make, refit, regression_data):
    X, y = regression_data
    scoring = {"r2": "r2", "error": make_scorer(mean_absolute_error, greater_is_better=False)}
    search = make(TREE, scoring=scoring, refit=refit).fit(X, y)
    assert search.best_score_ == search.cv_results_[f"mean_test_{refit}"][search.best_index_]
    assert search.multimetric_
    assert set(search.scorer_) == set(scoring)


@BOTH
@pytest.mark.parametrize("scoring", ["r2", ["r2", "neg_max_error"]])
def test_a_callable_refit_chooses_at_the_end(make, scoring, regression_data):
    X, y = regression_data
    search = make(TREE, scoring=scoring, refit=lambda results: 1).fit(X, y)
    assert search.best_index_ == 1
    assert search.best_params_ == search.cv_results_["params"][1]
    with pytest.raises(TypeError, match="best_index_ returned is not an integer"):
        make(TREE, refit=lambda results: "first").fit(X, y)


def both_metrics(estimator, X, y):
    predictions = estimator.predict(X)
    return {"r2": r2_score(y, predictions), "error": -mean_absolute_error(y, predictions)}


@BOTH
def test_scoring_may_be_a_function_that_gives_a_dict(make, regression_data):
    X, y = regression_data
    assert {"mean_test_r2", "rank_test_error"} <= set(
        make(TREE, scoring=both_metrics, refit="r2").fit(X, y).cv_results_
    )


@BOTH
def test_without_refit_there_is_no_estimator_but_a_choice(make, regression_data):
    X, y = regression_data
    search = make(TREE, refit=False).fit(X, y)
    assert not hasattr(search, "best_estimator_")
    assert search.best_params_


@BOTH
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
@pytest.mark.parametrize("options", [{}, {"timeout": 1000.0}])
@pytest.mark.parametrize("scoring", ["r2", ["r2", "neg_max_error"]])
def test_candidates_that_cannot_be_fitted_have_the_error_score_in_their_place(make, options, scoring, regression_data):
    X, y = regression_data
    options |= {"scoring": scoring, "refit": "r2"} if isinstance(scoring, list) else {"scoring": scoring}
    with pytest.warns(FitFailedWarning, match="'max_depth' parameter of DecisionTreeRegressor must be"):
        search = make(TREE, values=[-1, 3, 1, -2], **options).fit(X, y)
    depths = [params["max_depth"] for params in search.cv_results_["params"]]
    scores = search.cv_results_["mean_test_r2" if "refit" in options else "mean_test_score"]
    assert sorted(depths) == [-2, -1, 1, 3]
    assert np.isnan(scores).tolist() == [depth < 0 for depth in depths]
    assert search.cv_results_["param_max_depth"].tolist() == depths
    assert search.best_params_["max_depth"] > 0


@BOTH
def test_error_score_raise_raises_what_the_fit_raises(make, regression_data):
    with pytest.raises(ValueError, match="'max_depth' parameter of DecisionTreeRegressor must be"):
        make(TREE, values=[-2, -1], error_score="raise").fit(*regression_data)


@BOTH
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_a_search_of_nothing_but_failures_fails(make, regression_data):
    with pytest.raises(ValueError, match=r"All the \d+ fits failed"):
        make(TREE, values=[-3, -2, -1], timeout=1000.0).fit(*regression_data)


@BOTH
def test_the_time_budget_ends_a_search_with_what_it_has(make, regression_data):
    X, y = regression_data
    with pytest.warns(UserWarning, match=r"timeout=1e-09\) with 3 of 4 candidates left out"):
        search = make(TREE, timeout=1e-9).fit(X, y)
    assert len(search.cv_results_["params"]) == 1
    assert search.predict(X).shape == y.shape


@BOTH
def test_progress_is_a_line_per_candidate(make, regression_data, capsys):
    search = make(TREE, verbose=1).fit(*regression_data)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert search.verbose == 1
    assert [line.split(",")[0] for line in lines] == [f"{n}/4 candidates" for n in (1, 2, 3, 4)]
    assert all("best score " in line for line in lines)


@BOTH
def test_more_of_it_is_what_scikit_learn_prints_of_each_fit(make, regression_data, capsys):
    make(TREE, verbose=2).fit(*regression_data)
    assert capsys.readouterr().out.count("[CV] END") == 12


@BOTH
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"timeout": 0},
            r"The 'timeout' parameter of {} must be a float in the range \(0.0, inf\) or None. Got 0 inst",
        ),
        ({"cv": "five"}, "The 'cv' parameter of {} must be"),
        ({"scoring": "beauty"}, "The 'scoring' parameter of {} must be"),
    ],
)
def test_messages_name_the_search(make, options, message, regression_data):
    search = make(TREE, **options)
    with pytest.raises(ValueError, match=message.format(type(search).__name__)):
        search.fit(*regression_data)


@BOTH
def test_metadata_is_routed(make, regression_data):
    X, y = regression_data
    groups, weights = np.arange(len(y)) % 5, np.linspace(1, 2, len(y))
    with sklearn.config_context(enable_metadata_routing=True):
        ridge = Ridge().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = make(ridge, "alpha", [0.1, 1.0], cv=GroupKFold(3)).fit(X, y, sample_weight=weights, groups=groups)
        folds = GroupKFold(3).split(X, y, groups)
        ridge.set_params(alpha=search.cv_results_["params"][0]["alpha"])
        for fold, (train, test) in enumerate(folds):
            score = ridge.fit(X[train], y[train], weights[train]).score(X[test], y[test], weights[test])
            np.testing.assert_allclose(search.cv_results_[f"split{fold}_test_score"][0], score)


@BOTH
def test_a_pipeline_and_an_outer_cross_validation(make, binary_data):
    X, y = binary_data
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    search = make(pipeline, "logisticregression__C", [0.01, 0.1, 1.0], scoring="roc_auc")
    assert cross_val_score(search, X, y, cv=2).min() > 0.8


@BOTH
@pytest.mark.skipif(not hasattr(CoarseToFineSearchCV, "set_callbacks"), reason="callbacks are new in scikit-learn 1.9")
@pytest.mark.filterwarnings("ignore:The estimator DecisionTreeRegressor does not support callbacks")
def test_callbacks_of_scikit_learn_see_every_fit(make, regression_data):
    from sklearn.callback import ProgressBar

    pytest.importorskip("rich")
    search = make(TREE, timeout=1000.0)
    search.set_callbacks(ProgressBar())
    assert len(search.fit(*regression_data).cv_results_["params"]) == 4


@BOTH
@pytest.mark.skipif(not hasattr(CoarseToFineSearchCV, "set_callbacks"), reason="callbacks are new in scikit-learn 1.9")
@pytest.mark.filterwarnings("ignore:The estimator DecisionTreeRegressor does not support callbacks")
def test_a_progress_bar_knows_how_much_is_left(make, regression_data):
    """It shows the time left only of tasks whose number of parts is known."""

    class Notes:
        tasks: ClassVar[list] = []

        def setup(self, estimator, context):
            pass

        def teardown(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context):
            self.tasks.append((context.task_name, context.max_subtasks))

        def on_fit_task_end(self, estimator, context):
            pass

    make(TREE, timeout=1000.0).set_callbacks(Notes()).fit(*regression_data)
    assert ("search", 4) in Notes.tasks
    assert Notes.tasks.count(("piece", 3)) == 4


@BOTH
def test_narrow_works_on_the_finished_search(make, regression_data):
    search = make(TREE).fit(*regression_data)
    narrowed = narrow({"max_depth": int_uniform(1, 50)}, search)["max_depth"]
    assert narrowed.high < 50


@pytest.mark.parametrize("kind", [BayesianSearchCV, CapacitySearchCV, CoarseToFineSearchCV, HyperbandSearchCV])
def test_every_parameter_is_kept_as_it_was_given(kind):
    given = {name: object() for name in inspect.signature(kind).parameters}
    assert kind(**given).get_params(deep=False) == given
