"""Which of two encodings is taken, and after how many trials, by what they lost in each."""

from itertools import pairwise

import numpy as np
import pytest

from sknn_tune.estimators._rows import GivenRows
from sknn_tune.estimators.tabular._choice import Encoding, EncodingChoice
from sknn_tune.preprocessing import TableEncoder

PIECES, SMOOTH = Encoding("piecewise"), Encoding("smooth")


class ChoiceByLosses(EncodingChoice):
    """Losses are given, not trained for."""

    def __init__(self, n_rows, **losses):
        rows = GivenRows(np.random.default_rng(0).normal(size=(n_rows, 1)), np.zeros(n_rows))
        super().__init__(None, rows, None, lambda encoding: TableEncoder(encoding.numbers), None, 0)
        self._given = losses

    def _tried(self, encodings, trial):
        return [self._given[encoding.numbers][trial] for encoding in encodings]


def chosen(n_rows, piecewise, smooth):
    choice = ChoiceByLosses(n_rows, piecewise=piecewise, smooth=smooth)
    return choice.better(SMOOTH, than=PIECES).numbers, len(choice.losses["smooth"])


@pytest.mark.parametrize("n_rows", [5_001, 10**5])
def test_of_many_rows_it_is_tried_three_times_at_most(n_rows):
    ones = [1.0] * 3
    assert chosen(n_rows, ones, [0.9, 0.95, 0.96]) == ("smooth", 3)
    assert chosen(n_rows, ones, [0.9, 0.9, 1.05]) == ("piecewise", 3)
    assert chosen(n_rows, ones, [0.9, 1.1]) == ("piecewise", 2)
    assert chosen(n_rows, ones, [1.01]) == ("piecewise", 1)
    assert chosen(n_rows, ones, [1.0]) == ("piecewise", 1)


def test_two_percent_are_too_little_for_single_networks_to_be_better_by():
    assert chosen(10**4, [1.0], [0.981]) == ("piecewise", 1)
    assert chosen(10**4, [100.0] * 3, [97.9, 97.8, 97.9]) == ("smooth", 3)
    assert chosen(10**4, [-1.0] * 3, [-1.03, -1.04, -1.03]) == ("smooth", 3)  # of a loss that may be below zero
    assert chosen(10**4, [-1.0], [-1.01]) == ("piecewise", 1)


def test_of_few_rows_it_has_to_be_better_by_a_standard_error():
    ones = [1.0] * 8
    assert chosen(1_000, ones, [0.9, 0.89, 0.9]) == ("smooth", 3)  # many errors
    assert chosen(1_000, ones, [0.99, 0.93, 0.78, 0.88, 0.83, 0.84]) == ("smooth", 5)
    assert chosen(1_000, ones, [1.1, 1.0]) == ("piecewise", 2)
    assert chosen(1_000, ones, [0.88, 1.07, 0.88, 1.07, 0.88, 1.07, 0.88, 1.07]) == ("piecewise", 8)
    assert chosen(2_500, ones, [0.88, 1.0, 0.88, 0.93]) == ("smooth", 4)  # at most as many trials as make 10 000 rows


def test_one_that_diverges_is_not_taken():
    inf = float("inf")
    assert chosen(1_000, [1.0], [inf]) == ("piecewise", 1)
    assert chosen(1_000, [inf], [1.0]) == ("smooth", 1)
    assert chosen(1_000, [inf], [inf]) == ("piecewise", 1)


def test_each_trial_holds_out_other_rows_and_starts_from_other_weights():
    choice = EncodingChoice(None, GivenRows(None, np.zeros(100)), None, None, None, seed=3)
    choice._given = type("Given", (dict,), {"n_sharing": 2, "n_networks": 8})()
    trials = [choice._parameters(100, trial) for trial in range(3)]
    assert len({each["random_state"] for each in trials}) == 3
    held_out = [next(each["validation_split"].split(np.zeros(100)))[1].tolist() for each in trials]
    assert all(one != other for one, other in pairwise(held_out))
    assert {each["n_members"] for each in trials} == {2}  # one network of two members that share it
