"""TrainingSpec: numbers of updates, and what is refused."""

from dataclasses import FrozenInstanceError, replace

import pytest

from sknn_tune.specs import ScheduleSpec, StoppingSpec, TrainingSpec

TRAINING = TrainingSpec(loss="mean_squared_error", optimizer="adam", learning_rate=0.01, batch_size=32, epochs=5)


@pytest.mark.parametrize(("n_rows", "n_steps"), [(1, 1), (31, 1), (32, 1), (33, 2), (64, 2), (65, 3)])
def test_the_last_partial_batch_is_an_update(n_rows, n_steps):
    assert TRAINING.steps_per_epoch(n_rows) == n_steps


@pytest.mark.parametrize("name", ["batch_size", "epochs"])
def test_nothing_to_do_is_refused(name):
    with pytest.raises(ValueError, match="batch_size and epochs must be at least 1 here, got"):
        replace(TRAINING, **{name: 0})


def test_equal_trainings_are_equal_and_hash_alike():
    schedule = ScheduleSpec("piecewise", decay_rate=0.5, decay_steps=3, boundaries=(2, 4))
    stopping = StoppingSpec("val_loss", patience=3, min_delta=0.0, restore_best_weights=True)
    one, same = (replace(TRAINING, schedule=schedule, stopping=stopping, metrics=["mae"]) for _ in range(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != replace(one, schedule=replace(schedule, boundaries=(2, 5)))
    assert one != replace(one, metrics=["mse"])


def test_facts_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        TRAINING.epochs = 6


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("mse", "mean_squared_error"),
        ("MAE", "mean_absolute_error"),
        ("bce", "binary_crossentropy"),
        ("logcosh", "log_cosh"),
        ("LogCosh", "log_cosh"),
        ("KLDivergence", "kl_divergence"),
        ("kldivergence", "kl_divergence"),
        ("BinaryCrossentropy", "binary_crossentropy"),
        ("package>Pinball", "package>Pinball"),
        ("auto", "auto"),
    ],
)
def test_a_loss_has_one_name_however_it_was_typed(typed, canonical):
    assert replace(TRAINING, loss=typed).loss == canonical


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [("AdamW", "adamw"), ("SGD", "sgd"), ("ScheduleFreeAdamW", "schedulefreeadamw"), ("package>Mine", "package>Mine")],
)
def test_an_optimizer_has_one_name_however_it_was_typed(typed, canonical):
    assert replace(TRAINING, optimizer=typed).optimizer == canonical


def test_classes_and_functions_stay_as_they_are():
    own = replace(TRAINING, loss=len, optimizer=dict)
    assert (own.loss, own.optimizer) == (len, dict)
