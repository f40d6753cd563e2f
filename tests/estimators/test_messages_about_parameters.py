"""A misspelt name comes with the nearest and with all that there are, in order; what has no effect is said."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier
from sknn_tune.preprocessing import PiecewiseLinearEncoder, TableEncoder
from sknn_tune.specs import ACTIVATIONS

X = np.random.default_rng(0).normal(size=(20, 2))
y = np.arange(20) % 2
QUICK = {"hidden_layer_sizes": (2,), "epochs": 1, "random_state": 0}


MISSPELT = [
    (KerasClassifier, {"activation": "Relu"}, r"\(did you mean 'relu'\?\)\. Got 'Relu' instead\.$"),
    (KerasClassifier, {"activation": "LeakyReLU"}, "did you mean 'leaky_relu'"),
    (
        KerasClassifier,
        {"activation": ["Tanh"]},
        r"one per hidden layer \(did you mean 'tanh'\?\)\. Got \['Tanh'\]",
    ),
    (KerasClassifier, {"output_activation": "Softmax"}, "did you mean 'softmax'"),
    (
        KerasClassifier,
        {"optimizer": "adamm"},
        r"among \{'adadelta', 'adafactor', 'adagrad', 'adam', .*'sgd'\} or .*\(did you mean 'adam' or 'nadam'\?\)",
    ),
    (
        KerasClassifier,
        {"loss": "binary_cross_entropy"},
        r"tversky \(did you mean 'binary_crossentropy'\?\)",
    ),
    (KerasRegressor, {"kernel_initializer": "he"}, "did you mean 'he_normal' or 'he_uniform'"),
    (
        KerasRegressor,
        {"learning_rate_schedule": "cosin"},
        r"among \{'cosine', 'exponential', 'inverse_time', 'piecewise'\}, .* \(did you mean 'cosine'\?\)",
    ),
    (KerasClassifier, {"engine": "Keras"}, r"among \{'auto', 'keras', 'numba'\} \(did you mean 'keras'\?\)"),
    (KerasClassifier, {"dtype": "float"}, "did you mean 'float32' or 'float64'"),
    (KerasClassifier, {"class_weight": "balance"}, r"did you mean 'balanced'\?\)\. Got 'balance' instead"),
    (KerasClassifier, {"batch_norm": "befor"}, "did you mean 'before'"),
    (KerasClassifier, {"decay_steps": "epochs"}, "did you mean 'epoch'"),
    (
        KerasClassifier,
        {"monitor": "val_los", "early_stopping": True},
        r"'val_los' \(did you mean 'val_loss'\?\), but the",
    ),
    (
        KerasClassifier,
        {"optimizer__beta1": 0.5},
        r"given as 'optimizer__beta1' \(did you mean 'beta_1'\?\)\. It has: amsgrad",
    ),
    (
        KerasRegressor,
        {"loss": "huber", "loss__delt": 0.5},
        r"loss Huber has no argument 'delt', .* \(did you mean 'delta'\?\)",
    ),
    (
        TabularClassifier,
        {"encoding": "piecwise"},
        r"among \{'auto', 'piecewise', 'smooth'\} \(did you mean 'piecewise'\?\)",
    ),
    (TabularClassifier, {"activation": "Relu"}, "did you mean 'relu'"),
]


@pytest.mark.parametrize(("estimator", "given", "message"), MISSPELT, ids=[str(given) for _, given, _ in MISSPELT])
def test_a_misspelt_name_comes_with_the_nearest(estimator, given, message):
    with pytest.raises(ValueError, match=message):
        estimator(**{**QUICK, "engine": "keras", **given}).fit(X, y)


def test_transformers_say_the_nearest_too():
    with pytest.raises(
        ValueError, match=r"among \{'quantile', 'uniform'\} \(did you mean 'quantile'\?\)\. Got 'quantiles'"
    ):
        PiecewiseLinearEncoder(strategy="quantiles").fit(X)
    with pytest.raises(ValueError, match="did you mean 'classes'"):
        TableEncoder(target_type="clases").fit(X)


def test_names_come_in_the_same_order_in_every_process():
    with pytest.raises(ValueError, match="must be a str among") as refused:
        KerasClassifier(activation="no such thing").fit(X, y)
    assert ", ".join(map(repr, ACTIVATIONS)) in str(refused.value)


# --- without effect --------------------------------------------------------------------------------

UNUSED = [
    (
        {"momentum": 0.5},
        "'momentum' parameter of KerasRegressor has no effect: it is not one of the optimizer 'adam', which",
    ),
    (
        {"nesterov": True},
        "The 'nesterov' parameter of KerasRegressor has no effect: .* 'adam', which has beta_1, beta_2, ep",
    ),
    ({"optimizer": "sgd", "beta_1": 0.5}, "'beta_1' .* 'sgd', which has momentum, nesterov, weight_decay"),
    ({"optimizer": "rmsprop", "momentum": 0.5}, "'momentum' .* is given as optimizer__"),
    ({"optimizer": "Adagrad", "rho": 0.5}, "'rho' .* optimizer 'Adagrad', which has epsilon, weight_decay"),
    ({"decay_rate": 0.9}, "'decay_rate' .* learning_rate_schedule=None does not use it"),
    ({"staircase": True}, "'staircase' .* learning_rate_schedule=None does not use it"),
    ({"learning_rate_schedule": "cosine", "decay_rate": 0.9}, "learning_rate_schedule='cosine' does not use it"),
    ({"learning_rate_schedule": "piecewise", "decay_steps": 9}, "learning_rate_schedule='piecewise' does not use it"),
]


@pytest.mark.parametrize(("given", "message"), UNUSED, ids=[str(given) for given, _ in UNUSED])
def test_a_parameter_without_effect_is_said(given, message):
    with pytest.warns(UserWarning, match=message) as caught:
        KerasRegressor(**QUICK, **given).fit(X, y)
    (warning,) = caught
    assert warning.filename == __file__


def test_what_is_used_is_not_said():
    for given in (
        {"momentum": 0.9},  # the default
        {"optimizer": "sgd", "momentum": 0.5, "nesterov": True},
        {"optimizer": "adamw", "weight_decay": 0.1, "beta_1": 0.8},
        {"learning_rate_schedule": "exponential", "decay_rate": 0.9, "staircase": True},
        {"learning_rate_schedule": "piecewise", "decay_boundaries": [0.5, 0.75]},
        {"optimizer": "rmsprop", "optimizer__momentum": 0.5},
    ):
        KerasRegressor(**QUICK, **given).fit(X, y)


def test_it_is_said_once_for_members_and_encodings():
    estimator = TabularClassifier(**QUICK, n_members=4, momentum=0.5)
    with pytest.warns(UserWarning, match="has no effect") as caught:
        estimator.fit(X, y)
    assert sum("has no effect" in str(warning.message) for warning in caught) == 1


def test_a_loop_over_values_says_it_once():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for momentum in (0.1, 0.2, 0.3):
            KerasRegressor(**QUICK, momentum=momentum).fit(X, y)
    assert len(caught) == 1


def test_candidates_of_a_search_may_leave_parameters_unused():
    grid = {"optimizer": ["sgd", "adam"], "momentum": [0.5, 0.9]}
    GridSearchCV(KerasRegressor(**QUICK), grid, cv=2).fit(X, y)  # warnings are errors in these tests
    set_later = KerasRegressor(**QUICK).set_params(momentum=0.5).fit(X, y)
    with pytest.warns(UserWarning, match="'momentum'"):
        clone(set_later).fit(X, y)
