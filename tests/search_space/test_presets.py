"""`default_space`: what is in it, for which estimator, and whether the estimators take it."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ParameterSampler, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier, TabularRegressor
from sknn_tune.search_space import default_space, log_uniform, one_minus_log_uniform, topology, uniform
from sknn_tune.search_space._presets import LEARNING_RATES, MOVING_AVERAGES, RECOGNISED_BY
from sknn_tune.specs._vocabulary import OPTIMIZERS

SIZES = ("small", "medium", "large")
WITH_TABULAR = (*SIZES, "tabular")
PIPELINE = Pipeline([("scale", StandardScaler()), ("network", KerasClassifier())])

#: What the field holds to be the order of importance: rate; momentum, batch size, units; layers, decay; the rest.
IMPORTANCE = (
    "learning_rate",
    "momentum",
    "batch_size",
    "hidden_layer_sizes",
    "learning_rate_schedule",
    "decay_rate",
    "dropout",
    "weight_decay",
    "l2",
)


@pytest.mark.parametrize("size", WITH_TABULAR)
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_names_stand_in_the_order_of_importance(optimizer, size):
    names = list(default_space(KerasClassifier(optimizer=optimizer), size))
    first = [name for name in IMPORTANCE if name in names]
    assert names[: len(first)] == first


def test_what_is_in_each_size():
    small, medium, large = (set(default_space(KerasRegressor(optimizer="sgd"), size)) for size in SIZES)
    assert small == {"learning_rate", "momentum", "batch_size", "hidden_layer_sizes"}
    assert medium - small == {"learning_rate_schedule", "dropout", "l2"}
    assert large - medium == {
        *("decay_rate", "activation", "batch_norm", "l1", "input_dropout", "clipnorm", "nesterov"),
    }
    assert small < medium < large
    assert default_space(KerasRegressor()) == default_space(KerasRegressor(), "medium")


OF_TABULAR = {
    "learning_rate": log_uniform(5e-4, 8e-3),
    "batch_size": [64, 128, 256],
    "hidden_layer_sizes": topology(n_layers=(1, 3), units=(64, 256), shape="constant"),
    "dropout": uniform(0.0, 0.4),
    "weight_decay": log_uniform(1e-3, 0.1),
}
OF_COLUMNS = {
    "encoding": ["auto", "piecewise", "smooth"],
    "n_bins": [8, 16, 32, 64],
    "target_encoding": ["auto", False, True],
}


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_what_is_in_it_for_tables(kind):
    assert default_space(kind(), "tabular") == OF_TABULAR | OF_COLUMNS
    assert list(default_space(kind(), "tabular")) == [*OF_TABULAR, *OF_COLUMNS]
    for encoding in ("piecewise", "smooth"):
        assert default_space(kind(encoding=encoding), "tabular")["encoding"] == ["piecewise", "smooth"]
    for means in (False, True):
        assert default_space(kind(target_encoding=means), "tabular")["target_encoding"] == [False, True]
    inside = Pipeline([("table", kind())])
    assert default_space(inside, "tabular") == {f"table__{n}": v for n, v in (OF_TABULAR | OF_COLUMNS).items()}
    for params in ParameterSampler(default_space(kind(), "tabular"), n_iter=20, random_state=0):
        clone(kind()).set_params(**params)._validate_params()


def test_for_a_network_alone_it_is_of_the_network_alone():
    assert default_space(KerasClassifier(optimizer="adamw"), "tabular") == OF_TABULAR
    plain = {name: space for name, space in OF_TABULAR.items() if name != "weight_decay"}
    assert default_space(KerasRegressor(), "tabular") == plain | {"l2": log_uniform(1e-6, 1e-2)}
    sgd = default_space(KerasClassifier(optimizer="sgd"), "tabular")
    assert (sgd["learning_rate"], sgd["momentum"]) == (LEARNING_RATES["sgd"], one_minus_log_uniform(0.5, 0.99))


@pytest.mark.parametrize("size", SIZES)
def test_other_sizes_are_of_the_network_alone_for_tables_too(size):
    of_table = default_space(TabularClassifier(share_weights=False), size)
    assert of_table == default_space(KerasClassifier(optimizer="adamw", epochs=200), size)


def test_members_that_share_weights_have_no_batch_normalisation():
    assert "batch_norm" in default_space(KerasClassifier(), "large")
    assert "batch_norm" not in default_space(KerasClassifier(n_members=4, share_weights=2), "large")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("size", WITH_TABULAR)
def test_the_estimator_takes_every_draw(optimizer, size):
    estimator = KerasClassifier(optimizer=optimizer)
    of_optimizers = {name for names in OPTIMIZERS.values() for name in names}
    space = default_space(estimator, size)
    assert set(space) & of_optimizers <= set(OPTIMIZERS[optimizer])
    assert set(space) <= set(estimator.get_params())
    for params in ParameterSampler(space, n_iter=20, random_state=0):
        clone(estimator).set_params(**params)._validate_params()


def test_optimizers_of_the_tables_exist():
    assert {*LEARNING_RATES, *MOVING_AVERAGES} <= set(OPTIMIZERS)


def test_the_estimators_have_the_parameters_by_which_they_are_recognised():
    assert set(RECOGNISED_BY) <= set(inspect.signature(KerasClassifier).parameters)


def test_a_space_is_a_dict_of_ones_own():
    space = default_space(KerasClassifier())
    space["dropout"] = [0.0]
    assert default_space(KerasClassifier())["dropout"] != [0.0]


# The optimizer decides


def test_ranges_are_made_for_the_optimizer():
    rates = {name: default_space(KerasClassifier(optimizer=name), "small")["learning_rate"] for name in OPTIMIZERS}
    assert rates["sgd"].high > rates["adam"].high > rates["lion"].high
    assert rates["adam"] == rates["nadam"] == rates["rmsprop"]
    assert default_space(KerasClassifier(optimizer="SGD"))["momentum"] == one_minus_log_uniform(0.5, 0.99)
    assert "weight_decay" in default_space(KerasClassifier(optimizer="adamw"))
    assert "l2" not in default_space(KerasClassifier(optimizer="adamw"))


@pytest.mark.parametrize("epochs", [1, 10, 100, 5000])
def test_decay_rates_leave_half_to_a_thousandth_of_the_rate(epochs):
    rates = default_space(KerasClassifier(epochs=epochs), "large")["decay_rate"]
    assert rates.high**epochs == pytest.approx(0.5, rel=0.01)
    assert np.log10(rates.low**epochs) == pytest.approx(-3, abs=0.03)
    assert len(repr(rates)) < 50


def test_a_finished_optimizer_keeps_its_settings():
    optimizer = type("Adam", (), {"apply_gradients": None})()
    names = set(default_space(KerasClassifier(optimizer=optimizer), "large"))
    assert names == {
        *("batch_size", "hidden_layer_sizes", "dropout", "l2", "activation", "batch_norm", "l1", "input_dropout"),
    }
    by_class = default_space(KerasClassifier(optimizer=type(optimizer)), "large")
    assert by_class == default_space(KerasClassifier(optimizer="adam"), "large")


def test_a_finished_schedule_and_routed_parameters_stay():
    schedule = type("Schedule", (), {"get_config": None, "__call__": None})()
    names = set(default_space(KerasClassifier(learning_rate_schedule=schedule), "large"))
    assert not names & {"learning_rate", "learning_rate_schedule", "decay_rate"}
    assert "learning_rate" in default_space(KerasClassifier(learning_rate_schedule="cosine"))
    assert "beta_1" not in default_space(KerasClassifier(optimizer__beta_1=0.8), "large")


def test_a_model_of_ones_own_gets_what_it_asks_for():
    def build(meta, dropout, hidden_layer_sizes): ...

    assert list(default_space(KerasClassifier(build), "small")) == ["learning_rate", "batch_size", "hidden_layer_sizes"]
    names = set(default_space(KerasClassifier(build), "large"))
    assert {"learning_rate", "batch_size", "dropout", "clipnorm"} <= names
    assert not names & {"l1", "l2", "activation", "batch_norm", "input_dropout"}


# Where the network is


def test_the_prefix_is_found():
    space = default_space(KerasClassifier())
    for estimator, prefix in (
        (PIPELINE, "network__"),
        (make_pipeline(StandardScaler(), KerasClassifier()), "kerasclassifier__"),
        (TransformedTargetRegressor(make_pipeline(StandardScaler(), KerasRegressor())), "regressor__kerasregressor__"),
        (RandomizedSearchCV(PIPELINE, {}), "estimator__network__"),
    ):
        found = default_space(estimator)
        assert found == {f"{prefix}{name}": values for name, values in space.items()}
        assert set(found) <= set(estimator.get_params())


def test_a_prefix_that_is_given():
    assert default_space(PIPELINE, prefix="network__") == default_space(PIPELINE)
    assert default_space(KerasClassifier(), prefix="network__") == default_space(PIPELINE)
    assert default_space(KerasClassifier(), prefix="") == default_space(KerasClassifier())
    two = VotingClassifier([("a", KerasClassifier(optimizer="sgd")), ("b", PIPELINE)])
    assert "a__momentum" in default_space(two, prefix="a__")
    assert "b__network__learning_rate" in default_space(two, prefix="b__network__")


NO_NETWORK = "default_space needs a KerasClassifier or KerasRegressor of sknn_tune, or an estimator with one inside"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((LogisticRegression(),), f"{NO_NETWORK}, such as a Pipeline. Got LogisticRegression()."),
        ((MLPClassifier(),), NO_NETWORK),
        ((KerasClassifier,), NO_NETWORK),
        ((None,), f"{NO_NETWORK}, such as a Pipeline. Got None."),
        ((PIPELINE, "huge"), "The 'size' parameter of default_space must be a str among"),
        (
            (PIPELINE, "small", "model__"),
            "The 'prefix' parameter of default_space must be one of 'network__', where the estimator has a network. "
            "Got 'model__' instead.",
        ),
        (
            (KerasClassifier(), "small", "network"),
            "The 'prefix' parameter of default_space must be the name of a step and two underscores, such as "
            "'network__'. Got 'network' instead.",
        ),
        (
            (VotingClassifier([("a", KerasClassifier()), ("b", KerasClassifier())]),),
            "must be one of 'a__', 'b__', where the estimator has a network. Got None instead.",
        ),
        ((PIPELINE, "small", 3), "The 'prefix' parameter of default_space must be an instance of 'str' or None. Got 3"),
    ],
)
def test_what_gives_no_space(arguments, message):
    with pytest.raises(ValueError) as error:
        default_space(*arguments)
    assert message in str(error.value)


# In use


def test_making_a_space_loads_nothing_heavy():
    code = """
import sys
from sknn_tune import KerasClassifier
from sknn_tune.search_space import default_space
from sklearn.model_selection import ParameterSampler
list(ParameterSampler(default_space(KerasClassifier(), "large"), 10, random_state=0))
loaded = {"tensorflow", "keras", "scikeras", "optuna", "matplotlib"} & set(sys.modules)
assert not loaded, loaded
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_networks_are_searched_in_it(binary_data):
    spaces = [
        {"network__optimizer": [optimizer], **default_space(KerasClassifier(optimizer=optimizer), "small", "network__")}
        for optimizer in ("sgd", "adam")
    ]
    pipeline = clone(PIPELINE).set_params(network__epochs=2, network__random_state=0)
    search = RandomizedSearchCV(
        pipeline, spaces, n_iter=4, cv=2, scoring="roc_auc", random_state=0, error_score="raise"
    )
    search.fit(*binary_data)
    assert search.best_score_ > 0.6
    assert {params["network__optimizer"] for params in search.cv_results_["params"]} == {"sgd", "adam"}
