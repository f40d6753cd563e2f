"""Laws of topologies: shapes, distribution of depth and width, listing and narrowing."""

import copy
import itertools
import json
import pickle

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from sknn_tune.search_space import topology

SPACES = [
    topology(),
    topology(n_layers=(1, 4), units=(8, 64), shape="constant"),
    topology(n_layers=(2, 3), units=(16, 128), shape="funnel"),
    topology(n_layers=(0, 2), units=(4, 5)),
]
all_spaces = pytest.mark.parametrize("space", SPACES, ids=repr)

SHAPES = {
    "any": lambda widths: True,
    "constant": lambda widths: len(set(widths)) <= 1,
    "funnel": lambda widths: all(a >= b for a, b in itertools.pairwise(widths)),
}


@all_spaces
def test_draws_have_the_depth_the_widths_and_the_shape(space):
    for draw in space.rvs(size=300, random_state=0):
        assert space.n_layers[0] <= len(draw) <= space.n_layers[1]
        assert all(space.units[0] <= width <= space.units[1] for width in draw)
        assert SHAPES[space.shape](draw)
        assert draw in space


@all_spaces
def test_a_draw_is_a_hashable_tuple_of_python_ints(space):
    draw = space.rvs(random_state=0)
    assert type(draw) is tuple
    assert all(type(width) is int for width in draw)
    assert hash(draw) is not None
    assert json.loads(json.dumps(draw)) == list(draw)


def test_depths_are_equally_likely():
    depths = [len(draw) for draw in topology(n_layers=(1, 4)).rvs(size=2000, random_state=0)]
    assert chisquare(np.unique(depths, return_counts=True)[1]).pvalue > 0.01


@pytest.mark.parametrize("shape", ["any", "constant"])
def test_widths_are_uniform_in_the_logarithm(shape):
    space = topology(n_layers=2, units=(100, 10_000), shape=shape)
    for layer in (0, 1):
        widths = [draw[layer] for draw in space.rvs(size=2000, random_state=0)]
        assert kstest(np.log(widths), "uniform", args=(np.log(99.5), np.log(10_000.5 / 99.5))).pvalue > 0.01


def test_all_widths_of_a_funnel_together_are_uniform_in_the_logarithm():
    draws = topology(n_layers=2, units=(100, 10_000), shape="funnel").rvs(size=1000, random_state=0)
    widths = [width for draw in draws for width in draw]
    assert kstest(np.log(widths), "uniform", args=(np.log(99.5), np.log(10_000.5 / 99.5))).pvalue > 0.01


def test_every_small_topology_occurs():
    for shape in SHAPES:
        space = topology(n_layers=(0, 2), units=(4, 5), shape=shape)
        assert set(space.rvs(size=500, random_state=0)) == set(space.grid(2))


@all_spaces
def test_the_same_seed_draws_the_same(space):
    assert space.rvs(random_state=3) == space.rvs(random_state=3)
    one, same, other = (space.rvs(size=20, random_state=seed).tolist() for seed in (3, 3, 4))
    assert one == same
    assert one != other


@pytest.mark.parametrize("size", [0, 3, (2, 2)])
def test_arrays_of_draws_hold_tuples_also_of_equal_length(size):
    draws = topology(n_layers=2).rvs(size=size, random_state=0)
    assert draws.dtype == object
    assert draws.shape == np.empty(size).shape
    assert all(len(draw) == 2 for draw in draws.ravel())


@pytest.mark.parametrize(
    "value", [(), (16,) * 4, (15,), (257,), (32, 16.0), (True,), [32, 16], 32, "ab", None, np.array([32]), ("a",)]
)
def test_what_does_not_lie_in_it(value):
    assert value not in topology()


def test_a_shape_is_part_of_what_lies_in_it():
    assert (32, 64) in topology() and (32, np.int64(64)) in topology()
    assert (32, 64) not in topology(shape="funnel") and (64, 32) in topology(shape="funnel")
    assert (64, 32) not in topology(shape="constant") and (64, 64) in topology(shape="constant")


@all_spaces
def test_repr_copies_and_hash(space):
    assert eval(repr(space)) == space
    for same in (copy.deepcopy(space), pickle.loads(pickle.dumps(space))):
        assert same == space and hash(same) == hash(space)


def test_one_int_lists_and_numpys_ints_are_pairs_of_python_ints():
    assert topology(n_layers=2, units=64) == topology(n_layers=(2, 2), units=(64, 64))
    assert (
        repr(topology([1, 2], np.array([16, 32]).tolist())) == "topology(n_layers=(1, 2), units=(16, 32), shape='any')"
    )
    assert repr(topology(np.int64(1))) == "topology(n_layers=(1, 1), units=(16, 256), shape='any')"


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        ("constant", [(16,), (64,), (16, 16), (64, 64)]),
        ("funnel", [(16,), (64,), (16, 16), (64, 16), (64, 64)]),
        ("any", [(16,), (64,), (16, 16), (16, 64), (64, 16), (64, 64)]),
    ],
)
def test_grid_combines_the_widths_as_the_shape_allows(shape, values):
    space = topology(n_layers=(1, 2), units=(16, 64), shape=shape)
    assert space.grid(2) == values
    assert all(value in space for value in space.grid(3))
    assert space.grid(1) == [(32,), (32, 32)]


@all_spaces
@pytest.mark.parametrize("margin", [0.0, 0.1, 2.0])
def test_a_narrowed_space_holds_the_values_and_stays_inside_the_old_one(space, margin):
    for seed in range(20):
        values = space.rvs(size=2, random_state=seed).tolist()
        narrowed = space.narrow(values, margin=margin)
        assert narrowed.shape == space.shape
        assert all(value in narrowed for value in values)
        assert all(draw in space for draw in narrowed.rvs(size=20, random_state=seed))


def test_narrowing_spans_depths_and_widths():
    space = topology(n_layers=(1, 5), units=(16, 256))
    assert space.narrow([(32, 64)]) == topology(n_layers=2, units=(32, 64))
    assert space.narrow([(32, 64), (20,) * 4]) == topology(n_layers=(2, 4), units=(20, 64))
    # A quarter of four doublings is one doubling; a margin leaves neighbours of the depth, too.
    assert space.narrow([(64, 64, 64)], margin=0.25) == topology(n_layers=(2, 4), units=(32, 129))


def test_linear_models_say_nothing_of_widths():
    assert topology(n_layers=(0, 2)).narrow([()]) == topology(n_layers=0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: topology(n_layers=(3, 1)),
            "The 'n_layers' parameter of topology must be an int or a pair of ints, the smaller first, none below 0. "
            "Got (3, 1) instead.",
        ),
        (lambda: topology(n_layers=-1), "none below 0. Got -1 instead."),
        (lambda: topology(units=0), "The 'units' parameter of topology must be an int or a pair of ints"),
        (lambda: topology(units=(16, 32, 64)), "Got (16, 32, 64) instead."),
        (lambda: topology(units=(16.0, 32)), "Got (16.0, 32) instead."),
        (lambda: topology(units="16"), "Got '16' instead."),
        (lambda: topology(shape="pyramid"), "The 'shape' parameter of topology must be a str among"),
        (lambda: topology().grid(0), "The 'n' parameter of topology.grid must be an int in the range [1, inf)."),
        (lambda: topology().narrow([]), "cannot be narrowed to no values: give at least one."),
        (lambda: topology().narrow([64]), "can be narrowed to tuples of integers only. Got 64."),
        (lambda: topology().narrow([(64, "a")]), "can be narrowed to tuples of integers only. Got (64, 'a')."),
        (lambda: topology().narrow([(999,)]), "cannot be narrowed to the values between 999 and 999: none is in it."),
    ],
)
def test_what_makes_no_sense(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert message in str(error.value)
