"""scipy's distributions and plain choices, as our spaces."""

import numpy as np
import pytest
from scipy.stats import loguniform, norm, randint, reciprocal
from scipy.stats import uniform as scipy_uniform

from sknn_tune.search_space import int_uniform, log_uniform, topology, uniform
from sknn_tune.search_space.translations import as_space


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
