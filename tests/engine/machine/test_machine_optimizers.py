"""Updates by machine code against steps worked out by hand."""

import numpy as np
import pytest
from machine_code import DTYPES, call

from sknn_tune.engine.formulas import MOMENTS, resolve_optimizer
from sknn_tune.engine.machine._kernels import update_address
from sknn_tune.engine.machine._optimizers import UPDATES
from sknn_tune.specs import TrainingSpec

RATE = 0.05
N_STEPS = 6


def _by_machine_code(optimizer, w, gradients, dtype="float64", **arguments):
    resolved = resolve_optimizer(TrainingSpec("mean_squared_error", optimizer, RATE, 8, 1, tuple(arguments.items())))
    coefficients, _ = resolved.coefficients(0, len(gradients))
    weights = w.astype(dtype)
    state = {name: np.full_like(weights, resolved.initial_moment) for name in MOMENTS[resolved.form]}
    m, v = (state.get(name, np.empty(0, dtype)) for name in ("m", "v"))
    address = update_address(resolved.form, dtype)
    for row, gradient in zip(coefficients.astype(dtype), gradients.astype(dtype), strict=True):
        call(address, weights, m, v, gradient, len(weights), row.copy())
    return weights


def _sgd(w, gradients, momentum=0.0, nesterov=False):
    velocity = 0.0
    for g in gradients:
        velocity = momentum * velocity + g
        w = w - RATE * (g + momentum * velocity if nesterov else velocity)
    return w


def _adagrad(w, gradients, initial_accumulator_value=0.1, epsilon=1e-7):
    total = initial_accumulator_value
    for g in gradients:
        total = total + g**2
        w = w - RATE * g / np.sqrt(total + epsilon)
    return w


def _rmsprop(w, gradients, rho=0.9, momentum=0.0, epsilon=1e-7):
    mean, velocity = 0.0, 0.0
    for g in gradients:
        mean = rho * mean + (1 - rho) * g**2
        velocity = momentum * velocity + RATE * g / np.sqrt(mean + epsilon)
        w = w - velocity
    return w


def _adam(w, gradients, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=0.0):
    m, v = 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        # Kingma and Ba's "efficient" form, where epsilon stands beside the uncorrected deviation.
        step = RATE * np.sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (np.sqrt(v) + epsilon)
        w = w * (1 - RATE * weight_decay) - step
    return w


def _nadam(w, gradients, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, v, product = 0.0, 0.0, 1.0
    for t, g in enumerate(gradients, start=1):
        now, following = (beta_1 * (1 - 0.5 * 0.96**i) for i in (t, t + 1))
        product *= now
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        corrected = following * m / (1 - product * following) + (1 - now) * g / (1 - product)
        w = w - RATE * corrected / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
    return w


BY_HAND = {"sgd": _sgd, "adagrad": _adagrad, "rmsprop": _rmsprop, "adam": _adam, "adamw": _adam, "nadam": _nadam}


STEPS = [
    ("sgd", {}),
    ("sgd", {"momentum": 0.8}),
    ("sgd", {"momentum": 0.8, "nesterov": True}),
    ("adagrad", {}),
    ("adagrad", {"initial_accumulator_value": 0.3, "epsilon": 1e-2}),
    ("rmsprop", {}),
    ("rmsprop", {"rho": 0.7, "momentum": 0.6, "epsilon": 1e-3}),
    ("adam", {}),
    ("adam", {"beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-2}),
    ("adamw", {"weight_decay": 0.1}),
    ("nadam", {}),
    ("nadam", {"beta_1": 0.7, "beta_2": 0.9}),
]


@pytest.mark.parametrize(("optimizer", "arguments"), STEPS)
def test_steps_are_those_worked_out_by_hand(optimizer, arguments):
    generator = np.random.default_rng(0)
    w, gradients = generator.normal(size=5), generator.normal(size=(N_STEPS, 5))
    np.testing.assert_allclose(
        _by_machine_code(optimizer, w, gradients, **arguments),
        BY_HAND[optimizer](w, gradients, **arguments),
        rtol=1e-12,
    )


@pytest.mark.parametrize(("optimizer", "arguments"), STEPS)
def test_steps_in_single_precision_are_the_same_but_for_rounding(optimizer, arguments):
    """More weights than are handled at once, and a rest."""
    generator = np.random.default_rng(0)
    w, gradients = generator.normal(size=37), generator.normal(size=(N_STEPS, 37))
    found = _by_machine_code(optimizer, w, gradients, "float32", **arguments)
    assert found.dtype == np.float32
    expected = BY_HAND[optimizer](w, gradients, **arguments)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("optimizer", "arguments"), STEPS)
def test_a_gradient_that_is_nan_makes_its_weight_nan_and_no_other(optimizer, arguments, dtype):
    w, gradients = np.ones(37), np.ones((1, 37))
    gradients[0, 20] = np.nan
    found = _by_machine_code(optimizer, w, gradients, dtype, **arguments)
    np.testing.assert_array_equal(np.isnan(found), np.arange(37) == 20)


def test_there_is_an_update_for_every_form():
    assert set(UPDATES) == set(MOMENTS)
