"""Functions that are no activation, initializer, model or metric are refused by the name of their parameter."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from sknn_tune import KerasClassifier

QUICK = {"hidden_layer_sizes": (5,), "epochs": 1, "random_state": 0}


def refused(data, error=ValueError, **parameters):
    with pytest.raises(error) as caught:
        KerasClassifier(**QUICK, **parameters).fit(*data)
    return str(caught.value)


def nothing(outputs):
    return None


def narrow(outputs):
    return outputs[:, :1]


def wide(outputs):
    return tf.concat([outputs, outputs], axis=1)


@pytest.mark.parametrize(
    ("activation", "said"),
    [
        (int, r"is int, which fails for a tensor of shape \(rows, 5\): TypeError: "),
        (np.tanh, r"is tanh, which fails for a tensor of shape \(rows, 5\): NotImplementedError"),
        (lambda: 0, r"is <lambda>, which fails .* takes 0 positional arguments"),
        (nothing, r"is nothing, which gives None for a tensor of shape \(rows, 5\)"),
        (narrow, r"is narrow, which gives one of shape \(None, 1\) and type float32 .* of the same shape and type"),
        (
            lambda outputs: tf.cast(outputs, "int32"),
            r".* type int32 for a tensor of shape \(rows, 5\) and type float32",
        ),
        (str, r"is str, which gives "),
    ],
    ids=["int", "numpy", "no argument", "nothing", "narrow", "integers", "str"],
)
def test_an_activation_that_is_none(binary_data, activation, said):
    with pytest.raises(ValueError, match="The 'activation' parameter " + said):
        KerasClassifier(activation=activation, **QUICK).fit(*binary_data)


@pytest.mark.parametrize("function", [int, nothing, wide])
def test_an_output_activation_that_is_none(binary_data, function):
    assert "The 'output_activation' parameter is" in refused(binary_data, output_activation=function)


class Callable:
    __hash__ = None

    def __call__(self, outputs):
        return tf.nn.relu(outputs)


@pytest.mark.parametrize("activation", [tf.nn.relu, keras.ops.relu, Callable()])
def test_activations_of_any_make_are_taken(binary_data, activation):
    fitted = KerasClassifier(activation=activation, **QUICK).fit(*binary_data)
    assert np.isfinite(fitted.predict_proba(binary_data[0])).all()


def asks_for_nothing():
    return np.zeros(3)


@pytest.mark.parametrize("engine", ["auto", "keras"])
@pytest.mark.parametrize("initializer", [int, asks_for_nothing, dict])
def test_an_initializer_that_is_none(binary_data, initializer, engine):
    said = refused(binary_data, kernel_initializer=initializer, engine=engine)
    assert f"The 'kernel_initializer' parameter is {initializer.__name__}, which Keras cannot call as" in said


@pytest.mark.parametrize("sharing", [{}, {"n_members": 2, "share_weights": True, "engine": "keras"}], ids=["", "keras"])
def test_an_initializer_of_other_shapes(binary_data, sharing):
    said = refused(binary_data, kernel_initializer=lambda shape, dtype: np.zeros(3, dtype), **sharing)
    assert "which gives an array of shape (3,) where one of shape (6, 5) was asked for" in said


def test_a_metric_that_is_none(binary_data):
    assert "The 'metrics' parameter has 'dict', which is {}: no metric." in refused(binary_data, metrics=[dict])


@pytest.mark.parametrize("given", [[int], [3], {"first": object()}, [[keras.callbacks.History, dict]]])
def test_a_callback_that_is_none(binary_data, given):
    said = refused(binary_data, TypeError, callbacks=given)
    assert "The 'callbacks' parameter of KerasClassifier takes Keras callbacks, as objects or classes, but has" in said


@pytest.mark.filterwarnings("ignore:The 'hidden_layer_sizes' parameter:UserWarning")  # these have their own
def test_a_model_whose_arguments_nobody_knows(binary_data):
    assert "The 'model' parameter is <class 'int'>, of which Python cannot say" in refused(binary_data, model=int)


def asks_for_units(units, meta):
    return keras.Sequential([keras.Input((meta["n_features_in_"],)), keras.layers.Dense(units)])


@pytest.mark.filterwarnings("ignore:The 'hidden_layer_sizes' parameter:UserWarning")
def test_a_model_function_that_asks_for_more(binary_data):
    said = refused(binary_data, TypeError, model=asks_for_units)
    assert "asks for more than it is given: missing a required argument: 'units'. Give the rest by routed" in said
