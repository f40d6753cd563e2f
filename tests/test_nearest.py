"""The names that are spelt most like one that is not known."""

import pytest

from sknn_tune._nearest import did_you_mean, nearest
from sknn_tune.specs import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCHEDULES


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("Relu", ACTIVATIONS, ["relu"]),
        ("LeakyReLU", ACTIVATIONS, ["leaky_relu"]),
        ("leaky-relu", ACTIVATIONS, ["leaky_relu"]),
        ("adamm", OPTIMIZERS, ["adam", "nadam"]),
        ("RMS prop", OPTIMIZERS, ["rmsprop"]),
        ("he", INITIALIZERS, ["he_normal", "he_uniform"]),
        ("cosin", SCHEDULES, ["cosine"]),
        ("crossentropy", LOSSES, ["binary_crossentropy", "binary_focal_crossentropy"]),
        ("binary_cross_entropy", LOSSES, ["binary_crossentropy"]),
        ("something else", OPTIMIZERS, []),
        ("", OPTIMIZERS, []),
    ],
)
def test_nearest_names(name, known, found):
    assert nearest(name, known) == found
    assert nearest(name, sorted(known, reverse=True)) == found


def test_a_hint_for_the_middle_of_a_sentence():
    assert did_you_mean("he", INITIALIZERS) == " (did you mean 'he_normal' or 'he_uniform'?)"
    assert did_you_mean("something else", OPTIMIZERS) == ""
    assert did_you_mean(3, OPTIMIZERS) == ""
