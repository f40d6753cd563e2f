"""A search with a storage goes on where it stopped, and only with what it began with."""

import re

import numpy as np
import optuna
import pandas as pd
import polars as pl
import pytest
from optuna.trial import TrialState
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score, balanced_accuracy_score, make_scorer
from sklearn.model_selection import GroupKFold, KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.search_space import log_uniform, topology, uniform

SPACE = {"var_smoothing": log_uniform(1e-9, 1e2), "priors": [None, (0.5, 0.5)]}


@pytest.fixture
def storage(tmp_path):
    return f"sqlite:///{tmp_path / 'search.db'}"


def new_search(storage, n_iter=4, space=SPACE, estimator=None, **arguments):
    estimator = GaussianNB() if estimator is None else estimator
    arguments = {"cv": 2, "random_state": 0, **arguments}
    return BayesianSearchCV(estimator, space, n_iter=n_iter, storage=storage, **arguments)


def stored_trials(storage, name="bayesian_search"):
    return optuna.load_study(study_name=name, storage=storage).trials


def same_rows(results, longer):
    """All columns of the first are the beginning of those of the second, times too."""
    assert results.keys() == longer.keys()
    n_rows = len(results["params"])
    for name in results:
        if not name.startswith("rank_"):
            np.testing.assert_array_equal(results[name], longer[name][:n_rows])


class CountsFits(GaussianNB):
    """Counts its fits in this process."""

    n_fits = 0

    def fit(self, X, y, sample_weight=None):
        CountsFits.n_fits += 1
        return super().fit(X, y, sample_weight)


@pytest.fixture
def counting():
    CountsFits.n_fits = 0
    return CountsFits()


class StopsOnce(optuna.storages.InMemoryStorage):
    """A storage whose process is interrupted at the third call of a method."""

    def __init__(self, method):
        super().__init__()
        self._method, self._n_calls = method, 0

    def _count(self, method):
        if method == self._method:
            self._n_calls += 1
            if self._n_calls == 3:
                raise KeyboardInterrupt

    def set_trial_user_attr(self, trial_id, key, value):
        self._count("set_trial_user_attr")
        super().set_trial_user_attr(trial_id, key, value)

    def set_trial_state_values(self, trial_id, state, values=None):
        if state.is_finished():  # the queued one, which the search begins with, is set running in the same way
            self._count("set_trial_state_values")
        return super().set_trial_state_values(trial_id, state, values)


@pytest.mark.parametrize("method", ["set_trial_user_attr", "set_trial_state_values"])
def test_stopped_between_two_steps(binary_data, counting, method):
    """The outcome is written before the state: with it, a trial that seems to be running is finished."""
    storage = StopsOnce(method)
    with pytest.raises(KeyboardInterrupt):
        new_search(storage, estimator=counting).fit(*binary_data)
    assert stored_trials(storage)[2].state == TrialState.RUNNING
    search = new_search(storage, estimator=counting).fit(*binary_data)
    n_evaluated = 5 if method == "set_trial_user_attr" else 4
    assert CountsFits.n_fits == 2 * n_evaluated + 1  # two folds each, and the refit
    alone = new_search(None).fit(*binary_data)
    assert search.cv_results_["params"] == alone.cv_results_["params"]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])


# Going on


@pytest.mark.parametrize("scoring", [None, ["accuracy", "neg_log_loss"]])
def test_more_candidates(storage, binary_data, scoring):
    further = {"scoring": scoring, "refit": "accuracy" if scoring else True, "return_train_score": True}
    first = new_search(storage, 5, **further).fit(*binary_data)
    second = new_search(storage, 14, **further).fit(*binary_data)
    same_rows(first.cv_results_, second.cv_results_)
    at_once = new_search(None, 14, **further).fit(*binary_data)
    assert second.cv_results_["params"] == at_once.cv_results_["params"]
    for name in second.cv_results_:
        if "test" in name or "train" in name:
            np.testing.assert_array_equal(second.cv_results_[name], at_once.cv_results_[name])
    assert (second.best_index_, second.best_score_) == (at_once.best_index_, at_once.best_score_)


@pytest.mark.parametrize("n_iter", [4, 2])
def test_a_finished_search_fits_the_best_candidate_only(storage, binary_data, counting, n_iter):
    first = new_search(storage, estimator=counting).fit(*binary_data)
    CountsFits.n_fits = 0
    second = new_search(storage, n_iter, estimator=counting).fit(*binary_data)
    assert CountsFits.n_fits == 1
    same_rows(first.cv_results_, second.cv_results_)
    assert second.best_params_ == first.best_params_
    assert second.multimetric_ is False
    np.testing.assert_array_equal(second.predict(binary_data[0]), first.predict(binary_data[0]))


def test_what_may_change(storage, binary_data):
    first = new_search(
        storage, estimator=KerasClassifier(epochs=2, random_state=0), space={"learning_rate": [0.1, 0.01]}
    )
    first.fit(*binary_data)
    other = clone(first).set_params(
        n_jobs=2,
        n_candidates_per_batch=2,
        pre_dispatch=2,
        timeout=1000,
        n_iter=5,
        random_state=None,
        sampler=optuna.samplers.RandomSampler(),
        refit=False,
        error_score=0.0,
        estimator__verbose=0,
        estimator__memory="elsewhere",
    )
    assert len(other.fit(*binary_data).cv_results_["params"]) == 5


def test_a_sampler_with_a_seed_does_not_repeat_itself(storage, binary_data):
    for n_iter in (3, 6):
        sampler = optuna.samplers.RandomSampler(seed=0)
        search = new_search(storage, n_iter, space={"var_smoothing": uniform(0, 1)}, sampler=sampler).fit(*binary_data)
    assert len({params["var_smoothing"] for params in search.cv_results_["params"]}) == 6


@pytest.mark.parametrize("kind", ["memory", "database", "journal"])
def test_storages_of_optuna(tmp_path, binary_data, kind):
    storages = optuna.storages
    storage = {
        "memory": storages.InMemoryStorage,
        "database": lambda: storages.RDBStorage(f"sqlite:///{tmp_path}/search.db"),
        "journal": lambda: storages.JournalStorage(storages.journal.JournalFileBackend(str(tmp_path / "search.log"))),
    }[kind]()
    first = new_search(storage, study_name="mine", n_jobs=2).fit(*binary_data)
    same_rows(first.cv_results_, new_search(storage, 5, study_name="mine").fit(*binary_data).cv_results_)
    assert len(stored_trials(storage, "mine")) == 5


def test_failed_candidates_are_kept(storage, binary_data, counting):
    def run(n_iter):
        space = {"priors": [None, (0.5, 0.6)]}  # a sum that GaussianNB refuses
        search = new_search(storage, n_iter, space, counting, sampler=optuna.samplers.RandomSampler(seed=0))
        with pytest.warns(UserWarning, match="test scores are non-finite"):
            return search.fit(*binary_data)

    with pytest.warns(FitFailedWarning):
        first = run(5)
    n_fits = CountsFits.n_fits
    same_rows(first.cv_results_, run(5).cv_results_)
    assert CountsFits.n_fits == n_fits + 1
    assert TrialState.FAIL in [trial.state for trial in stored_trials(storage)]


def test_several_searches_in_one_storage(storage, binary_data):
    new_search(storage, study_name="naive").fit(*binary_data)
    new_search(storage, study_name="ridge", estimator=Ridge(), space={"alpha": [1.0, 2.0]}).fit(*binary_data)
    assert set(optuna.get_all_study_names(storage)) == {"naive", "ridge"}


def test_queued_candidates_come_first(storage, binary_data):
    """Whoever has an idea may put it into the study before the search begins."""
    study = optuna.create_study(study_name="bayesian_search", storage=storage, direction="maximize")
    study.enqueue_trial({"var_smoothing": 0.5, "priors": None})
    search = new_search(storage).fit(*binary_data)
    assert search.cv_results_["params"][0] == {"var_smoothing": 0.5, "priors": None}


def test_networks_go_on(storage, multiclass_data):
    space = {"hidden_layer_sizes": topology((1, 2), (4, 8)), "activation": ["relu", np.tanh.__name__]}
    network = KerasClassifier(epochs=2, random_state=0)
    first = new_search(storage, 2, space, network).fit(*multiclass_data)
    second = new_search(storage, 4, space, network, n_jobs=2).fit(*multiclass_data)
    same_rows(first.cv_results_, second.cv_results_)
    assert all(isinstance(params["hidden_layer_sizes"], tuple) for params in second.cv_results_["params"])


# What does not belong together


def scaled(**parameters):
    return Pipeline([("scale", StandardScaler()), ("classify", GaussianNB(**parameters))])


IN_PIPELINE = {f"classify__{name}": space for name, space in SPACE.items()}
HALF = {**SPACE, "var_smoothing": log_uniform(1e-9, 1e1)}
FEWER = {**SPACE, "priors": [None]}
SAME_FOLDS = [(np.arange(100), np.arange(100, 200)), (np.arange(100, 200), np.arange(100))]


@pytest.mark.few(5)
@pytest.mark.parametrize(
    ("first", "second", "difference"),
    [
        (
            {},
            {"space": HALF},
            "param_distributions was {'var_smoothing': log_uniform(1e-09, 100.0), 'priors': [None, [0.5, 0.5]]} and is "
            "{'var_smoothing': log_uniform(1e-09, 10.0), 'priors': [None, [0.5, 0.5]]} now.",
        ),
        ({}, {"space": FEWER}, "param_distributions was {'var_smoothing': "),
        ({}, {"space": [SPACE, HALF]}, "param_distributions was {"),
        ({}, {"scoring": "roc_auc"}, "scoring was None and is 'roc_auc' now."),
        (
            {"scoring": make_scorer(accuracy_score)},
            {"scoring": make_scorer(balanced_accuracy_score)},
            "scoring was make_scorer(accuracy_score, response_method='predict') and is make_scorer(balanced_",
        ),
        (
            {"scoring": ["accuracy", "roc_auc"], "refit": "accuracy"},
            {"scoring": ["accuracy", "roc_auc"], "refit": "roc_auc"},
            "refit was by accuracy and is by roc_auc now.",
        ),
        ({}, {"cv": KFold(2)}, "cv was StratifiedKFold(n_splits=2, random_state=None, shuffle=False) and is KFold("),
        ({"cv": SAME_FOLDS}, {"cv": SAME_FOLDS[::-1]}, "cv was folds with the hash "),
        ({}, {"return_train_score": True}, "return_train_score was False and is True now."),
        ({}, {"estimator": GaussianNB(priors=[0.3, 0.7])}, "estimator.priors was None and is [0.3, 0.7] now."),
        (
            {"estimator": scaled(), "space": IN_PIPELINE},
            {"estimator": scaled(var_smoothing=0.1), "space": IN_PIPELINE},
            "estimator.classify__var_smoothing was 1e-09 and is 0.1 now.",
        ),
        (
            {"estimator": scaled(), "space": IN_PIPELINE},
            {"estimator": scaled().set_params(scale="passthrough"), "space": IN_PIPELINE},
            "estimator.steps was [['scale', sklearn.preprocessing._data.StandardScaler], ['classify', ",
        ),
    ],
)
def test_another_search_is_refused(storage, binary_data, first, second, difference):
    new_search(storage, 1, **first).fit(*binary_data)
    with pytest.raises(ValueError) as error:
        new_search(storage, 2, **second).fit(*binary_data)
    assert str(error.value).startswith(
        f"The study 'bayesian_search' in the given 'storage' belongs to another search: {difference}"
    )
    assert str(error.value).endswith(
        "Give another 'study_name' or 'storage' to begin a new search. To go on with this one, make the call that it "
        "was made with."
    )
    assert len(stored_trials(storage)) == 1
    new_search(storage, 2, **first).fit(*binary_data)


def test_other_data_have_a_study_of_their_own(storage, binary_data):
    X, y = binary_data
    weights, groups = np.ones(len(y)), np.arange(len(y)) % 2
    data = [
        (X, y, weights, groups),
        (X + 1e-9, y, weights, groups),
        (X[:, :5], y, weights, groups),
        (X[:150], y[:150], weights[:150], groups[:150]),
        (X, 1 - y, weights, groups),
        (X, y, weights * 2, groups),
        (X, y, None, groups),
        (X, y, weights, 1 - groups),
    ]
    names = []
    for n_iter in (1, 2):
        for X_now, y_now, weights_now, groups_now in data:
            search = new_search(storage, n_iter, cv=GroupKFold(2))
            search.fit(X_now, y_now, sample_weight=weights_now, groups=groups_now)
            assert len(search.study_.trials) == n_iter
            names.append(search.study_.study_name)
    assert names[0] == "bayesian_search"
    assert names[: len(data)] == names[len(data) :]  # each goes on with its own
    assert len(set(names)) == len(data)
    assert all(re.fullmatch(r"bayesian_search \[[0-9a-f]{12}\]", name) for name in names[1 : len(data)])


def test_settings_are_compared_within_the_data(storage, binary_data):
    X, y = binary_data
    new_search(storage).fit(X, y)
    new_search(storage, scoring="roc_auc").fit(X[:100], y[:100])  # other data may have other settings
    with pytest.raises(
        ValueError, match=r"^The study 'bayesian_search \[\w+\]' in the given 'storage' belongs to anoth"
    ):
        new_search(storage).fit(X[:100], y[:100])


@pytest.mark.parametrize(
    "form",
    [
        np.asfortranarray,
        pd.DataFrame,
        lambda X: pl.DataFrame(X),
        sparse.csr_array,
        sparse.csc_matrix,
        np.ndarray.tolist,
    ],
    ids=["array", "pandas", "polars", "csr", "csc", "list"],
)
def test_equal_data_are_the_same_data(storage, binary_data, form):
    X, y = binary_data
    estimator, space = Ridge(), {"alpha": [1.0, 2.0]}
    for n_iter in (1, 2):
        search = new_search(storage, n_iter, space, estimator).fit(form(X.copy()), y.copy())
    assert len(search.cv_results_["params"]) == 2


def test_a_table_taken_from_another_is_the_same_data(storage, binary_data):
    """pandas keeps the same columns in other blocks, depending on how a table was made."""
    X, y = binary_data
    table = pd.DataFrame(X, columns=list("abcdef")).assign(text=[f"value {row % 3}" for row in y])
    tables = [table, pd.concat([table[[name]] for name in table], axis=1).copy(), table.iloc[::-1].iloc[::-1]]
    for n_iter, same in enumerate(tables, start=1):
        numbers = Pipeline([("drop", FirstColumns()), ("ridge", Ridge())])
        search = new_search(storage, n_iter, {"ridge__alpha": [1.0, 2.0]}, numbers).fit(same, pd.Series(y))
    assert len(search.cv_results_["params"]) == 3


class FirstColumns(StandardScaler):
    def fit(self, X, y=None, sample_weight=None):
        return super().fit(X.iloc[:, :6], y)

    def transform(self, X, copy=None):
        return super().transform(X.iloc[:, :6])


def test_a_study_from_elsewhere_is_refused(storage, binary_data):
    study = optuna.create_study(study_name="mine", storage=storage, direction="maximize")
    study.add_trial(optuna.trial.create_trial(value=1.0))
    optuna.create_study(study_name="error", storage=storage)
    with pytest.raises(ValueError) as error:
        new_search(storage, study_name="mine").fit(*binary_data)
    assert str(error.value) == (
        "The study 'mine' in the given 'storage' has trials that do not come from BayesianSearchCV. Give another "
        "'study_name' or 'storage' to begin a new search."
    )
    with pytest.raises(ValueError) as error:
        new_search(storage, study_name="error").fit(*binary_data)
    assert str(error.value) == (
        "The study 'error' in the given 'storage' looks for a minimum, but scores are to be as high as possible. Give "
        "another 'study_name' or 'storage' to begin a new search."
    )
