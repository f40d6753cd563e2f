"""Laws of the ranges of numbers: how draws are distributed, what lies in them, what listing and narrowing keep."""

import copy
import json
import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from sknn_tune.search_space import int_log_uniform, int_uniform, log_uniform, one_minus_log_uniform, uniform

FLOATS = [
    uniform(-2.0, 3.0),
    uniform(0.0, 0.5),
    log_uniform(1e-5, 1e-1),
    log_uniform(0.3, 700),
    one_minus_log_uniform(0.5, 0.9999),
    one_minus_log_uniform(0.0, 0.99),
]
INTEGERS = [
    int_uniform(-3, 4),
    int_uniform(0, 1),
    int_log_uniform(1, 8),
    int_log_uniform(16, 300),
]
SPACES = [*FLOATS, *INTEGERS]
POINTS = [uniform(0.1, 0.1), log_uniform(1e-3, 1e-3), one_minus_log_uniform(0.9, 0.9), int_uniform(0, 0)]
POINTS += [int_log_uniform(7, 7)]

all_spaces = pytest.mark.parametrize("space", SPACES, ids=repr)
all_floats = pytest.mark.parametrize("space", FLOATS, ids=repr)
all_integers = pytest.mark.parametrize("space", INTEGERS, ids=repr)
all_points = pytest.mark.parametrize("space", POINTS, ids=repr)


# How draws are distributed

#: What is uniform about each kind.
SCALES = {uniform: lambda x: x, log_uniform: np.log, one_minus_log_uniform: lambda x: -np.log(1 - x)}


def p_value_of_uniformity(values, low, high):
    return kstest(values, "uniform", args=(low, high - low)).pvalue


@all_floats
def test_draws_are_uniform_on_the_scale(space):
    scale = SCALES[type(space)]
    draws = space.rvs(size=5000, random_state=0)
    assert p_value_of_uniformity(scale(draws), scale(space.low), scale(space.high)) > 0.01


@pytest.mark.parametrize("wrong", ["log_uniform", "one_minus_log_uniform"])
def test_the_law_notices_another_scale(wrong):
    draws = uniform(0.01, 0.99).rvs(size=5000, random_state=0)
    scale = SCALES[{"log_uniform": log_uniform, "one_minus_log_uniform": one_minus_log_uniform}[wrong]]
    assert p_value_of_uniformity(scale(draws), scale(0.01), scale(0.99)) < 1e-6


def test_one_minus_a_draw_is_log_uniform():
    draws = 1 - one_minus_log_uniform(0.9, 0.999).rvs(size=5000, random_state=1)
    assert p_value_of_uniformity(np.log10(draws), -3, -1) > 0.01


@pytest.mark.parametrize("space", [int_uniform(-3, 4), int_uniform(2, 21)], ids=repr)
def test_integers_are_equally_likely(space):
    _, counts = np.unique(space.rvs(size=5000, random_state=0), return_counts=True)
    assert len(counts) == space.high - space.low + 1
    assert chisquare(counts).pvalue > 0.01


@pytest.mark.parametrize("space", [int_log_uniform(1, 8), int_log_uniform(16, 40)], ids=repr)
def test_integers_on_a_log_scale_own_the_half_steps_around_them(space):
    values, counts = np.unique(space.rvs(size=5000, random_state=0), return_counts=True)
    assert values.tolist() == list(range(space.low, space.high + 1))
    shares = np.log((values + 0.5) / (values - 0.5))
    assert chisquare(counts, shares / shares.sum() * counts.sum()).pvalue > 0.01


@all_integers
def test_both_integer_ends_occur(space):
    assert {space.low, space.high} <= set(space.rvs(size=3000, random_state=0).tolist())


@all_spaces
def test_draws_lie_in_the_space(space):
    assert all(value in space for value in space.rvs(size=1000, random_state=2))


def test_draws_of_a_tiny_range_never_leave_it():
    """Via the logarithm and back, a value moves by its last digits: here as far as the range is wide."""
    low = 0.1234567890123456
    for kind in (uniform, log_uniform, one_minus_log_uniform):
        space = kind(low, np.nextafter(low, 1))
        assert all(value in space for value in space.rvs(size=100, random_state=0))


# Seeds and types


@all_spaces
def test_the_same_seed_draws_the_same(space):
    assert space.rvs(random_state=3) == space.rvs(random_state=3)
    one, same, other = (space.rvs(size=50, random_state=seed) for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@all_spaces
def test_a_random_state_goes_on_and_numpys_own_is_not_touched(space):
    before = np.random.get_state()[1].tolist()
    random_state = np.random.RandomState(0)
    draws = {space.rvs(random_state=random_state) for _ in range(20)}
    assert len(draws) > 1
    assert np.random.get_state()[1].tolist() == before


@all_spaces
def test_a_draw_is_a_plain_python_number(space):
    value = space.rvs(random_state=0)
    assert type(value) is (float if space in FLOATS else int)
    assert json.loads(json.dumps(value)) == value


@all_spaces
@pytest.mark.parametrize("size", [0, 3, (2, 3), ()])
def test_size_is_the_shape_of_the_array(space, size):
    draws = space.rvs(size=size, random_state=0)
    assert isinstance(draws, np.ndarray)
    assert draws.shape == np.empty(size).shape
    assert draws.dtype == (np.float64 if space in FLOATS else np.int64)


# What lies in a space


@all_spaces
def test_both_ends_and_numpys_numbers_lie_in_it(space):
    for end in (space.low, space.high):
        assert end in space
        assert np.asarray(end)[()] in space


@all_spaces
def test_what_does_not_lie_in_it(space):
    below, above = space.low - 1, space.high + 1
    for value in (below, above, np.nan, np.inf, "0.1", None, (space.low,), True, [space.low]):
        assert value not in space


@all_integers
def test_no_float_lies_in_integers(space):
    assert float(space.low) not in space
    assert space.low + 0.5 not in space


# repr, equality, immutability


@pytest.mark.parametrize("space", [*SPACES, *POINTS], ids=repr)
def test_repr_is_the_code_that_makes_it(space):
    assert eval(repr(space)) == space


@all_spaces
def test_copies_are_equal_and_hash_alike(space):
    for same in (copy.deepcopy(space), pickle.loads(pickle.dumps(space)), type(space)(space.low, space.high)):
        assert same == space
        assert hash(same) == hash(space)


def test_another_scale_or_end_is_another_space():
    assert uniform(0.1, 0.9) != log_uniform(0.1, 0.9)
    assert uniform(0.1, 0.9) != uniform(0.1, 0.8)
    assert len({uniform(0.1, 0.9), uniform(0.1, 0.9), one_minus_log_uniform(0.1, 0.9)}) == 2


@all_spaces
def test_it_cannot_be_changed(space):
    with pytest.raises(FrozenInstanceError):
        space.low = space.high


def test_numpys_numbers_become_pythons():
    assert repr(uniform(np.float32(0.5), np.int64(1))) == "uniform(0.5, 1.0)"
    assert repr(int_uniform(np.int64(1), np.int8(3))) == "int_uniform(1, 3)"


# Listing


@all_spaces
@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_grid_is_plain_ascending_and_inside(space, n):
    values = space.grid(n)
    assert all(type(value) is type(space.low) and value in space for value in values)
    assert values == sorted(set(values))
    assert len(values) <= n if space in INTEGERS else len(values) == n
    assert n == 1 or (values[0], values[-1]) == (space.low, space.high)


@all_floats
def test_grid_is_even_on_the_scale(space):
    distances = np.diff(SCALES[type(space)](np.array(space.grid(6))))
    assert distances == pytest.approx(distances[0])


@pytest.mark.parametrize(
    ("space", "n", "values"),
    [
        (uniform(0, 1), 3, [0.0, 0.5, 1.0]),
        (uniform(0, 1), 1, [0.5]),
        (log_uniform(1e-5, 1e-1), 5, [1e-05, 0.0001, 0.001, 0.01, 0.1]),
        (log_uniform(1e-4, 1e-2), 1, [0.001]),
        (one_minus_log_uniform(0.9, 0.999), 3, [0.9, 0.99, 0.999]),
        (int_uniform(1, 3), 10, [1, 2, 3]),
        (int_uniform(1, 9), 1, [5]),
        (int_log_uniform(16, 256), 5, [16, 32, 64, 128, 256]),
        (int_log_uniform(1, 4), 9, [1, 2, 3, 4]),
    ],
    ids=repr,
)
def test_grid_gives_round_values_for_round_ends(space, n, values):
    assert space.grid(n) == values


# Narrowing


@all_spaces
@pytest.mark.parametrize("margin", [0.0, 0.05, 0.3, 10])
def test_a_narrowed_space_holds_the_values_and_stays_inside_the_old_one(space, margin):
    for seed in range(20):
        values = space.rvs(size=3, random_state=seed).tolist()
        narrowed = space.narrow(values, margin=margin)
        assert type(narrowed) is type(space)
        assert space.low <= narrowed.low <= min(values)
        assert max(values) <= narrowed.high <= space.high
        assert all(value in space for value in narrowed.rvs(size=20, random_state=seed))


@all_spaces
def test_without_margin_it_spans_exactly_the_values(space):
    values = space.grid(5)[1:-1] or [space.low]
    assert space.narrow(iter(values[::-1])) == type(space)(values[0], values[-1])


@all_spaces
def test_narrowing_to_itself_changes_nothing(space):
    assert space.narrow([space.low, space.high]) == space
    assert space.narrow([space.low, space.high], margin=0.1) == space


@pytest.mark.parametrize(
    ("space", "values", "margin", "narrowed"),
    [
        (uniform(0, 1), [0.5, 0.25], 0.125, uniform(0.125, 0.625)),
        (uniform(0, 1), [0.9], 0.25, uniform(0.65, 1.0)),
        (uniform(0, 1), [-5, 0.5], 0, uniform(0.0, 0.5)),  # where values reach beyond an end, the end holds
        (int_uniform(1, 10), [5], 0, int_uniform(5, 5)),
        (int_uniform(1, 10), [5], 0.001, int_uniform(4, 6)),  # integers keep their neighbours
        (int_uniform(1, 10), [1, 2], 0.2, int_uniform(1, 4)),
        (int_log_uniform(1, 1000), [100], 0.01, int_log_uniform(93, 108)),
    ],
    ids=repr,
)
def test_margin_is_a_fraction_of_the_old_width(space, values, margin, narrowed):
    assert space.narrow(values, margin) == narrowed


@pytest.mark.parametrize("space", [log_uniform(1e-4, 1e-1), one_minus_log_uniform(0.9, 0.9999)], ids=repr)
def test_margin_is_measured_on_the_scale(space):
    scale = SCALES[type(space)]
    middle = space.grid(1)
    narrowed = space.narrow(middle, margin=0.1)
    width = scale(space.high) - scale(space.low)
    assert scale(narrowed.high) - scale(narrowed.low) == pytest.approx(0.2 * width, abs=width / 500)
    assert scale(narrowed.low) + scale(narrowed.high) == pytest.approx(2 * scale(middle[0]), abs=width / 500)


@pytest.mark.parametrize(
    ("space", "value", "narrowed"),
    [
        (log_uniform(1e-5, 1e-1), 0.000312345678, "log_uniform(0.000197, 0.000495)"),
        (one_minus_log_uniform(0.5, 0.999), 0.9123456789, "one_minus_log_uniform(0.8804, 0.9358)"),
        (uniform(0, 0.5), 0.123456789, "uniform(0.0985, 0.1485)"),
        (uniform(1000, 1000.001), 1000.000234, "uniform(1000.000184, 1000.000284)"),
    ],
)
def test_a_margin_gives_readable_ends(space, value, narrowed):
    assert repr(space.narrow([value], margin=0.05)) == narrowed


@all_points
def test_a_space_of_one_value(space):
    assert space.rvs(random_state=0) == space.low
    assert space.grid(1) == space.grid(4) == [space.low]
    assert space.narrow([space.low], margin=0.1) == space


# Errors


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (
            uniform,
            ("a", 1),
            "The 'low' parameter of uniform must be a float in the range (-inf, inf). Got 'a' instead.",
        ),
        (uniform, (0, np.inf), "The 'high' parameter of uniform must be a float in the range (-inf, inf). Got inf"),
        (uniform, (np.nan, 1), "The 'low' parameter of uniform must be a float in the range (-inf, inf). Got nan"),
        (
            uniform,
            (2, 1),
            "The 'low' parameter of uniform must not be above 'high'. Got low=2 and high=1: exchange them.",
        ),
        (
            log_uniform,
            (-4, -1),
            "The 'low' parameter of log_uniform must be a float in the range (0.0, inf). Got -4 instead. "
            "Give the values themselves, such as log_uniform(1e-4, 1e-1), not their exponents.",
        ),
        (log_uniform, (0, 1), "The 'low' parameter of log_uniform must be a float in the range (0.0, inf). Got 0"),
        (
            one_minus_log_uniform,
            (0.9, 1.0),
            "The 'high' parameter of one_minus_log_uniform must be a float in the range [0.0, 1.0). Got 1.0 instead. "
            "Give the values themselves, such as one_minus_log_uniform(0.9, 0.999).",
        ),
        (int_uniform, (1, 2.5), "The 'high' parameter of int_uniform must be an int in the range (-inf, inf). Got 2.5"),
        (int_log_uniform, (0, 4), "The 'low' parameter of int_log_uniform must be an int in the range [1, inf). Got 0"),
        (int_log_uniform, (9, 4), "Got low=9 and high=4: exchange them."),
    ],
)
def test_ends_that_make_no_space(make, arguments, message):
    with pytest.raises(ValueError) as error:
        make(*arguments)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: uniform(0, 1).grid(0),
            "The 'n' parameter of uniform.grid must be an int in the range [1, inf). Got 0",
        ),
        (lambda: uniform(0, 1).grid(2.0), "The 'n' parameter of uniform.grid must be an int in the range [1, inf)."),
        (
            lambda: uniform(0, 1).narrow([0.5], margin=-1),
            "The 'margin' parameter of uniform.narrow must be a float in the range [0.0, inf). Got -1 instead.",
        ),
        (lambda: uniform(0, 1).narrow([]), "uniform(0.0, 1.0) cannot be narrowed to no values: give at least one."),
        (lambda: uniform(0, 1).narrow(["a"]), "uniform(0.0, 1.0) can be narrowed to finite numbers only. Got 'a'."),
        (lambda: uniform(0, 1).narrow([np.nan]), "uniform(0.0, 1.0) can be narrowed to finite numbers only. Got nan."),
        (lambda: int_uniform(0, 1).narrow([0.5]), "int_uniform(0, 1) can be narrowed to integers only. Got 0.5."),
        (
            lambda: uniform(0, 1).narrow([3, 2]),
            "uniform(0.0, 1.0) cannot be narrowed to the values between 2 and 3: none is in it.",
        ),
    ],
)
def test_calls_that_make_no_sense(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert message in str(error.value)


@pytest.mark.parametrize("space", [int_uniform, int_log_uniform])
def test_integers_that_numpy_cannot_hold_are_refused(space):
    with pytest.raises(
        ValueError, match=rf"The 'high' parameter of {space.__name__} is \d+, but integers are drawn by NumPy"
    ):
        space(1, 2**70)
    assert 1 <= space(1, 2**62).rvs(random_state=0) <= 2**62
