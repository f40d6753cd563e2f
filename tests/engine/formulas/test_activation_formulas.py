"""Formulas of activations: values as Keras computes them, slopes as TensorFlow differentiates them."""

import numpy as np
import pytest
from keras_formulas import activation, activations_and_gradient

from sknn_tune.engine._tensorflow import keras
from sknn_tune.engine.arrays import activate, values_and_slopes
from sknn_tune.engine.formulas import ACTIVATIONS, ROW_ACTIVATIONS
from sknn_tune.specs import _vocabulary

SLOPE = 0.03
NAMES = sorted({*ACTIVATIONS, *ROW_ACTIVATIONS})


def _sums():
    """Both sides of every kink, some of them far out."""
    return np.random.default_rng(0).normal(scale=4, size=(30, 7))


def test_all_names_of_the_vocabulary_but_three_have_a_formula():
    aliases = {"swish", "hard_swish"}  # second names of silu and hard_silu
    without = {"sparse_plus", "sparse_sigmoid", "sparsemax"}
    assert set(_vocabulary.ACTIVATIONS) - aliases - without == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_values_are_those_of_keras(name):
    z = _sums()
    expected, _ = activations_and_gradient(name, z, z, SLOPE)
    np.testing.assert_allclose(activate(name, z, SLOPE), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"leaky_relu"}))
def test_the_reference_is_keras(name):
    """Of which two functions round a constant to single precision, so that tests have forms of their own for these."""
    np.testing.assert_allclose(activation(name)(_sums()), keras.activations.get(name)(_sums()), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_are_those_of_a_tape(name):
    z = _sums()
    _, expected = activations_and_gradient(name, z, np.ones_like(z), SLOPE)
    _, slopes = values_and_slopes(name, z, SLOPE)
    np.testing.assert_allclose(slopes, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"exponential"}))
def test_large_sums_neither_overflow_nor_give_nan(name):
    for found in values_and_slopes(name, np.array([-1e4, -200.0, -50.0, 50.0, 200.0, 1e4]), SLOPE):
        assert np.isfinite(found).all()


@pytest.mark.parametrize("name", [name for name, found in ACTIVATIONS.items() if found.in_place])
def test_what_works_in_place_needs_no_sum_for_its_slope(name):
    """A layer keeps the values alone, and hands them over in the place of the sums, too."""
    from sknn_tune.engine.arrays._arithmetic import ARITHMETIC

    z = _sums()
    value, slope = ACTIVATIONS[name].formula(ARITHMETIC)
    h = value(z, SLOPE)
    np.testing.assert_array_equal(slope(h, h, SLOPE), slope(np.full_like(z, np.nan), h, SLOPE))


def test_names_with_one_formula_are_one_activation():
    assert ACTIVATIONS["celu"] is ACTIVATIONS["elu"]
