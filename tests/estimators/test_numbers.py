"""A number is that number, of whatever kind: the same bits, or a sentence that says what it must be."""

from fractions import Fraction

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from sknn_tune import KerasRegressor

QUICK = {"hidden_layer_sizes": (4,), "epochs": 2, "batch_size": 30, "random_state": 0, "compile__run_eagerly": True}

#: A setting, the parameter that is given in other kinds, and a value that each of them holds exactly.
REAL = [
    ({"optimizer": "sgd"}, "momentum", 0.5),
    ({"optimizer": "sgd"}, "optimizer__momentum", 0.5),
    ({}, "learning_rate", 0.25),
    ({}, "optimizer__learning_rate", 0.25),
    ({}, "beta_1", 0.5),
    ({}, "beta_2", 0.5),
    ({}, "optimizer__beta_1", 0.5),
    ({"optimizer": "rmsprop"}, "rho", 0.5),
    ({}, "epsilon", 0.125),
    ({"optimizer": "adamw"}, "weight_decay", 0.125),
    ({}, "clipnorm", 0.5),
    ({}, "optimizer__clipvalue", 0.125),
    ({}, "l1", 0.125),
    ({}, "l2", 0.125),
    ({"activation": "leaky_relu"}, "negative_slope", 0.25),
    ({"batch_norm": True}, "batch_norm_momentum", 0.5),
    ({"batch_norm": True}, "batch_norm_epsilon", 0.5),
    ({"learning_rate_schedule": "exponential"}, "decay_rate", 0.5),
    ({"loss": "huber"}, "loss__delta", 0.5),
    ({"early_stopping": True}, "validation_fraction", 0.25),
    ({}, "validation_split", 0.25),
    ({"early_stopping": True, "patience": 1, "epochs": 4}, "min_delta", 0.5),
    ({}, "dropout", 0.5),
]
WHOLE = [
    ({"optimizer": "sgd"}, "momentum", 0),
    ({"optimizer": "sgd"}, "optimizer__momentum", 0),
    ({"optimizer": "rmsprop"}, "rho", 0),
    ({}, "beta_1", 0),
    ({}, "epsilon", 1),
    ({}, "learning_rate", 1),
    ({}, "clipnorm", 1),
    ({}, "l2", 1),
    ({"optimizer": "adamw"}, "weight_decay", 0),
    ({"loss": "huber"}, "loss__delta", 1),
    ({"learning_rate_schedule": "inverse_time"}, "decay_rate", 1),
    ({}, "epochs", 2),
    ({}, "fit__epochs", 2),
    ({}, "batch_size", 16),
    ({}, "fit__batch_size", 16),
    ({}, "hidden_layer_sizes", 3),
    ({"learning_rate_schedule": "exponential"}, "decay_steps", 2),
    ({"early_stopping": True, "epochs": 4}, "patience", 1),
    ({}, "n_members", 2),
    ({}, "random_state", 3),
    ({"validation_split": 0.25}, "fit__validation_batch_size", 7),
    ({}, "predict__batch_size", 7),
]
NUMBA, KERAS = {"engine": "numba"}, {"engine": "keras"}


def outcome(rows, engine, given):
    parameters = {**QUICK, **engine, **given}
    if engine is NUMBA:
        del parameters["compile__run_eagerly"]
    fitted = KerasRegressor(**parameters).fit(*rows)
    return fitted.predict(rows[0]), fitted.history_


@pytest.fixture
def rows(regression_data):
    X, y = regression_data
    return X[:60], y[:60]


def needs_keras(name):
    return name.startswith("fit__validation")


@pytest.mark.few(6)
@pytest.mark.parametrize("engine", [NUMBA, KERAS], ids=["numba", "keras"])
@pytest.mark.parametrize(("setting", "name", "value"), REAL, ids=[name for _, name, _ in REAL])
def test_a_real_number_of_any_kind_has_the_same_bits(rows, engine, setting, name, value):
    expected, history = outcome(rows, engine, {**setting, name: value})
    for kind in (np.float16, np.float32, np.float64, np.longdouble, Fraction) if engine is NUMBA else (np.float32,):
        predicted, same = outcome(rows, engine, {**setting, name: kind(value)})
        np.testing.assert_array_equal(predicted, expected, err_msg=kind.__name__)
        assert same == history


@pytest.mark.few(6)
@pytest.mark.parametrize("engine", [NUMBA, KERAS], ids=["numba", "keras"])
@pytest.mark.parametrize(("setting", "name", "value"), WHOLE, ids=[name for _, name, _ in WHOLE])
def test_a_whole_number_of_any_kind_has_the_same_bits(rows, engine, setting, name, value):
    if engine is NUMBA and needs_keras(name):
        pytest.skip("Keras only")
    expected, history = outcome(rows, engine, {**setting, name: value})
    for kind in (np.int8, np.uint8, np.int32, np.int64) if engine is NUMBA else (np.int64,):
        predicted, same = outcome(rows, engine, {**setting, name: kind(value)})
        np.testing.assert_array_equal(predicted, expected, err_msg=kind.__name__)
        assert same == history
    if name in ("momentum", "rho", "beta_1", "epsilon", "learning_rate", "l2", "weight_decay", "loss__delta"):
        np.testing.assert_array_equal(outcome(rows, engine, {**setting, name: float(value)})[0], expected)


@pytest.mark.few(2)
@pytest.mark.parametrize("engine", [NUMBA, KERAS], ids=["numba", "keras"])
@pytest.mark.parametrize(
    "given",
    [
        {"batch_norm": True},
        {"optimizer": "sgd", "nesterov": True},
        {"shuffle": False},
        {"early_stopping": True},
        {"learning_rate_schedule": "exponential", "staircase": True},
        {"n_members": 2, "share_weights": True},
    ],
    ids=lambda given: list(given)[-1],
)
def test_a_bool_of_numpy_is_a_bool(rows, engine, given):
    *_, (name, value) = given.items()
    expected, history = outcome(rows, engine, given)
    predicted, same = outcome(rows, engine, {**given, name: np.bool_(value)})
    np.testing.assert_array_equal(predicted, expected)
    assert same == history


def test_a_grid_may_begin_at_a_whole_zero(rows):
    grid = {"momentum": [0, 0.9], "nesterov": np.array([True, False])}
    search = GridSearchCV(KerasRegressor(optimizer="sgd", engine="keras", **QUICK), grid, cv=2).fit(*rows)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    search.set_params(param_grid={"momentum": np.array([0, 0.9], dtype="float32")}).fit(*rows)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


# --- refused ---------------------------------------------------------------------------------------

REFUSED = [
    ({"optimizer__learning_rate": "0.01"}, r"'optimizer__learning_rate' .* must be a float .*Got '0\.01' instead"),
    ({"optimizer__learning_rate": -1.0}, r"'optimizer__learning_rate' .* must be a float .*Got -1\.0 instead"),
    ({"optimizer__beta_1": "0.5"}, r"'optimizer__beta_1' .* must be a float in the range \[0\.0, 1\.0\)"),
    ({"optimizer__beta_1": 2.0}, r"'optimizer__beta_1' .* must be a float in the range \[0\.0, 1\.0\)"),
    ({"fit__epochs": "2"}, r"'fit__epochs' .* must be an int in the range \[1, inf\)\. Got '2' instead"),
    ({"fit__epochs": 2.0}, r"'fit__epochs' .* must be an int"),
    ({"fit__epochs": 0}, r"'fit__epochs' .* must be an int"),
    ({"fit__batch_size": -5}, r"'fit__batch_size' .* must be an int"),
    ({"epochs": 3.0}, r"'epochs' .* must be an int in the range \[1, inf\)\. Got 3\.0 instead"),
    ({"momentum": "0.5"}, r"'momentum' .* must be a float"),
    ({"patience": 3.5}, r"'patience' .* must be an int in the range \[0, inf\)"),
    (
        {"fit__validation_batch_size": 0},
        r"'fit__validation_batch_size' .* int in the range \[1, inf\), or -1",
    ),
    ({"fit__validation_batch_size": "a"}, r"'fit__validation_batch_size' .* Got 'a' instead"),
    ({"fit__validation_steps": 0.5}, r"'fit__validation_steps' .* Got 0\.5 instead"),
    (
        {"fit__validation_freq": 0, "validation_split": 0.2},
        r"'fit__validation_freq' .* must be an int in the range \[1, inf\), or a list",
    ),
    ({"fit__validation_freq": 2.0, "validation_split": 0.2}, r"'fit__validation_freq' .* Got 2\.0 instead"),
    (
        {"fit__validation_freq": 2, "early_stopping": True},
        "early_stopping looks at 'val_loss' after every epoch, but fit__validation_freq=2 leaves epochs out",
    ),
    (
        {"predict__batch_size": 0},
        r"'predict__batch_size' .* int in the range \[1, inf\), or -1 for all",
    ),
    ({"predict__batch_size": -5}, r"'predict__batch_size' .* Got -5 instead"),
    ({"predict__batch_size": 16.0}, r"'predict__batch_size' .* Got 16\.0 instead"),
    ({"predict__batch_size": "a"}, r"'predict__batch_size' .* Got 'a' instead"),
    ({"predict__batch_size": True}, r"'predict__batch_size' .* Got True instead"),
    ({"predict__nonsense": 1}, r"'predict__nonsense' cannot be routed to keras\.Model\.predict.* It has: batch_size"),
    ({"compile__nonsense": 1}, r"keras\.Model\.compile has no argument 'nonsense', given as 'compile__nonsense'\. It"),
    ({"loss": "huber", "loss__nonsense": 1}, "The loss Huber has no argument 'nonsense', given as 'loss__nonsense'"),
    ({"loss": "huber", "loss__delta": "1"}, r"The loss Huber takes a number such as 1\.0 as 'delta'"),
    ({"device": [3]}, r"The 'device' parameter must be the name of a TensorFlow device .* Got \[3\] instead"),
    ({"device": ["CPU:0", None]}, "The 'device' parameter must be the name of a TensorFlow device"),
    ({"device": ""}, "The 'device' parameter must be the name of a TensorFlow device"),
]


@pytest.mark.parametrize(("given", "message"), REFUSED, ids=[repr(given) for given, _ in REFUSED])
def test_what_is_no_such_number_is_refused_in_a_sentence(rows, given, message):
    with pytest.raises(ValueError, match=message):
        KerasRegressor(**{**QUICK, **given}).fit(*rows)


@pytest.mark.few(1)
@pytest.mark.parametrize("engine", [NUMBA, KERAS], ids=["numba", "keras"])
def test_minus_one_are_all_rows_in_prediction_too(rows, engine):
    expected, _ = outcome(rows, engine, {})
    np.testing.assert_array_equal(outcome(rows, engine, {"predict__batch_size": -1})[0], expected)
    one_by_one, _ = outcome(rows, KERAS, {"fit__validation_batch_size": 60, "validation_split": 0.25})
    at_once, _ = outcome(rows, KERAS, {"fit__validation_batch_size": -1, "validation_split": 0.25})
    np.testing.assert_array_equal(one_by_one, at_once)


def test_what_is_set_after_fit_is_looked_at_in_predict(rows):
    fitted = KerasRegressor(**QUICK).fit(*rows)
    with pytest.raises(ValueError, match="'predict__batch_size' parameter of KerasRegressor must be an int"):
        fitted.set_params(predict__batch_size=0).predict(rows[0])


@pytest.mark.parametrize("name", ["l2", "weight_decay", "epochs", "learning_rate", "n_members", "clipnorm", "patience"])
@pytest.mark.parametrize("true", [True, np.True_], ids=str)
def test_a_switch_is_no_number(name, true, regression_data):
    """``l2=True`` was a penalty of 1."""
    with pytest.raises(ValueError, match=f"The '{name}' parameter of KerasRegressor must be .*Got (np.)?True"):
        KerasRegressor(**{**QUICK, name: true}).fit(*regression_data)


def test_what_is_switched_off_is_zero(regression_data):
    off = KerasRegressor(**{**QUICK, "l2": False, "dropout": False, "verbose": False}).fit(*regression_data)
    assert off.history_ == KerasRegressor(**QUICK).fit(*regression_data).history_


def test_a_rate_beyond_float32_diverges_and_numpy_warns_of_nothing():
    """In float64 such a rate is a number, but Keras keeps rates in float32."""
    X = np.arange(12.0).reshape(-1, 1) / 12
    with pytest.warns(ConvergenceWarning, match="Training diverged") as said:
        KerasRegressor(learning_rate=1e300, dtype="float64", epochs=2).fit(X, X[:, 0])
    assert len(said) == 1
