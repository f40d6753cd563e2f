"""What is given beside a model that its maker compiled, and has no effect, is said."""

import warnings

import keras
import pytest

from sknn_tune import KerasClassifier

QUICK = {"epochs": 1, "random_state": 0}


def compiled(meta):
    model = keras.Sequential([keras.layers.Input(meta["X_shape_"][1:]), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.05), "binary_crossentropy")
    return model


#: What a function is told of `binary_data`.
META = {"X_shape_": (None, 6)}


def compiled_as_asked(meta, compile_kwargs):
    model = keras.Sequential([keras.layers.Input(meta["X_shape_"][1:]), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(**compile_kwargs)
    return model


def as_it_likes(meta, momentum):
    model = compiled(meta)
    model.compile(keras.optimizers.Adam(beta_1=momentum), "binary_crossentropy")
    return model


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"optimizer": "rmsprop"}, "The 'optimizer' parameter is 'rmsprop', but .* is compiled already, with SGD"),
        ({"optimizer": keras.optimizers.Adam}, r"The 'optimizer' parameter is <class .*, with SGD"),
        (
            {"learning_rate": 0.5},
            r"The 'learning_rate' parameter is 0.5, .*, with a rate of 0.05: the parameter has no",
        ),
        ({"metrics": ["AUC"]}, r"The 'metrics' parameter is \['AUC'\], .*, with no metrics"),
        ({"clipnorm": 1.0}, "The 'clipnorm' parameter is 1.0, .* already, with SGD, which has no global_clipnorm"),
        ({"momentum": 0.5}, "The 'momentum' parameter is 0.5, .* already, with momentum=0.0: the parameter has no"),
        ({"nesterov": True}, "The 'nesterov' parameter is True, .* already, with nesterov=False"),
        ({"beta_1": 0.5}, "The 'beta_1' parameter is 0.5, .* already, with SGD, which has no beta_1"),
        ({"weight_decay": 0.1}, "The 'weight_decay' parameter is 0.1, .* already, with SGD, which has no weight_decay"),
        ({"optimizer__clipvalue": 0.1}, "The 'optimizer__clipvalue' parameter is 0.1, .* which has no clipvalue"),
        (
            {"learning_rate_schedule": "cosine"},
            "The 'learning_rate_schedule' parameter is 'cosine', .* already, with SGD, which has no learning_rate_sch",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_it_is_said(binary_data, given, sentence):
    with pytest.warns(UserWarning, match=sentence):
        KerasClassifier(model=compiled, **given, **QUICK).fit(*binary_data)


def test_each_that_has_no_effect_is_said(binary_data):
    given = {"optimizer": "adam", "beta_2": 0.5, "learning_rate_schedule": "piecewise", "learning_rate": 0.5}
    given |= {"decay_boundaries": [0.2], "decay_rate": 0.25}
    with pytest.warns(UserWarning, match="is compiled already, with") as caught:
        KerasClassifier(model=compiled(META), **given, **QUICK).fit(*binary_data)
    said = [str(warning.message) for warning in caught if warning.category is UserWarning]
    assert {each.split("'")[1] for each in said} == {*given} - {"optimizer"}  # which is the default


@pytest.mark.parametrize(
    "params",
    [
        {"model": compiled},
        {"model": compiled, "optimizer": "SGD", "learning_rate": 0.05},
        {"model": compiled_as_asked, "optimizer": "rmsprop", "learning_rate": 0.5, "metrics": ["AUC"]},
        {"model": compiled_as_asked, "optimizer": "rmsprop", "rho": 0.5, "optimizer__clipvalue": 0.5, "clipnorm": None},
        {"model": compiled_as_asked, "clipnorm": 1.0, "beta_1": 0.5, "epsilon": 1e-3, "weight_decay": 0.1},
        {
            **{"model": compiled_as_asked, "learning_rate": 0.1, "learning_rate_schedule": "piecewise"},
            **{"decay_boundaries": [0.5], "decay_rate": 0.25, "batch_size": 8},
        },
        {"model": compiled_as_asked, "learning_rate_schedule": "inverse_time", "decay_steps": 3, "staircase": True},
        {"model": as_it_likes, "momentum": 0.5},
    ],
)
def test_nothing_is_said_where_there_is_nothing_to_say(binary_data, params):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        KerasClassifier(**params, **QUICK).fit(*binary_data)


def with_metrics(*metrics, **arguments):
    """A function for a model that its maker compiles with these."""

    def build(meta):
        model = compiled(meta)
        model.compile("adam", "binary_crossentropy", metrics=list(metrics), **arguments)
        return model

    return build


def of_mine(y_true, y_pred):
    return keras.ops.mean(y_pred)


@pytest.mark.parametrize(
    ("given", "build", "lacks"),
    [
        (["AUC"], with_metrics("accuracy"), "that lack 'AUC': 'accuracy'"),
        (["accuracy", keras.metrics.AUC], with_metrics("accuracy"), "that lack 'AUC': 'accuracy'"),
        ([keras.metrics.AUC(name="pr", curve="PR")], with_metrics(keras.metrics.AUC), "that lack 'pr': 'AUC'"),
        ({"mine": of_mine}, with_metrics("mse"), "that lack 'of_mine': 'mse'"),
        (["top_k_categorical_accuracy"], with_metrics("acc"), "that lack 'top_k_categorical_accuracy': 'acc'"),
    ],
    ids=["name", "class", "object", "function", "another accuracy"],
)
def test_a_metric_that_the_model_lacks_is_said(binary_data, given, build, lacks):
    with pytest.warns(UserWarning, match=f"'metrics' parameter is .* is compiled already, with metrics {lacks}"):
        KerasClassifier(model=build, metrics=given, **QUICK).fit(*binary_data)


@pytest.mark.few(4)
@pytest.mark.parametrize(
    ("given", "build"),
    [
        (["AUC"], with_metrics("accuracy", keras.metrics.AUC(name="auc_3"))),
        (["auc"], with_metrics(keras.metrics.AUC(name="roc"))),
        ([keras.metrics.AUC], with_metrics(weighted_metrics=["AUC"])),
        (["accuracy"], with_metrics("binary_accuracy")),
        ([keras.metrics.BinaryAccuracy()], with_metrics("acc")),
        (["mse", of_mine], with_metrics(keras.metrics.MeanSquaredError(), of_mine)),
        (["acc", "AUC", of_mine], compiled_as_asked),
        ([keras.metrics.AUC(name="pr", curve="PR"), "mae", keras.metrics.F1Score], compiled_as_asked),
    ],
)
def test_metrics_that_the_model_has_by_another_name_are_not_said(binary_data, given, build):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        KerasClassifier(model=build, metrics=given, **QUICK).fit(*binary_data)
