"""Activation functions as numbers: by their formulas, and slopes that are those of the values."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from sknn_tune.inspection import activation_curves
from sknn_tune.specs._vocabulary import ACTIVATIONS

OF_A_LAYER = {"softmax", "log_softmax", "sparsemax"}
OF_ONE_NUMBER = [name for name in ACTIVATIONS if name not in OF_A_LAYER]


def logistic(z):
    return 1 / (1 + np.exp(-z))


FORMULAS = {
    "sigmoid": logistic,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "linear": lambda z: z,
    "elu": lambda z: np.where(z > 0, z, np.expm1(z)),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(z)),
    "softplus": lambda z: np.log1p(np.exp(z)),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "hard_sigmoid": lambda z: np.clip(z + 3, 0, 6) / 6,
    "exponential": np.exp,
    "silu": lambda z: z * logistic(z),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_values_are_those_of_the_formula(name):
    curves = activation_curves([name])
    np.testing.assert_allclose(curves.values[0], FORMULAS[name](curves.inputs), atol=1e-6)


def test_slopes_are_the_derivatives_of_the_values():
    curves = activation_curves(OF_ONE_NUMBER, low=-3.9, high=4.1, n_points=4001)
    for name, values, slopes in zip(curves.names, curves.values, curves.slopes, strict=True):
        differences = np.diff(values) / np.diff(curves.inputs)
        middle = (slopes[1:] + slopes[:-1]) / 2
        jumps = np.abs(np.diff(slopes)) > 0.05  # a kink, where neither is the derivative between the points
        limit = 0.01 * np.abs(middle).max() if name == "exponential" else 0.005
        assert np.abs(differences - middle)[~jumps].max() < limit, name
        assert jumps.sum() <= 4 or name == "exponential", name


def test_at_its_kink_relu_has_the_slope_that_tensorflow_trains_with():
    curves = activation_curves(["relu"], low=-1, high=1, n_points=3)
    assert curves.slopes.tolist() == [[0, 0, 1]]


def test_the_slope_of_sigmoid_is_a_quarter_at_most_and_it_tends_to_zero():
    curves = activation_curves(["sigmoid"], low=-30, high=30)
    assert curves.slopes.max() == 0.25
    assert 0 < curves.values[0, 0] < 1e-12


def test_negative_slope_is_that_of_leaky_relu():
    curves = activation_curves(["leaky_relu", "relu"], negative_slope=0.3)
    below = curves.inputs < 0
    np.testing.assert_allclose(curves.slopes[:, below].mean(axis=1), [0.3, 0], atol=1e-7)


@pytest.mark.parametrize(("one", "other"), [("swish", "silu"), ("hard_swish", "hard_silu")])
def test_both_names_of_an_activation_have_one_curve(one, other):
    curves = activation_curves([one, other])
    assert curves.names == (one, other)
    np.testing.assert_array_equal(curves.values[0], curves.values[1])
    np.testing.assert_array_equal(curves.slopes[0], curves.slopes[1])


WITHOUT_TENSORFLOW = """
import sys
from sknn_tune.inspection import activation_curves
activation_curves()
print(sorted({"tensorflow", "keras", "numba"} & set(sys.modules)))
"""


def test_curves_of_activations_with_a_formula_load_no_tensorflow():
    done = subprocess.run([sys.executable, "-c", WITHOUT_TENSORFLOW], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr[-2000:]


def test_functions_may_stand_beside_names():
    def bent(z):
        return keras.ops.sin(z)

    curves = activation_curves([bent, "tanh"], low=-2, high=2, n_points=5)
    assert curves.names == ("bent", "tanh")
    np.testing.assert_array_equal(curves.inputs, [-2, -1, 0, 1, 2])
    np.testing.assert_allclose(curves.values[0], np.sin(curves.inputs))
    np.testing.assert_allclose(curves.slopes[0], np.cos(curves.inputs))
    assert curves.values.shape == curves.slopes.shape == (2, 5)


def test_a_step_has_no_slope():
    curves = activation_curves([lambda z: keras.ops.cast(z > 0, z.dtype)])
    assert curves.names == ("<lambda>",)
    assert set(curves.values[0]) == {0, 1}
    assert not curves.slopes.any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"activations": ["rellu"]}, "must be a list of callables and of names among celu, .* Got 'rellu' in it"),
        ({"activations": []}, "must have at least one entry"),
        ({"activations": "relu"}, "The 'activations' parameter of activation_curves must be an instance of 'list'"),
        (
            {"activations": ["relu", "softmax"]},
            "'softmax' is not: it looks at all units of a layer at once. Leave it out",
        ),
        ({"activations": [keras.activations.log_softmax]}, "'log_softmax' is not"),
        ({"low": 1, "high": -1}, "must be below 'high'. Got low=1 and high=-1"),
        ({"n_points": 1}, "The 'n_points' parameter of activation_curves must be an int in the range"),
    ],
)
def test_what_has_no_curve_is_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        activation_curves(**arguments)
