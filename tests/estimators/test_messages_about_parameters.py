"""A misspelt name comes with the nearest and with all that there are, in order; what has no effect is said."""

import warnings

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier
from sknn_tune.estimators.resolve import Parameters, warn_of_unused
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
    ({"optimizer": "SGD", "nesterov": True, "momentum": 0}, "'nesterov' .* momentum=0 leaves no momentum"),
    ({"patience": 3}, "'patience' .* early_stopping=False"),
    ({"min_delta": 0.1}, "'min_delta' .* early_stopping=False"),
    ({"monitor": "loss"}, "'monitor' .* early_stopping=False"),
    ({"restore_best_weights": False}, "'restore_best_weights' .* early_stopping=False"),
    ({"validation_fraction": 0.3}, r"'validation_fraction' .* early_stopping=False \(validation_split=0\.2 holds"),
    ({"validation_split": 0.2, "validation_fraction": 0.3}, "'validation_fraction' .* validation_split says"),
    ({"early_stopping": True, "validation_fraction": 0.3, "n_members": 2}, "each of 2 members holds out a fold"),
    (
        {"early_stopping": True, "validation_fraction": 0.3, "monitor": "loss", "patience": np.inf},
        "'validation_fraction' .* monitor='loss' is one of the rows trained on",
    ),
    ({"negative_slope": 0.2}, "'negative_slope' .* no hidden layer has activation='leaky_relu'"),
    ({"batch_norm_momentum": 0.9}, "'batch_norm_momentum' .* batch_norm=False"),
    ({"batch_norm_epsilon": 0.1}, "'batch_norm_epsilon' .* batch_norm=False"),
    *(
        (
            {"hidden_layer_sizes": (), **given},
            f"'{next(iter(given))}' .* hidden_layer_sizes=\\(\\) has no hidden layers",
        )
        for given in (
            *({"activation": "tanh"}, {"dropout": 0.1}, {"batch_norm": True}, {"batch_norm_epsilon": 0.1}),
            *({"activity_l1": 0.1}, {"activity_l2": 0.1}, {"negative_slope": 0.2}, {"batch_norm_momentum": 0.5}),
        )
    ),
    ({"share_weights": 2}, "'share_weights' .* n_members=1 leaves nobody to share with"),
    ({"random_state": None, "memory": "unused"}, "'memory' .* random_state=None makes each fit another one"),
    ({"epochs": 2, "fit__epochs": 1}, "'epochs' .* fit__epochs=1 is given, too, and counts"),
    (
        {"learning_rate": 0.1, "optimizer__learning_rate": 0.2},
        "'learning_rate' .* optimizer__learning_rate=0.2 is given",
    ),
]

#: Beside which parameter each has an effect: then nothing is said.
USED = [
    {"early_stopping": True, "patience": 3, "min_delta": 0.1, "restore_best_weights": False},
    {"early_stopping": True, "validation_fraction": 0.3, "monitor": "val_loss"},
    {"early_stopping": True, "validation_fraction": 0.3, "n_members": 2, "share_weights": True},
    {"activation": ["relu", "leaky_relu"], "hidden_layer_sizes": (2, 2), "negative_slope": 0.2},
    {"batch_norm": "after", "batch_norm_momentum": 0.9, "batch_norm_epsilon": 0.1},
    {"n_members": 4, "share_weights": 2},
    {"memory": "used"},
    {"epochs": 3, "fit__epochs": 3},
    {"optimizer": "sgd", "clipnorm": 1.0, "optimizer__clipnorm": 2.0},
    {"model": lambda hidden_layer_sizes, negative_slope: None, "negative_slope": 0.2},
]


@pytest.mark.parametrize(("given", "message"), UNUSED, ids=[str(given) for given, _ in UNUSED])
def test_a_parameter_without_effect_is_said(given, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # for the folder that one of them names
    with pytest.warns(UserWarning, match=message) as caught:
        KerasRegressor(**{**QUICK, **given}).fit(X, y)
    (warning,) = caught
    assert warning.filename == __file__


@pytest.mark.parametrize("given", USED, ids=[", ".join(given) for given in USED])
def test_beside_what_it_belongs_to_a_parameter_has_an_effect(given):
    warn_of_unused(Parameters(KerasRegressor(**{**QUICK, **given})), ())


def test_rows_to_watch_leave_those_to_hold_out_without_effect():
    given = {"early_stopping": True, "validation_split": 0.2}
    with pytest.warns(UserWarning, match="'validation_split' .* fit gets the rows to watch as X_val"):
        KerasRegressor(**QUICK, **given).fit(X, y, X_val=X, y_val=y)
    with pytest.warns(UserWarning, match="'batch_size' .* X is a dataset, which has batches of its own"):
        warn_of_unused(Parameters(KerasRegressor(batch_size=7)), (), streams=True)


def test_no_rows_held_out_is_not_what_early_stopping_does():
    given = {"early_stopping": True, "validation_split": 0.0}
    with pytest.warns(UserWarning, match="'validation_split' .* early stopping holds out validation_fraction"):
        KerasRegressor(**QUICK, **given).fit(X, y)
    warn_of_unused(Parameters(KerasRegressor(**QUICK, **{**given, "monitor": "loss"})), ())
    warn_of_unused(Parameters(KerasRegressor(**QUICK, validation_split=0.0)), ())


def test_of_what_a_search_decides_nothing_is_said():
    later = KerasRegressor(**QUICK, patience=3, batch_norm_momentum=0.5)
    warn_of_unused(Parameters(later), ("early_stopping", "batch_norm"))
    stopping = KerasRegressor(**QUICK, early_stopping=True, patience=3)
    stopping.partial_fit(X, y)  # which stops nothing, and is not asked to


def test_what_is_for_rows_held_out_is_said_without_any_and_changes_nothing():
    with pytest.warns(UserWarning, match="'fit__validation_freq' parameter .* has no effect: no rows are held out"):
        fitted = KerasRegressor(**QUICK).fit(X, y, validation_freq=2)
    plain = KerasRegressor(**QUICK).fit(X, y)
    assert (fitted.engine_, fitted.engine_reason_) == (plain.engine_, plain.engine_reason_)
    assert fitted.history_ == plain.history_


def test_what_is_used_is_not_said():
    for given in (
        {"momentum": 0.9},  # the default
        {"optimizer": "sgd", "momentum": 0.5, "nesterov": True},
        {"optimizer": "adamw", "weight_decay": 0.1, "beta_1": 0.8},
        {"learning_rate_schedule": "exponential", "decay_rate": 0.9, "staircase": True},
        {"learning_rate_schedule": "piecewise", "decay_boundaries": [0.5, 0.75]},
        {"optimizer": "rmsprop", "optimizer__momentum": 0.5},
        {"validation_split": 0.5, "fit__validation_freq": 2},
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
    KerasRegressor(**QUICK).set_params(optimizer="adam", momentum=0.5).fit(X, y)


def test_a_search_of_what_no_candidate_uses_is_told_so():
    with pytest.warns(UserWarning, match="'momentum' parameter of KerasRegressor has no effect"):
        GridSearchCV(KerasRegressor(**QUICK), {"momentum": [0.5, 0.9]}, cv=2).fit(X, y)


def test_what_is_set_later_is_looked_at_as_well():
    with pytest.warns(UserWarning, match="'momentum' parameter of KerasRegressor has no effect"):
        KerasRegressor(**QUICK).set_params(momentum=0.5).fit(X, y)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"optimizer": "lion", "beta_1": 0.0}, r"'optimizer' .* Lion, .* with beta_1=0\.0: .* Change 'beta_1'"),
        ({"optimizer": "ftrl", "optimizer__initial_accumulator_value": -1.0}, r"Ftrl, .*accumulator_value=-1\.0: "),
        ({"optimizer": "adam", "optimizer__ema_momentum": 7.0, "optimizer__use_ema": True}, r"Adam, .*ema_momentum=7"),
    ],
    ids=str,
)
def test_what_an_optimizer_does_not_take_is_said_with_its_settings(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        KerasClassifier(hidden_layer_sizes=(2,), epochs=1, **settings).fit(X, y)
