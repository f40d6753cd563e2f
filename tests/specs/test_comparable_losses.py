"""The loss without penalties: which number of a history means the same for all networks."""

import math

import pytest

from sknn_tune.specs import (
    comparable_name,
    comparable_values,
    is_loss_without_penalty,
    with_comparable_losses,
)

PENALISED = {"loss": [3.0], "loss_without_penalty": [1.0], "val_loss": [4.0], "val_loss_without_penalty": [2.0]}
PLAIN = {"loss": [1.5], "val_loss": [2.5]}


@pytest.mark.parametrize("name", ["val_loss", "val_loss_without_penalty"])
def test_of_a_network_without_penalties_it_is_the_loss(name):
    assert comparable_values(PENALISED, name) == [2.0]
    assert comparable_values(PLAIN, name) == [2.5]


def test_other_numbers_are_what_they_are():
    assert comparable_name(PENALISED, "val_accuracy") == "val_accuracy"
    assert comparable_name({"out_loss_without_penalty"}, "out_loss") == "out_loss"
    assert comparable_values({"val_accuracy": [0.5]}, "val_accuracy") == [0.5]


def test_what_was_not_recorded_has_no_values():
    assert comparable_values({"loss": [1.0]}, "val_loss") == []


def test_epochs_before_a_penalty_was_set_have_their_loss():
    history = {"loss": [1.0, 2.0], "loss_without_penalty": [math.nan, 0.5]}
    assert comparable_values(history, "loss") == [1.0, 0.5]


def test_every_history_can_have_the_names():
    assert with_comparable_losses(PENALISED) == PENALISED
    assert with_comparable_losses(PLAIN) == {**PLAIN, "loss_without_penalty": [1.5], "val_loss_without_penalty": [2.5]}


def test_name_is_known_with_and_without_val():
    assert is_loss_without_penalty("loss_without_penalty") and is_loss_without_penalty("val_loss_without_penalty")
    assert not is_loss_without_penalty("val_loss")
