"""Hyperband: its table, weights that go on, and the same scores as fits from the start."""

import inspect
import pickle
import tempfile

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor, VotingRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor, TabularRegressor
from sknn_tune.engine.machine._runner import MachineRunner
from sknn_tune.model_selection import HyperbandSearchCV, describe_search
from sknn_tune.model_selection.searches._brackets import brackets
from sknn_tune.search_space import log_uniform, narrow, uniform

SPACE = {"network__learning_rate": log_uniform(1e-4, 0.3), "network__batch_size": [16, 32]}


def network(**options):
    options = {"hidden_layer_sizes": (4,), "epochs": 9, "random_state": 0} | options
    return Pipeline([("scale", StandardScaler()), ("network", KerasClassifier(**options))])


def hyperband(estimator, space=None, **options):
    return HyperbandSearchCV(estimator, space or SPACE, **{"cv": 2, "random_state": 0} | options)


@pytest.fixture
def epochs_run(monkeypatch):
    """Counts the epochs that are really trained."""
    counted, original = [0], MachineRunner.run_epochs

    def counting(self, *args):
        counted[0] += args[-1]
        return original(self, *args)

    monkeypatch.setattr(MachineRunner, "run_epochs", counting)
    return counted


# --- the table ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "table"),
    [
        (27, [[(27, 1), (9, 3), (3, 9), (1, 27)], [(9, 3), (3, 9), (1, 27)], [(6, 9), (2, 27)], [(4, 27)]]),
        (
            81,  # table 1 of the paper
            [
                [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
                [(27, 3), (9, 9), (3, 27), (1, 81)],
                [(9, 9), (3, 27), (1, 81)],
                [(6, 27), (2, 81)],
                [(5, 81)],
            ],
        ),
    ],
)
def test_candidates_and_epochs_are_those_of_the_paper(most, table):
    found = brackets(1, most, factor=3)
    assert [[(rung.n_candidates, rung.n_resources) for rung in bracket] for bracket in found] == table


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize(("least", "most"), [(1, 100), (2, 100), (3, 20), (7, 243), (1, 5)])
def test_of_any_numbers_the_last_rung_has_all_and_the_first_no_less_than_the_least(factor, least, most):
    plan = brackets(least, most, factor)
    assert all(bracket[-1].n_resources == most for bracket in plan)
    assert least <= plan[0][0].n_resources < factor * least + 1
    epochs_of = {rung.iter: rung.n_resources for bracket in plan for rung in bracket}
    assert sorted(epochs_of.values()) == [epochs_of[place] for place in range(len(plan))]
    assert [len(bracket) for bracket in plan] == list(range(len(plan), 0, -1))
    assert all(rung.n_resources == epochs_of[rung.iter] for bracket in plan for rung in bracket)


class Formula(ClassifierMixin, BaseEstimator):
    """Scores by two numbers, of which the second counts the more, the longer it is trained."""

    def __init__(self, slow=0.5, quick=0.5, epochs=9):
        self.slow = slow
        self.quick = quick
        self.epochs = epochs

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        if self.quick > 0.9:
            raise ValueError("too quick")
        return self

    def score(self, X, y):
        return self.quick / self.epochs + self.slow * (1 - 1 / self.epochs)


FORMULA = {"slow": uniform(0, 1), "quick": uniform(0, 1)}


@pytest.fixture(scope="module")
def of_formula(binary_data):
    with pytest.warns(FitFailedWarning, match="too quick"), pytest.warns(UserWarning, match="non-finite"):
        return hyperband(Formula(), FORMULA).fit(*binary_data)


def test_the_best_of_each_rung_go_on_and_failures_never(of_formula):
    results, n_checked = of_formula.cv_results_, 0
    assert np.isnan(results["mean_test_score"]).any()
    for bracket in range(3):
        for rung in range(bracket, 2):
            here, above = ((results["bracket"] == bracket) & (results["iter"] == place) for place in (rung, rung + 1))
            scores, gone_on = results["mean_test_score"][here], results["param_slow"][above].tolist()
            best = results["param_slow"][here][np.argsort(-np.nan_to_num(scores, nan=-1), kind="stable")]
            assert gone_on == best[: len(gone_on)].tolist()
            n_checked += len(gone_on)
    assert n_checked == 3 + 1 + 1
    assert of_formula.n_candidates_ == [[9, 3, 1], [3, 1], [3]]
    assert of_formula.n_resources_ == [[1, 3, 9], [3, 9], [9]]
    assert np.array_equal(results["n_resources"], 3 ** results["iter"])
    assert (of_formula.min_resources_, of_formula.max_resources_, of_formula.n_possible_iterations_) == (1, 9, 3)


def test_the_best_is_one_of_those_that_ran_longest_whatever_others_score(of_formula, binary_data):
    results = of_formula.cv_results_
    longest = results["n_resources"] == 9
    assert of_formula.best_score_ == np.nanmax(results["mean_test_score"][longest])
    assert of_formula.best_params_["epochs"] == of_formula.best_estimator_.epochs == 9
    down = {"quick": uniform(0.5, 0.9), "slow": uniform(0, 0.1)}  # the fewer epochs, the better
    search = hyperband(Formula(), down, refit=lambda results: int(np.argmax(results["mean_test_score"]))).fit(
        *binary_data
    )
    best = search.cv_results_["mean_test_score"][search.best_index_]
    assert search.best_params_["epochs"] == 9
    assert best < search.cv_results_["mean_test_score"].max()


def test_the_present_settings_have_all_epochs_and_none_is_drawn_twice(of_formula):
    results = of_formula.cv_results_
    begun = [
        (params["slow"], params["quick"])
        for row, params in enumerate(results["params"])
        if results["iter"][row] == results["bracket"][row]
    ]
    assert len(set(begun)) == len(begun) == 9 + 3 + 3
    assert begun[12] == (0.5, 0.5)
    assert of_formula.not_in_space_ == {}


def test_a_space_of_few_candidates_is_tried_again_in_each_bracket_but_not_within_one(binary_data):
    search = hyperband(Formula(), {"slow": [0.1, 0.2, 0.3, 0.4]}, n_rounds=2).fit(*binary_data)
    assert search.n_candidates_ == [[4, 3, 1], [3, 1], [3]] * 2
    for bracket in range(6):
        begun = search.cv_results_["param_slow"][search.cv_results_["bracket"] == bracket][
            : 4 if bracket % 3 == 0 else 3
        ]
        assert len(set(begun)) == len(begun)


def test_what_reads_halving_searches_reads_this_one(of_formula):
    description = describe_search(of_formula)
    assert description.n_rounds == 3
    assert description.best == of_formula.best_index_
    assert set(description.resources[description.ranking[:5]]) == {9}
    # Three candidates were dropped after 9 epochs at most, so half of all reach down to those that lasted less.
    narrowed = narrow({"slow": uniform(0, 1)}, of_formula, top=0.2)["slow"]
    assert of_formula.best_params_["slow"] in narrowed


# --- networks ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def searched(binary_data):
    return hyperband(network()).fit(*binary_data)


def test_each_score_is_that_of_a_fit_with_so_many_epochs_from_the_start(searched, binary_data):
    for row, params in enumerate(searched.cv_results_["params"]):
        scores = cross_val_score(clone(network()).set_params(**params), *binary_data, cv=2)
        assert [searched.cv_results_[f"split{fold}_test_score"][row] for fold in range(2)] == scores.tolist()
    whole = network().set_params(**searched.best_params_).fit(*binary_data)
    np.testing.assert_array_equal(searched.predict_proba(binary_data[0]), whole.predict_proba(binary_data[0]))


def test_no_epoch_is_trained_twice_and_nothing_is_left_behind(searched, binary_data, epochs_run, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    estimator = network(random_state=None)
    search = hyperband(estimator).fit(*binary_data)
    in_each_fold = (9 * 1 + 3 * 2 + 1 * 6) + (3 * 3 + 1 * 6) + 3 * 9
    assert epochs_run[0] == 2 * in_each_fold + 9
    assert not any(tmp_path.iterdir())
    # What the search has set to make them go on is neither the user's nor the best estimator's.
    for each in (estimator, search.estimator, search.best_estimator_):
        assert (each["network"].random_state, each["network"].memory) == (None, None)
    assert searched.best_estimator_["network"].random_state == 0


@pytest.mark.parametrize("options", [{"learning_rate_schedule": "cosine"}, {"early_stopping": True, "patience": 1}])
def test_where_the_number_of_epochs_is_known_each_rung_is_a_fit_of_its_own(binary_data, options):
    search = hyperband(network(epochs=3, **options), n_rounds=1).fit(*binary_data)
    row = int(np.flatnonzero((search.cv_results_["iter"] == 1) & (search.cv_results_["bracket"] == 0))[0])
    fresh = cross_val_score(network(**options).set_params(**search.cv_results_["params"][row]), *binary_data, cv=2)
    assert search.cv_results_["mean_test_score"][row] == fresh.mean()


def test_processes_give_what_one_process_gives(searched, binary_data, tmp_path):
    two = hyperband(network(memory=tmp_path), n_jobs=2).fit(*binary_data)
    for name in ("params", "mean_test_score", "iter", "bracket"):
        np.testing.assert_array_equal(two.cv_results_[name], searched.cv_results_[name])
    assert any(tmp_path.iterdir())


def test_pickle_clone_and_repr(searched, binary_data):
    X = binary_data[0]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(searched)).predict(X), searched.predict(X))
    assert clone(searched).get_params(deep=False).keys() == searched.get_params(deep=False).keys()
    assert repr(hyperband(Formula(), {"slow": [1]}, factor=2)) == (
        "HyperbandSearchCV(cv=2, estimator=Formula(), factor=2,\n"
        "                  param_distributions={'slow': [1]}, random_state=0)"
    )
    given = {name: object() for name in inspect.signature(HyperbandSearchCV).parameters}
    assert HyperbandSearchCV(**given).get_params(deep=False) == given


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (KerasRegressor(epochs=9), "epochs"),
        (TabularRegressor(epochs=9), "epochs"),
        (TransformedTargetRegressor(KerasRegressor(epochs=9)), "regressor__epochs"),
        (Pipeline([("first", KerasRegressor()), ("last", KerasRegressor(epochs=9))]), "last__epochs"),
    ],
)
def test_the_epochs_of_a_network_are_found(estimator, name):
    search = HyperbandSearchCV(estimator, {})
    search._look_over()
    assert (search.resource_, search.max_resources_) == (name, 9)


class Ends(RegressorMixin, BaseEstimator):
    """Its rungs are no epochs, and its memory is nothing that a search may set."""

    def __init__(self, steps=4, depth=1, memory=None):
        self.steps = steps
        self.depth = depth
        self.memory = memory

    def fit(self, X, y):
        assert self.memory is None
        return self

    def score(self, X, y):
        return self.depth * self.steps


def test_any_int_may_grow_and_a_timeout_ends_with_the_longest_so_far(regression_data):
    search = hyperband(Ends(), {"depth": list(range(9))}, resource="steps", factor=2).fit(*regression_data)
    assert search.n_resources_ == [[1, 2, 4], [2, 4], [4]]
    assert search.best_params_["steps"] == 4
    with pytest.warns(UserWarning, match=r"timeout=1e-09\) with 12 of 13 candidates left out"):
        search.set_params(timeout=1e-9).fit(*regression_data)
    assert search.n_candidates_ == [[1]]
    assert search.best_params_["steps"] == 1


@pytest.mark.parametrize(
    ("estimator", "space", "options", "message"),
    [
        (
            Ridge(),
            {"alpha": [1]},
            {},
            r"takes the 'epochs' of the one network inside the estimator, but Ridge\(\) has none. Name",
        ),
        (
            VotingRegressor([(name, KerasRegressor()) for name in "ab"]),
            {"weights": [None]},
            {},
            "but the estimator has a__epochs, b__ep",
        ),
        (
            RandomForestRegressor(),
            {"max_depth": [1]},
            {"resource": "n_estimator"},
            r"does not have \(did you mean 'n_estimators'\?\)",
        ),
        (
            Ridge(),
            {"alpha": [1]},
            {"resource": "max_iter"},
            "takes the 'max_iter' that the estimator has, but that is None. Give",
        ),
        (Formula(), {"epochs": [1, 2]}, {}, "sets 'epochs' itself, from rung to rung. Leave it out of 'param_dist"),
        (
            Formula(epochs=2),
            FORMULA,
            {},
            r"must be at least factor \* min_resources = 3. Got 2, the 'epochs' of the estim",
        ),
        (
            Formula(),
            FORMULA,
            {"max_resources": 5, "min_resources": 2},
            "= 6. Got 5. Give more, or take RandomizedSearchCV",
        ),
        (Formula(), {"fast": [1]}, {}, "Invalid parameter 'fast'"),
        (Formula(), FORMULA, {"factor": 1}, "The 'factor' parameter of HyperbandSearchCV must be an int in the range"),
        (
            Formula(),
            FORMULA,
            {"factor": 2.5},
            "The 'factor' parameter of HyperbandSearchCV must be an int in the range",
        ),
        (
            Formula(),
            FORMULA,
            {"min_resources": 0},
            "The 'min_resources' parameter of HyperbandSearchCV must be an int in",
        ),
        (
            Formula(),
            FORMULA,
            {"max_resources": "all"},
            "The 'max_resources' parameter of HyperbandSearchCV must be an int",
        ),
    ],
    ids=[
        "no-network",
        "two-networks",
        "unknown",
        "no-number",
        "searched",
        "too-few",
        "too-many",
        "space",
        "one",
        "half",
        "none",
        "text",
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(estimator, space, options, message, binary_data):
    with pytest.raises(ValueError, match=message):
        hyperband(estimator, space, **options).fit(*binary_data)
