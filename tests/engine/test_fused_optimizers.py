"""Optimizers: steps worked out by hand, schedules by Keras, variables in Keras' order."""

import inspect

import numpy as np
import pytest
from machine_code import DTYPES, call
from sknn_tune.engine._program_update import apply_update

from sknn_tune.engine._tensorflow import keras, tf
from sknn_tune.engine.formulas._optimizers import (
    COLUMNS,
    DEFAULTS,
    MOMENTS,
    learning_rates,
    optimizer_name,
    resolve_optimizer,
    why_optimizer_needs_keras,
)
from sknn_tune.engine.machine._kernels import update_address
from sknn_tune.engine.models._optimizers import make_learning_rate
from sknn_tune.specs import ScheduleSpec, TrainingSpec

RATE = 0.05
N_STEPS = 6


def _spec(optimizer, schedule=None, **arguments):
    return TrainingSpec("mean_squared_error", optimizer, RATE, 8, 1, tuple(arguments.items()), schedule=schedule)


def _by_machine_code(optimizer, w, gradients, dtype="float64", **arguments):
    resolved = resolve_optimizer(_spec(optimizer, **arguments))
    coefficients, _ = resolved.coefficients(0, len(gradients))
    weights = w.astype(dtype)
    state = {name: np.full_like(weights, resolved.initial_moment) for name in MOMENTS[resolved.form]}
    m, v = (state.get(name, np.empty(0, dtype)) for name in ("m", "v"))
    address = update_address(resolved.form, dtype)
    for row, gradient in zip(coefficients.astype(dtype), gradients.astype(dtype), strict=True):
        call(address, weights, m, v, gradient, len(weights), row.copy())
    return weights


def _by_program(optimizer, w, gradients, **arguments):
    resolved = resolve_optimizer(_spec(optimizer, **arguments))
    coefficients, _ = resolved.coefficients(0, len(gradients))
    weights, moments = tf.constant(w), [tf.fill(w.shape, tf.constant(resolved.initial_moment, tf.float64))] * 2
    moments = moments[: len(MOMENTS[resolved.form])]
    for row, gradient in zip(coefficients, gradients, strict=True):
        named = dict(zip(COLUMNS, row, strict=True))
        weights, moments = apply_update(resolved.form, weights, moments, tf.constant(gradient), named)
    return weights.numpy()


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
@pytest.mark.parametrize("ours", [_by_machine_code, _by_program])
def test_steps_are_those_worked_out_by_hand(optimizer, arguments, ours):
    generator = np.random.default_rng(0)
    w, gradients = generator.normal(size=5), generator.normal(size=(N_STEPS, 5))
    np.testing.assert_allclose(
        ours(optimizer, w, gradients, **arguments), BY_HAND[optimizer](w, gradients, **arguments), rtol=1e-12
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


@pytest.mark.parametrize(
    "schedule",
    [
        ScheduleSpec("inverse_time", 0.5, 7),
        ScheduleSpec("inverse_time", 0.5, 7, staircase=True),
        ScheduleSpec("exponential", 0.5, 7),
        ScheduleSpec("exponential", 0.5, 7, staircase=True),
        ScheduleSpec("piecewise", 0.5, 1, boundaries=(5, 12)),
        ScheduleSpec("cosine", 0.5, 15),
    ],
)
def test_rates_are_those_of_the_keras_schedule(schedule):
    keras_schedule = make_learning_rate(_spec("sgd", schedule))
    steps = np.arange(20)
    expected = [float(keras_schedule(int(step))) for step in steps]
    np.testing.assert_allclose(learning_rates(RATE, schedule, steps), expected, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "arguments"),
    [
        ("sgd", {}),
        ("sgd", {"momentum": 0.9}),
        ("adagrad", {}),
        ("rmsprop", {"momentum": 0.9}),
        ("adam", {}),
        ("nadam", {}),
    ],
)
@pytest.mark.parametrize("schedule", [None, ScheduleSpec("exponential", 0.5, 7)])
def test_variables_read_and_written_are_those_of_keras(optimizer, arguments, schedule):
    from sknn_tune.engine.models._optimizers import make_optimizer

    keras_optimizer = make_optimizer(_spec(optimizer, schedule, **arguments))
    variables = [keras.Variable(np.ones((3, 2), "float32")), keras.Variable(np.ones(2, "float32"))]
    keras_optimizer.build(variables)
    for index in range(3):
        keras_optimizer.apply([np.full((3, 2), index + 1.0, "float32"), np.full(2, -index - 1.0, "float32")], variables)
    theirs = [np.array(variable) for variable in keras_optimizer.variables]
    resolved = resolve_optimizer(_spec(optimizer, schedule, **arguments))
    moments, iterations, u_product = resolved.read_variables(theirs)
    assert iterations == 3
    assert [[array.shape for array in moment] for moment in moments] == [[(3, 2), (2,)]] * len(MOMENTS[resolved.form])
    for ours, expected in zip(resolved.write_variables(moments, 3, u_product, "float32"), theirs, strict=True):
        assert ours.shape == expected.shape and ours.dtype == expected.dtype
        np.testing.assert_array_equal(ours, expected)


def test_coefficients_do_not_depend_on_how_updates_are_grouped():
    resolved = resolve_optimizer(_spec("nadam", ScheduleSpec("cosine", 0.5, 15), weight_decay=0.01))
    together, product = resolved.coefficients(0, 9)
    first, between = resolved.coefficients(0, 4)
    second, after = resolved.coefficients(4, 5, between)
    np.testing.assert_allclose(np.concatenate([first, second]), together, rtol=1e-12)
    assert after == pytest.approx(product)


@pytest.mark.parametrize(
    ("optimizer", "arguments", "words"),
    [
        ("lion", {}, "lion"),
        ("adam", {"amsgrad": True}, "amsgrad"),
        ("adam", {"clipnorm": 1.0}, "clipnorm"),
        ("adam", {"use_ema": True}, "use_ema"),
        ("rmsprop", {"centered": True}, "centered"),
        ("sgd", {"no_such_argument": 1}, "no_such_argument"),
    ],
)
def test_what_only_keras_can_do_is_said(optimizer, arguments, words):
    assert words in why_optimizer_needs_keras(_spec(optimizer, **arguments))


@pytest.mark.parametrize("name", DEFAULTS)
def test_arguments_and_defaults_are_those_of_keras(name):
    keras_class = next(
        found for found in vars(keras.optimizers).values() if isinstance(found, type) and found.__name__.lower() == name
    )
    parameters = inspect.signature(keras_class).parameters.values()
    in_keras = {p.name: p.default for p in parameters if p.default is not p.empty}
    assert in_keras == {**DEFAULTS[name], "name": in_keras["name"]}  # before Keras 3.13 that was "SGD", not None
    assert optimizer_name(keras_class) == optimizer_name(name) == name
