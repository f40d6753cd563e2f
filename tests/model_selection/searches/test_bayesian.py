"""Bayesian search within one process: a search of scikit-learn like any other, and a study of Optuna."""

import logging
import pickle
import time
import warnings

import numpy as np
import optuna
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier, is_regressor
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    RandomizedSearchCV,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import BayesianSearchCV
from sknn_tune.search_space import int_uniform, log_uniform, topology, uniform

#: Of an estimator that is fitted in no time.
SPACE = {"var_smoothing": log_uniform(1e-9, 1e2), "priors": [None, (0.5, 0.5)]}


def new_search(estimator=None, space=SPACE, **arguments):
    arguments = {"n_iter": 4, "cv": 2, "random_state": 0, **arguments}
    return BayesianSearchCV(GaussianNB() if estimator is None else estimator, space, **arguments)


def same_results(one, other):
    """Equal candidates and scores; times differ between any two runs."""
    one, other = one.cv_results_, other.cv_results_
    assert one["params"] == other["params"]
    for name in one.keys() & other.keys():
        if "test" in name or "train" in name:
            np.testing.assert_array_equal(one[name], other[name])


# scikit-learn's contract

#: What scikit-learn itself expects to fail for RandomizedSearchCV, some of it with some estimators only.
EXPECTED_FAILURES = {
    "check_supervised_y_2d": "DataConversionWarning not caught",
    "check_requires_y_none": "Doesn't fail gracefully",
}


def _checks():
    """scikit-learn's mark with a list in the place of a generator, which pytest 9 warns of (scikit-learn < 1.8)."""
    searches = [
        BayesianSearchCV(estimator, space, n_iter=2, cv=2, error_score="raise", random_state=0)
        for estimator, space in (
            (Ridge(), {"alpha": [0.1, 1.0]}),
            (Pipeline([("scale", StandardScaler()), ("last", GaussianNB())]), {"last__var_smoothing": [1e-9, 1e-3]}),
        )
    ]
    mark = parametrize_with_checks(searches).mark
    names, values = mark.args
    return pytest.mark.parametrize(names, list(values), **mark.kwargs)


@_checks()
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")  # of a target with infinity
def test_scikit_learn_check_of_the_search(estimator, check):
    name = getattr(check, "func", check).__name__
    try:
        check(estimator)
    except AssertionError:
        if name not in EXPECTED_FAILURES:
            raise
        pytest.xfail(EXPECTED_FAILURES[name])


def test_is_what_its_estimator_is():
    assert is_classifier(new_search())
    assert is_regressor(new_search(Ridge()))


def test_clone_and_pickle(binary_data):
    search = new_search(storage=optuna.storages.InMemoryStorage(), sampler=optuna.samplers.RandomSampler(seed=0))
    assert repr(clone(search).get_params()["param_distributions"]) == repr(SPACE)
    search = new_search().fit(*binary_data)
    again = pickle.loads(pickle.dumps(search))
    same_results(search, again)
    assert again.study_.best_value == search.best_score_
    assert not hasattr(clone(search), "study_")


@pytest.mark.parametrize("return_train_score", [False, True])
def test_columns_are_those_of_a_random_search(binary_data, return_train_score):
    further = {"scoring": ["accuracy", "neg_log_loss"], "refit": "accuracy", "return_train_score": return_train_score}
    search = new_search(**further).fit(*binary_data)
    random = RandomizedSearchCV(GaussianNB(), SPACE, n_iter=4, cv=2, **further).fit(*binary_data)
    assert set(search.cv_results_) == set(random.cv_results_)
    for name, column in random.cv_results_.items():
        if name != "params":
            assert (search.cv_results_[name].dtype, len(search.cv_results_[name])) == (column.dtype, len(column)), name


def test_scores_are_those_of_a_grid_search_over_the_same_candidates(binary_data):
    search = new_search(return_train_score=True).fit(*binary_data)
    grid = [{name: [value] for name, value in params.items()} for params in search.cv_results_["params"]]
    reference = GridSearchCV(GaussianNB(), grid, cv=2, return_train_score=True).fit(*binary_data)
    same_results(search, reference)
    assert (search.best_index_, search.best_params_) == (reference.best_index_, reference.best_params_)
    np.testing.assert_array_equal(search.predict_proba(binary_data[0]), reference.predict_proba(binary_data[0]))


def test_works_in_cross_validation(binary_data):
    assert (cross_val_score(new_search(n_iter=2), *binary_data, cv=2) > 0.8).all()


def test_metadata_is_routed(binary_data):
    X, y = binary_data
    weights = np.where(y == 1, 10.0, 0.1)
    groups = np.arange(len(y)) % 3
    with config_context(enable_metadata_routing=True):
        estimator = GaussianNB().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        routed = new_search(estimator, cv=GroupKFold(3)).fit(X, y, sample_weight=weights, groups=groups)
    plain = new_search(cv=GroupKFold(3)).fit(X, y, groups=groups)
    assert routed.cv_results_["params"][:1] == plain.cv_results_["params"][:1]
    assert routed.cv_results_["mean_test_score"][0] != plain.cv_results_["mean_test_score"][0]


def test_all_candidates_have_the_same_folds(binary_data):
    cv = ShuffleSplit(2, random_state=np.random.RandomState(0))
    search = new_search(space={"priors": [None, (0.5, 0.5)]}, n_iter=6, cv=cv).fit(*binary_data)
    scores = search.cv_results_["mean_test_score"]
    balanced = np.array([params["priors"] is not None for params in search.cv_results_["params"]])
    assert np.ptp(scores[balanced]) == np.ptp(scores[~balanced]) == 0


# What is optimised


def test_the_study_has_the_scores(binary_data):
    search = new_search().fit(*binary_data)
    np.testing.assert_array_equal(
        [trial.value for trial in search.study_.trials], search.cv_results_["mean_test_score"]
    )
    assert search.study_.best_trial.number == search.best_index_
    assert set(search.study_.best_params) == set(SPACE)


def both_scores(estimator, X, y):
    return {
        "loss": -log_loss(y, estimator.predict_proba(X)),
        "accuracy": accuracy_score(y, estimator.predict(X)),
    }


def last_candidate(results):
    return len(results["params"]) - 1


@pytest.mark.parametrize(
    ("scoring", "refit", "optimised"),
    [
        (None, True, "score"),
        ("neg_log_loss", last_candidate, "score"),
        (make_scorer(accuracy_score), False, "score"),
        (["accuracy", "neg_log_loss"], "neg_log_loss", "neg_log_loss"),
        (["accuracy", "neg_log_loss"], "accuracy", "accuracy"),
        ({"loss": "neg_log_loss", "accuracy": "accuracy"}, last_candidate, "loss"),
        (("neg_log_loss", "accuracy"), False, "neg_log_loss"),
        (both_scores, "accuracy", "accuracy"),
        (both_scores, last_candidate, "loss"),
        (both_scores, False, "loss"),
    ],
)
def test_metric_that_is_optimised(binary_data, scoring, refit, optimised):
    search = new_search(scoring=scoring, refit=refit).fit(*binary_data)
    values = [trial.value for trial in search.study_.trials]
    np.testing.assert_array_equal(values, search.cv_results_[f"mean_test_{optimised}"])
    assert hasattr(search, "best_estimator_") == (refit is not False)
    if callable(refit):
        assert search.best_index_ == 3
    elif refit is not False:
        assert search.best_score_ == max(values)


@pytest.mark.parametrize("scoring", [["accuracy", "neg_log_loss"], both_scores])
def test_refit_must_name_one_of_several_metrics(binary_data, scoring):
    with pytest.raises(ValueError, match="the parameter refit must be set to a scorer key or a callable"):
        new_search(scoring=scoring, refit=True).fit(*binary_data)


def test_finds_better_candidates_than_it_began_with():
    class Hill(BaseEstimator):
        """Its score is highest at x = 0.3, y = 10 ** -3, in a network of two layers."""

        def __init__(self, x=0.0, y=1.0, layers=()):
            self.x, self.y, self.layers = x, y, layers

        def fit(self, X, y=None):
            return self

        def score(self, X, y=None):
            return -abs(self.x - 0.3) - abs(np.log10(self.y) + 3) / 4 - abs(len(self.layers) - 2)

    space = {"x": uniform(0, 1), "y": log_uniform(1e-5, 1e-1), "layers": topology(n_layers=(1, 4))}
    search = new_search(Hill(), space, n_iter=50).fit(np.zeros((4, 1)))
    scores = search.cv_results_["mean_test_score"]
    assert np.median(scores[-15:]) > np.median(scores[:10]) + 0.5


# Candidates


def test_the_same_random_state_gives_the_same_candidates(binary_data):
    same_results(new_search().fit(*binary_data), new_search().fit(*binary_data))
    same_results(
        new_search(random_state=np.random.RandomState(3)).fit(*binary_data),
        new_search(random_state=np.random.RandomState(3)).fit(*binary_data),
    )
    other = new_search(random_state=1).fit(*binary_data)
    assert other.cv_results_["params"] != new_search().fit(*binary_data).cv_results_["params"]


def test_a_longer_search_begins_as_a_shorter_one(binary_data):
    longer = new_search(n_iter=14).fit(*binary_data).cv_results_["params"]
    assert longer[:12] == new_search(n_iter=12).fit(*binary_data).cv_results_["params"]


CONDITIONAL = [
    {"criterion": ["gini"], "max_depth": int_uniform(1, 5)},
    {"criterion": ["entropy"], "max_depth": int_uniform(2, 3), "min_samples_leaf": int_uniform(1, 9)},
]


def test_conditional_spaces(binary_data):
    search = new_search(DecisionTreeClassifier(random_state=0), CONDITIONAL, n_iter=14).fit(*binary_data)
    for params in search.cv_results_["params"]:
        space = CONDITIONAL[params["criterion"] == "entropy"]
        assert list(params) == list(space)
        assert params["max_depth"] in space["max_depth"]
    absent = np.ma.getmaskarray(search.cv_results_["param_min_samples_leaf"])
    assert 0 < absent.sum() < 14


@pytest.mark.parametrize(
    "sampler",
    [
        optuna.samplers.RandomSampler(seed=0),
        optuna.samplers.TPESampler(seed=0, n_startup_trials=2),
        optuna.samplers.NSGAIISampler(seed=0),
    ],
    ids=lambda sampler: type(sampler).__name__,
)
def test_any_sampler(binary_data, sampler):
    search = new_search(sampler=sampler, random_state=None)
    same_results(search.fit(*binary_data), clone(search).fit(*binary_data))  # the sampler itself is never used up
    assert type(search.study_.sampler) is type(sampler)


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")  # of BruteForceSampler before Optuna 5
@pytest.mark.parametrize("n_candidates_per_batch", [1, 2])
@pytest.mark.parametrize("name", ["GridSampler", "BruteForceSampler"])
def test_a_sampler_with_a_finite_list_ends_the_search(binary_data, name, n_candidates_per_batch):
    values = [0.1, 1.0, 10.0]
    arguments = [{"var_smoothing": values}] if name == "GridSampler" else []
    sampler = getattr(optuna.samplers, name)(*arguments, seed=0)
    search = new_search(
        space={"var_smoothing": values},
        sampler=sampler,
        n_iter=10,
        n_candidates_per_batch=n_candidates_per_batch,
    ).fit(*binary_data)
    tried = [params["var_smoothing"] for params in search.cv_results_["params"]]
    assert set(tried) == set(values)
    assert len(tried) < 3 + n_candidates_per_batch  # the last batch may have one too many


@pytest.mark.parametrize("n_candidates_per_batch", [1, 3])
def test_jobs_change_no_result(binary_data, n_candidates_per_batch):
    arguments = {"n_iter": 13, "n_candidates_per_batch": n_candidates_per_batch}
    alone = new_search(**arguments).fit(*binary_data)
    together = new_search(n_jobs=2, **arguments).fit(*binary_data)
    same_results(alone, together)
    assert len(together.cv_results_["params"]) == 13


def test_candidates_of_a_batch_differ():
    """Each has a seed of its own, and TPE keeps away from those that are running."""
    X, y = np.arange(20.0).reshape(-1, 1), np.arange(20) % 2
    search = new_search(space={"var_smoothing": uniform(0.1, 1.0)}, n_iter=20, n_candidates_per_batch=5).fit(X, y)
    assert len({params["var_smoothing"] for params in search.cv_results_["params"]}) == 20


# Failures


class Fails(ClassifierMixin, BaseEstimator):
    """Cannot be fitted with some values, and not scored with others."""

    def __init__(self, level=0):
        self.level = level

    def fit(self, X, y):
        if self.level == 2:
            raise ValueError("level 2 is too high")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0 if self.level == 0 else 1])

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


@pytest.mark.parametrize("n_candidates_per_batch", [1, 2])
@pytest.mark.parametrize(
    ("scoring", "refit", "metrics"),
    [
        (None, True, ["score"]),
        (["accuracy", "neg_log_loss"], "accuracy", ["accuracy", "neg_log_loss"]),
        (both_scores, "accuracy", ["loss", "accuracy"]),
    ],
)
def test_failed_candidates_do_not_end_the_search(binary_data, scoring, refit, metrics, n_candidates_per_batch):
    search = new_search(
        Fails(),
        {"level": [0, 1, 2]},
        n_iter=8,
        scoring=scoring,
        refit=refit,
        return_train_score=True,
        n_candidates_per_batch=n_candidates_per_batch,
        sampler=optuna.samplers.RandomSampler(seed=1),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        search.fit(*binary_data)
    assert any(warning.category is FitFailedWarning for warning in caught)
    assert sum("test scores are non-finite" in str(warning.message) for warning in caught) == len(metrics)
    levels = np.array([params["level"] for params in search.cv_results_["params"]])
    assert set(levels) == {0, 1, 2}
    for metric in metrics:
        for kind in ("test", "train"):
            np.testing.assert_array_equal(np.isnan(search.cv_results_[f"mean_{kind}_{metric}"]), levels == 2)
    failed = [trial.state == optuna.trial.TrialState.FAIL for trial in search.study_.trials]
    np.testing.assert_array_equal(failed, levels == 2)
    assert search.best_params_ == {"level": 1}


def test_warning_of_a_failed_candidate_has_its_parameters_and_the_error(binary_data):
    search = new_search(Fails(), {"level": [1, 2]}, sampler=optuna.samplers.RandomSampler(seed=0), error_score=0.0)
    with pytest.warns(FitFailedWarning) as caught:
        search.fit(*binary_data)
    message = str(caught[0].message)
    assert message.startswith("All fits failed with {'level': 2}. Their score is 0.0.")
    assert "ValueError: level 2 is too high" in message
    assert 0.0 in search.cv_results_["mean_test_score"]
    assert all(trial.state == optuna.trial.TrialState.COMPLETE for trial in search.study_.trials)


def test_error_score_raise(binary_data):
    with pytest.raises(ValueError, match=r"^level 2 is too high$"):
        new_search(Fails(), {"level": [2]}, error_score="raise").fit(*binary_data)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_all_candidates_failed(binary_data):
    with pytest.raises(ValueError) as error:
        new_search(Fails(), {"level": [2]}).fit(*binary_data)
    assert str(error.value).startswith(
        "All fits of all 4 candidates failed, so none can be chosen. Set error_score='raise' to see where. The last of "
        "the errors:\n"
    )
    assert "ValueError: level 2 is too high" in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_iter": 0}, "The 'n_iter' parameter of BayesianSearchCV must be an int in the range [1, inf)"),
        ({"n_candidates_per_batch": 0}, "The 'n_candidates_per_batch' parameter of BayesianSearchCV must be an int"),
        ({"timeout": 0}, "The 'timeout' parameter of BayesianSearchCV must be a float in the range (0.0, inf)"),
        ({"sampler": "tpe"}, "The 'sampler' parameter of BayesianSearchCV must be an object implementing"),
        ({"storage": 3}, "The 'storage' parameter of BayesianSearchCV must be an instance of 'str', an object"),
        ({"space": []}, "must be a dict or a list of at least one dict. Got []."),
        ({"space": {"priors": "high"}}, "Optuna cannot draw 'priors' from 'high'."),
        ({"space": {"D": [1]}}, "Invalid parameter 'D' for estimator GaussianNB()."),
    ],
)
def test_errors(binary_data, arguments, message):
    with pytest.raises(ValueError) as error:
        new_search(**arguments).fit(*binary_data)
    assert message in str(error.value)


# Time and messages


class Sleeps(ClassifierMixin, BaseEstimator):
    SECONDS = 0.02

    def __init__(self, level=0.0):
        self.level = level

    def fit(self, X, y):
        time.sleep(self.SECONDS)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_timeout_ends_the_search_with_what_there_is(binary_data):
    search = new_search(Sleeps(), {"level": uniform(0, 1)}, n_iter=1000, timeout=0.5)
    with pytest.warns(UserWarning, match=r"The time of the search was spent \(timeout=0.5\)"):
        search.fit(*binary_data)
    n_candidates = len(search.cv_results_["params"])
    # However fast the machine: a candidate takes as long as its fits sleep, and one may begin just before the end.
    assert 1 <= n_candidates <= 0.5 / (Sleeps.SECONDS * search.n_splits_) + 1
    assert len(search.study_.trials) == len(search.cv_results_["params"])


class Kept(logging.Handler):
    """Optuna's messages do not reach pytest."""

    def __init__(self):
        super().__init__()
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


def test_silent_by_default_and_the_level_of_optunas_messages_is_left_alone(binary_data, capfd, tmp_path):
    before, kept = optuna.logging.get_verbosity(), Kept()
    optuna.logging.set_verbosity(optuna.logging.INFO)
    logging.getLogger("optuna").addHandler(kept)
    try:
        optuna.create_study(study_name="seen")
        assert kept.messages == ["A new study created in memory with name: seen"]
        capfd.readouterr()
        for storage in (None, f"sqlite:///{tmp_path}/study.db", f"sqlite:///{tmp_path}/study.db"):
            new_search(storage=storage).fit(*binary_data)
        assert len(kept.messages) == 1
        assert capfd.readouterr() == ("", "")
        assert optuna.logging.get_verbosity() == optuna.logging.INFO
    finally:
        logging.getLogger("optuna").removeHandler(kept)
        optuna.logging.set_verbosity(before)


def test_progress(binary_data, capfd):
    search = new_search(verbose=1, scoring=["neg_log_loss", "accuracy"], refit="accuracy").fit(*binary_data)
    last = capfd.readouterr().err.splitlines()[-1]
    assert last.startswith(f"4/4 candidates, best accuracy {search.best_score_:.4g} ± ")


def test_tasks_of_callbacks(binary_data, capfd):
    callback = pytest.importorskip("sklearn.callback", reason="callbacks need scikit-learn 1.9")
    search = new_search(LogisticRegression(), {"C": [1.0, 2.0]}, n_candidates_per_batch=3).set_callbacks(
        callback.ProgressBar()
    )
    search.fit(*binary_data)
    shown = capfd.readouterr().out
    assert "search" in shown and "batch" in shown


# Our networks


def test_networks(multiclass_data):
    space = {"hidden_layer_sizes": topology((1, 2), (4, 8)), "learning_rate": log_uniform(1e-3, 1e-1)}
    network = KerasClassifier(epochs=3, random_state=0)
    search = new_search(network, space, cv=StratifiedKFold(2), scoring="neg_log_loss").fit(*multiclass_data)
    for params in search.cv_results_["params"]:
        assert params["hidden_layer_sizes"] in space["hidden_layer_sizes"]
    assert search.predict(multiclass_data[0]).shape == (120,)


# Spaces of Optuna


def test_distributions_of_optuna_are_a_space_too():
    """The study sees them as they are."""
    D = optuna.distributions
    theirs = {
        "var_smoothing": D.FloatDistribution(1e-9, 1e2, log=True),
        "priors": D.CategoricalDistribution([None]),
    }
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    search = new_search(space=theirs).fit(X, y)
    same_results(search, new_search(space={"var_smoothing": log_uniform(1e-9, 1e2), "priors": [None]}).fit(X, y))
    assert search.study_.trials[0].distributions["var_smoothing"] == theirs["var_smoothing"]


@pytest.mark.parametrize("distribution", ["FloatDistribution(0, 1, step=0.25)", "IntDistribution(0, 1000, step=250)"])
def test_steps_of_optuna_are_kept(distribution):
    given = eval(f"optuna.distributions.{distribution}")
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    search = new_search(Ridge(alpha=given.low), {"alpha": given}, n_iter=12).fit(X, y)
    assert search.study_.trials[0].distributions["alpha"] == given
    assert {params["alpha"] / given.high for params in search.cv_results_["params"]} <= {0.0, 0.25, 0.5, 0.75, 1.0}
    assert search.cv_results_["params"][0] == {"alpha": given.low}  # the present settings
