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


def compiled_as_asked(meta, compile_kwargs):
    model = keras.Sequential([keras.layers.Input(meta["X_shape_"][1:]), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(**compile_kwargs)
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
    ],
    ids=["name", "class", "rate", "metrics"],
)
def test_it_is_said(binary_data, given, sentence):
    with pytest.warns(UserWarning, match=sentence):
        KerasClassifier(model=compiled, **given, **QUICK).fit(*binary_data)


@pytest.mark.parametrize(
    "params",
    [
        {"model": compiled},
        {"model": compiled, "optimizer": "SGD", "learning_rate": 0.05},
        {"model": compiled_as_asked, "optimizer": "rmsprop", "learning_rate": 0.5, "metrics": ["AUC"]},
    ],
    ids=["nothing given", "the same given", "taken"],
)
def test_nothing_is_said_where_there_is_nothing_to_say(binary_data, params):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        KerasClassifier(**params, **QUICK).fit(*binary_data)
