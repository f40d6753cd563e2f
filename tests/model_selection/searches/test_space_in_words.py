"""What a space says that its user did not mean."""

import re
import threading
import warnings

import numpy as np
import optuna
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sknn_tune import KerasClassifier
from sknn_tune.model_selection import BayesianSearchCV, CapacitySearchCV, CoarseToFineSearchCV
from sknn_tune.model_selection.searches._saying_once import saying_once
from sknn_tune.search_space import default_space, log_uniform, uniform


def bayesian(estimator, space):
    return BayesianSearchCV(estimator, space, n_iter=2, cv=2, random_state=0)


def coarse_to_fine(estimator, space):
    return CoarseToFineSearchCV(estimator, space, n_iter=2, n_rounds=2, cv=2, random_state=0)


BOTH = pytest.mark.parametrize("make", [bayesian, coarse_to_fine])
UNKNOWN = type("Unknown", (), {"__repr__": lambda self: "unknown"})()
NETWORK = KerasClassifier(hidden_layer_sizes=(2,), epochs=1, random_state=0)
PIPELINE = make_pipeline(StandardScaler(), NETWORK)


def sentences(search, data):
    """What the search warns of, in order, without what is said of scores."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        search.fit(*data)
    return [str(each.message) for each in caught if issubclass(each.category, UserWarning)]


# Names


@BOTH
@pytest.mark.parametrize(
    ("estimator", "name", "advice"),
    [
        (PIPELINE, "learning_rate", "write 'kerasclassifier__learning_rate': name of the step, two underscores, "),
        (PIPELINE, "kerasclasifier__epochs", "write 'kerasclassifier__epochs': "),
        (PIPELINE, "kerasclassifier_epochs", "write 'kerasclassifier__epochs': "),
        (PIPELINE, "kerasclassifier__epoch", "write 'kerasclassifier__epochs': "),
        (PIPELINE, "hidden_layer_size", "write 'kerasclassifier__hidden_layer_sizes': "),
        (PIPELINE, "random_state", "write 'kerasclassifier__random_state': "),
        (NETWORK, "kerasclassifier__learning_rate", "write 'learning_rate'."),
        (NETWORK, "learnin_rate", "write 'learning_rate'."),
        (Pipeline([("one", Ridge()), ("two", Ridge())]), "alpha", "write 'one__alpha' or 'two__alpha': "),
        (make_pipeline(make_column_transformer((StandardScaler(), [0])), Ridge()), "with_mean",
         "write 'columntransformer__standardscaler__with_mean': "),
    ],
)  # fmt: skip
def test_a_wrong_name_is_answered_with_the_nearest(binary_data, make, estimator, name, advice):
    with pytest.raises(ValueError) as error:
        make(estimator, {name: [1, 2]}).fit(*binary_data)
    assert str(error.value).startswith(f"Invalid parameter {name!r} for estimator ")
    search = type(make(estimator, {})).__name__
    assert f" In the 'param_distributions' parameter of {search}, {advice}" in str(error.value)


@BOTH
def test_a_name_like_no_other_has_scikit_learns_message(binary_data, make):
    with pytest.raises(ValueError, match=r"Invalid parameter 'D' for estimator GaussianNB\(\)"):
        make(GaussianNB(), {"D": [1]}).fit(*binary_data)


@BOTH
def test_a_name_is_a_text(binary_data, make):
    with pytest.raises(ValueError, match=r"parameter of \w+, names of parameters must be texts. Got 1\.$"):
        make(GaussianNB(), {1: [1]}).fit(*binary_data)


def test_of_the_capacity_too(binary_data):
    with pytest.raises(
        ValueError, match=r"In the 'param_name' parameter of CapacitySearchCV, write 'kerasclassifier__ep"
    ):
        CapacitySearchCV(PIPELINE, param_name="epochs", sizes=[1, 2], cv=2).fit(*binary_data)


@BOTH
def test_a_wrong_name_in_the_second_of_two_spaces_is_found_before_the_first_fit(binary_data, make):
    with pytest.raises(ValueError, match="write 'priors'"):
        make(GaussianNB(), [{"var_smoothing": [1e-3, 1e-2]}, {"prior": [None]}]).fit(*binary_data)


@BOTH
def test_parameters_of_an_estimator_that_is_searched_itself(binary_data, make):
    pipeline = Pipeline([("scale", "passthrough"), ("last", GaussianNB())])
    space = [{"last": [SVC()], "last__C": [0.1, 1.0]}, {"scale": [StandardScaler()], "scale__with_mean": [True, False]}]
    assert make(pipeline, space).fit(*binary_data).best_score_ > 0.5


@BOTH
def test_routed_names_that_no_get_params_lists(multiclass_data, make):
    space = {"kerasclassifier__optimizer__clipvalue": [0.5, 1.0]}
    assert make(PIPELINE, space).fit(*multiclass_data).best_score_ > 0


# Ranges


@BOTH
@pytest.mark.parametrize(
    ("values", "advice"),
    [
        ((1e-4, 1e-1), "log_uniform(0.0001, 0.1)"),
        ((0.1, 0.9), "uniform(0.1, 0.9)"),
        ((1, 2), "int_uniform(1, 2)"),
        ((1, 500), "int_log_uniform(1, 500)"),
        ((np.float64(0.1), np.float64(0.2)), "uniform(0.1, 0.2)"),
    ],
)
def test_a_tuple_is_two_values(binary_data, make, values, advice):
    low, high = np.array(values).tolist()
    search = make(LogisticRegression(), {"C": values})
    said = sentences(search, binary_data)
    assert said == [
        f"{type(search).__name__} takes the tuple {(low, high)} of 'C' for two values to choose between. For all "
        f"numbers between them, write {advice}, from sknn_tune.search_space; for just these two, the list "
        f"{[low, high]}."
    ]
    assert set(search.cv_results_["param_C"]) <= set(values)


@BOTH
@pytest.mark.parametrize(
    "values",
    [[1e-4, 1e-1], (1.0, 2.0, 3.0), (2.0,), (3.0, 1.0), np.array([1.0, 2.0]), range(1, 3), uniform(1, 2)],
    ids=repr,
)
def test_what_is_meant_is_not_remarked(binary_data, make, values):
    assert sentences(make(LogisticRegression(), {"C": values}), binary_data) == []


# Without effect


def without_effect(space, estimator=NETWORK):
    from sknn_tune.model_selection.searches._without_effect import without_effect

    return without_effect(estimator, space)


@BOTH
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_momentum_of_adam_is_remarked_once_per_search(multiclass_data, make, n_jobs, capfd):
    name = "kerasclassifier__momentum"
    search = make(PIPELINE, {name: [0.0, 0.5, 0.9, 0.99]}).set_params(n_jobs=n_jobs)
    assert sentences(search, multiclass_data) == [
        f"{type(search).__name__} varies {name!r}, which has no effect with optimizer='adam'. It counts with 'sgd'; "
        "else leave it out of the space."
    ]
    assert "has no effect" not in capfd.readouterr().err  # of the workers


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (
            {"momentum": [0.5], "optimizer": ["adam", "rmsprop"]},
            "with optimizer='adam' or optimizer='rmsprop'. It counts",
        ),
        ({"rho": [0.5]}, "'rho', which has no effect with optimizer='adam'. It counts with 'adadelta' or 'rmsprop'"),
        ({"beta_1": [0.5], "optimizer": ["sgd"]}, "with optimizer='sgd'. It counts with 'adam' or "),
        ({"nesterov": [True, False]}, "with optimizer='adam'. It counts with 'sgd'"),
        ({"negative_slope": [0.1]}, "with activation='relu'. It counts with 'leaky_relu'"),
        ({"batch_norm_momentum": [0.1]}, "with batch_norm=False. It counts with batch_norm=True"),
        (
            {"decay_rate": uniform(0.1, 0.9)},
            "with learning_rate_schedule=None. It counts with a learning_rate_schedule",
        ),
        ({"decay_rate": [0.1], "learning_rate_schedule": ["cosine"]}, "with learning_rate_schedule='cosine'"),
        ({"decay_boundaries": [(0.1,)], "learning_rate_schedule": ["exponential"]}, "It counts with 'piecewise'"),
        ({"patience": [1, 2]}, "with early_stopping=False. It counts with early_stopping=True"),
    ],
)
def test_what_nothing_switches_on(space, said):
    (sentence,) = without_effect(space)
    assert said in sentence


@pytest.mark.parametrize(
    "space",
    [
        {"momentum": [0.5], "optimizer": ["adam", "sgd"]},
        {"momentum": [0.5], "optimizer": ["SGD"]},
        {"momentum": [0.5], "optimizer": ["adam", UNKNOWN]},
        {"negative_slope": [0.5], "activation": ["leaky_relu", "tanh"]},
        {"negative_slope": [0.5], "activation": [("leaky_relu", "tanh")]},
        {"decay_steps": [5], "learning_rate_schedule": [None, "cosine"]},
        {"batch_norm_epsilon": [0.1], "batch_norm": ["after", False]},
        {"learning_rate": log_uniform(1e-4, 1e-1), "beta_1": uniform(0.5, 0.9)},
    ],
    ids=repr,
)
def test_what_something_switches_on(space):
    assert without_effect(space) == []


def test_other_estimators_mean_something_else_by_a_name():
    assert without_effect({"momentum": [0.5]}, MLPClassifier()) == []
    assert without_effect({"m__momentum": [0.5], "m": [NETWORK]}, Pipeline([("m", NETWORK)])) == []


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop", "adamw", "nadam"])
@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_our_own_spaces_vary_nothing_without_effect(optimizer, size):
    network = NETWORK.__class__(optimizer=optimizer)
    spaces = default_space(network, size=size)
    for space in spaces if isinstance(spaces, list) else [spaces]:
        assert without_effect(space, network) == []


# What scikit-learn and the fits say, once


class Warns(GaussianNB):
    def fit(self, X, y, sample_weight=None):
        warnings.warn("these numbers are large", UserWarning, stacklevel=2)
        return super().fit(X, y, sample_weight)


def in_a_row(make_name):
    values = [1e-3, 1e-2, 1e-1]
    space = {"var_smoothing": values}
    return {
        "bayesian": lambda estimator, **more: BayesianSearchCV(estimator, space, n_iter=3, cv=2, **more),
        "coarse": lambda estimator, **more: CoarseToFineSearchCV(
            estimator, space, n_iter=3, n_rounds=1, timeout=1000, cv=2, **more
        ),
        "capacity": lambda estimator, **more: CapacitySearchCV(
            estimator, param_name="var_smoothing", sizes=values, cv=2, patience=3, **more
        ),
    }[make_name]


ALL = pytest.mark.parametrize("make_name", ["bayesian", "coarse", "capacity"])


@ALL
def test_a_warning_of_every_fit_is_said_once(binary_data, make_name):
    assert sentences(in_a_row(make_name)(Warns(), refit=False), binary_data).count("these numbers are large") == 1
    # and in the next search again
    assert sentences(in_a_row(make_name)(Warns(), refit=False), binary_data).count("these numbers are large") == 1


@ALL
def test_the_folds_of_a_rare_class_are_remarked_once(binary_data, make_name):
    X, y = binary_data
    y = np.where(np.arange(len(y)) < 1, 2, y)
    said = [text for text in sentences(in_a_row(make_name)(GaussianNB()), (X, y)) if "least populated" in text]
    assert len(said) == 1


def never(estimator, X, y):
    return np.nan if estimator.var_smoothing == 1e-3 else 0.5


@ALL
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")  # of BruteForceSampler before Optuna 5
def test_scores_that_are_not_finite_are_remarked_once(binary_data, make_name):
    sampler = {"sampler": optuna.samplers.BruteForceSampler()} if make_name == "bayesian" else {}
    said = sentences(in_a_row(make_name)(GaussianNB(), scoring=never, **sampler), binary_data)
    assert len([text for text in said if "non-finite" in text]) == 1


@ALL
def test_warnings_that_are_errors_stay_errors(binary_data, make_name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="these numbers are large"):
            in_a_row(make_name)(Warns(), error_score="raise").fit(*binary_data)


def test_the_way_to_show_warnings_is_left_as_it_was(binary_data):
    before = warnings.showwarning
    cross_val_score(in_a_row("capacity")(GaussianNB()), *binary_data, cv=2)
    assert warnings.showwarning is before


def test_searches_that_overlap_leave_it_too():
    """Each ends before the one that began after it."""
    before, first, second = warnings.showwarning, threading.Event(), threading.Event()

    def begun_later():
        first.set()
        second.wait(60)

    later = threading.Thread(target=saying_once(begun_later))

    def begun_first():
        later.start()
        first.wait(60)

    saying_once(begun_first)()
    assert warnings.showwarning is not before
    second.set()
    later.join()
    assert warnings.showwarning is before


@ALL
@pytest.mark.parametrize("verbose", [1, 2])
def test_candidates_are_not_announced_one_by_one(binary_data, make_name, verbose, capfd):
    in_a_row(make_name)(GaussianNB(), verbose=verbose).fit(*binary_data)
    printed = capfd.readouterr()
    assert "Fitting" not in printed.out
    assert printed.out.count("[CV] END") == (6 if verbose == 2 else 0)
    assert re.match(r"1/3 candidates, best score 0\.\d+ ± [\d.e-]+, \d+\.\d s, about \d+\.\d s left", printed.err)
