"""scipy's distributions and plain choices, as our spaces."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from scipy.stats import loguniform, norm, randint, reciprocal
from scipy.stats import uniform as scipy_uniform

from sknn_tune.search_space import int_log_uniform, int_uniform, log_uniform, topology, uniform
from sknn_tune.search_space.translations import as_space, drawable


@pytest.mark.parametrize(
    ("given", "space"),
    [
        (scipy_uniform(1, 2), uniform(1, 3)),
        (scipy_uniform(loc=-1, scale=0.5), uniform(-1, -0.5)),
        (scipy_uniform(), uniform(0, 1)),
        (randint(1, 10), int_uniform(1, 9)),
        (randint(low=1, high=10, loc=5), int_uniform(6, 14)),
        (loguniform(1e-4, 1e-1), log_uniform(1e-4, 1e-1)),
        (loguniform(1, 10, scale=2), log_uniform(2, 20)),
        (loguniform(1, 10, 0, 2), log_uniform(2, 20)),
        (reciprocal(1, 10), log_uniform(1, 10)),
        ([1, "a", None], [1, "a", None]),
        ((1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        (np.array([1, 2]), [1, 2]),
        (pd.Series([1, 2], index=["a", "b"]), [1, 2]),
        (pd.Index(["a", "b"]), ["a", "b"]),
        (pl.Series([1, 2]), [1, 2]),
        (FloatDistribution(-1, 2), uniform(-1, 2)),
        (FloatDistribution(1e-3, 1, log=True), log_uniform(1e-3, 1)),
        (IntDistribution(-1, 2), int_uniform(-1, 2)),
        (IntDistribution(1, 100, log=True), int_log_uniform(1, 100)),
        (CategoricalDistribution(["a", None, 1]), ["a", None, 1]),
    ],
)
def test_what_is_the_same_in_our_words(given, space):
    assert as_space(given) == space


@pytest.mark.parametrize("given", [scipy_uniform(1, 2), randint(1, 10), loguniform(1, 10, scale=2)])
def test_bounds_are_those_of_the_draws(given):
    space = as_space(given)
    assert all(value in space for value in given.rvs(size=200, random_state=0))


@pytest.mark.parametrize(
    "given", [norm(0, 1), loguniform(1, 10, loc=2), loguniform(1, 10, 2), "abc", 3, None, uniform(0, 1), topology()]
)
def test_everything_else_stays_itself(given):
    assert as_space(given) is given


def test_rows_of_a_table_of_choices_stay_arrays():
    rows = as_space(np.array([[1, 2], [3, 4]]))
    assert [row.tolist() for row in rows] == [[1, 2], [3, 4]]
    assert isinstance(rows[0], np.ndarray)


# --- Optuna's distributions with a step ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (IntDistribution(1, 10, step=3), [1, 4, 7, 10]),
        (FloatDistribution(0.1, 0.5, step=0.1), [0.1, 0.2, 0.3, 0.4, 0.5]),
        (IntDistribution(5, 5, step=2), [5]),
    ],
)
def test_steps_are_those_of_optuna(given, values):
    space = as_space(given)
    drawn = space.rvs(size=200, random_state=0).tolist()
    assert sorted(set(drawn)) == space.grid(len(values)) == values
    assert all(type(value) is type(values[0]) for value in drawn)
    assert all(value in space for value in values) and values[0] + 0.05 not in space
    assert eval(repr(space)) == given  # the code that makes it is Optuna's
    assert type(space.rvs(random_state=0)) is type(values[0])
    assert hash(space) == hash(as_space(given))


def test_steps_are_narrowed_to_steps():
    space = as_space(IntDistribution(0, 100, step=5))
    assert space.narrow([20, np.int64(30)]).grid(99) == [20, 25, 30]
    assert space.narrow([20], margin=0.1).grid(99) == [10, 15, 20, 25, 30]
    assert space.narrow([95, 200]).grid(99) == [95, 100]
    with pytest.raises(ValueError, match="cannot be narrowed to the values between 200 and 300: none is in it"):
        space.narrow([200, 300])
    with pytest.raises(ValueError, match="can be narrowed to integers only"):
        space.narrow([0.5])
    assert as_space(FloatDistribution(0, 1, step=0.25)).narrow([0, 0.5]).grid(9) == [0.0, 0.25, 0.5]


# --- for scikit-learn ----------------------------------------------------------------------------------------


def test_what_scikit_learn_takes_is_left_alone():
    space = {"a": [1, 2], "b": np.array([1, 2]), "c": norm(0, 1), "d": uniform(0, 1), "e": (1, 2), "f": range(3)}
    made = drawable(space, caller="Search")
    assert all(made[name] is space[name] for name in space)
    assert drawable({}, caller="Search") == {} and drawable([space, {}], caller="Search") == [space, {}]


def test_the_rest_becomes_what_it_takes():
    space = {"a": pd.Series([1, 2]), "b": IntDistribution(1, 3), "c": CategoricalDistribution("xy")}
    assert drawable(space, caller="Search") == {"a": [1, 2], "b": int_uniform(1, 3), "c": ["x", "y"]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"x": "relu"}, "no space for 'x': expected a list of values with at least one in it"),
        ({"x": "relu"}, "Got 'relu'. A single value goes into a list: ['relu']."),
        ({"x": 3.0, "y": uniform(0, 1)}, "A single value goes into a list: [3.0]."),
        ({"x": {1, 2}}, "A set has no order"),
        ({"x": []}, "Got []."),
        ({"x": loguniform}, "Give the distribution its arguments: loguniform(a, b)."),
        ({"x": {"a": 1}}, "Got {'a': 1}."),
        ({"x": (value for value in "ab")}, "Got <generator"),
        ([{"y": [1]}, {"x": None}], "A single value goes into a list: [None]."),
        ([], "must be a dict or a list of at least one dict. Got []."),
        ([1], "must be a dict or a list of at least one dict. Got [1]."),
    ],
)
def test_what_is_no_space_is_refused(given, message):
    with pytest.raises(ValueError) as error:
        drawable(given, caller="Search")
    assert str(error.value).startswith("The 'param_distributions' parameter of Search ")
    assert message in str(error.value)
