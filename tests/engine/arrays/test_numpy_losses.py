"""Losses and accuracies of each row by NumPy, as Keras records them."""

import numpy as np
import pytest
from keras_formulas import DELTA, LOSS_CASES, loss_and_gradient, outputs_of, sums_and_targets, targets

from sknn_tune.engine._tensorflow import keras
from sknn_tune.engine.arrays import accuracy_of_rows, loss_of_rows
from sknn_tune.engine.formulas import is_combined


@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), LOSS_CASES)
def test_the_recorded_loss_is_that_of_keras(loss, output_activation, n_outputs):
    z, y = sums_and_targets(loss, n_outputs)
    combined = is_combined(loss, output_activation)
    values = z if combined else outputs_of(output_activation, z)
    expected, _ = loss_and_gradient(loss, output_activation, y, z)
    np.testing.assert_allclose(loss_of_rows(loss, combined, y, values, DELTA), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), LOSS_CASES)
def test_nan_in_an_output_is_nan_in_the_loss_of_its_row(loss, output_activation, n_outputs):
    z, y = sums_and_targets(loss, n_outputs)
    values = np.abs(z).clip(0.1, 0.9)
    values[7, n_outputs - 1] = np.nan
    each = loss_of_rows(loss, is_combined(loss, output_activation), y, values, DELTA)
    np.testing.assert_array_equal(np.isnan(each), np.arange(40) == 7)


@pytest.mark.parametrize(("loss", "output_activation", "n_outputs"), LOSS_CASES)
def test_single_precision_stays_single(loss, output_activation, n_outputs):
    z, y = (array.astype("float32") for array in sums_and_targets(loss, n_outputs))
    combined = is_combined(loss, output_activation)
    values = z if combined else outputs_of(output_activation, z).astype("float32")
    assert loss_of_rows(loss, combined, y, values, DELTA).dtype == np.float32


@pytest.mark.parametrize(
    ("kind", "loss", "output_activation", "metric"),
    [
        ("binary", "binary_crossentropy", "sigmoid", keras.metrics.BinaryAccuracy),
        ("binary", "binary_crossentropy", "hard_sigmoid", keras.metrics.BinaryAccuracy),
        ("index", "sparse_categorical_crossentropy", "softmax", keras.metrics.SparseCategoricalAccuracy),
        ("one_hot", "categorical_crossentropy", "softmax", keras.metrics.CategoricalAccuracy),
    ],
)
def test_accuracy_is_that_of_keras(kind, loss, output_activation, metric):
    z, y = np.random.default_rng(1).normal(size=(40, 3)), targets(loss, 40, 3)
    outputs = outputs_of(output_activation, z)
    combined = is_combined(loss, output_activation)
    found = accuracy_of_rows(kind, combined, y, z if combined else outputs)
    np.testing.assert_allclose(np.mean(found), metric()(y, outputs), rtol=1e-6)
    by_row = [float(metric()(y[row : row + 1], outputs[row : row + 1])) for row in range(40)]
    np.testing.assert_allclose(found, by_row, rtol=1e-6)
