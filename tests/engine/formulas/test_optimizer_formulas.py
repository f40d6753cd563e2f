"""Optimizers: schedules by Keras, variables in Keras' order, and what is left to Keras."""

import inspect

import numpy as np
import pytest

from sknn_tune.engine._tensorflow import keras
from sknn_tune.engine.formulas import (
    DEFAULTS,
    MOMENTS,
    learning_rates,
    optimizer_name,
    resolve_optimizer,
    why_optimizer_needs_keras,
)
from sknn_tune.engine.models._optimizers import make_learning_rate, make_optimizer
from sknn_tune.specs import ScheduleSpec, TrainingSpec

RATE = 0.05


def _spec(optimizer, schedule=None, **arguments):
    return TrainingSpec("mean_squared_error", optimizer, RATE, 8, 1, tuple(arguments.items()), schedule=schedule)


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


def test_a_class_of_the_users_own_is_none_of_keras():
    class Adam(keras.optimizers.Adam):
        pass

    assert optimizer_name(Adam) is None
    assert "is not one of" in why_optimizer_needs_keras(_spec(Adam))
