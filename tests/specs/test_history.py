"""TrainingHistory: one value per name and epoch."""

import math

from sknn_tune.specs import TrainingHistory

FIRST = TrainingHistory(({"loss": 3.0}, {"loss": 2.0}))
LATER = TrainingHistory(({"loss": 1.0, "val_loss": 1.5},))


def test_epochs_become_lists_in_their_order():
    assert FIRST.as_lists() == {"loss": [3.0, 2.0]}


def test_no_epochs_are_no_lists():
    assert TrainingHistory().as_lists() == {}


def test_going_on_appends_and_leaves_both_as_they_were():
    both = FIRST.extended(LATER)
    assert [epoch["loss"] for epoch in both.epochs] == [3.0, 2.0, 1.0]
    assert (len(FIRST.epochs), len(LATER.epochs)) == (2, 1)
    assert TrainingHistory().extended(FIRST) == FIRST


def test_what_an_epoch_did_not_record_is_nan_and_every_list_has_the_same_length():
    lists = FIRST.extended(LATER).as_lists()
    assert {len(values) for values in lists.values()} == {3}
    assert [math.isnan(value) for value in lists["val_loss"]] == [True, True, False]


def test_a_mean_is_of_those_that_have_run_the_epoch():
    mean = TrainingHistory.mean_of([FIRST, LATER])
    assert mean.epochs == ({"loss": 2.0, "val_loss": 1.5}, {"loss": 2.0})
    assert TrainingHistory.mean_of([FIRST]) == FIRST
