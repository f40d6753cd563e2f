"""The names a user may type, held against the installed Keras.

A name that Keras drops fails here; so does one that Keras adds, until it is taken in or given a reason.
"""

import inspect

import keras
import numpy as np
import pytest

from sknn_tune.specs import (
    ACTIVATION_ALIASES,
    ACTIVATIONS,
    INDEX_LOSSES,
    INITIALIZER_ALIASES,
    INITIALIZERS,
    LOSS_ALIASES,
    LOSSES,
    OPTIMIZERS,
    RELU_LIKE,
    SCHEDULES,
    SMOOTHED_LOSSES,
    canonical_name,
    canonical_optimizer,
)

_MACHINERY = {"get", "serialize", "deserialize"}

#: What Keras has and we do not, with the reason.
NOT_ACTIVATIONS = {
    "glu": "halves the width of the layer",
    "threshold": "needs two arguments",
}
NOT_OPTIMIZERS = {
    "Lamb": "Keras does not find it by its name; the class can be given",
    "LossScaleOptimizer": "wraps another optimizer",
    "MultiOptimizer": "wraps other optimizers",
    "OptimizerMap": "wraps other optimizers",
    "Optimizer": "the base class",
}
NOT_INITIALIZERS = {
    "constant": "has no value until it is given one; the object can be given",
    "stft": "for signal processing: fills the kernel of a transform",
}
NOT_LOSSES = {
    "categorical_generalized_cross_entropy": "Keras does not find it by its name; the class can be given",
    "circle": "learns distances between rows, not targets",
    "ctc": "for sequences of different lengths",
    "loss": "the base class",
}
#: Parameters of ours that an optimizer of Keras takes, but not from us: our defaults are meant for SGD.
NOT_PASSED = {
    "muon": {"momentum", "nesterov"},
    "rmsprop": {"momentum"},
}
OUR_OPTIMIZER_PARAMETERS = {"momentum", "nesterov", "beta_1", "beta_2", "rho", "epsilon", "weight_decay"}

held_against_this_keras = pytest.mark.skipif(
    tuple(int(part) for part in keras.__version__.split(".")[:2]) < (3, 15),
    reason="the lists hold what Keras 3.15 has; an older one knows fewer names",
)


def _functions(module) -> set:
    return {name for name in dir(module) if name.islower() and not name.startswith("_")} - _MACHINERY


def _class_names(module) -> set:
    return {name for name in dir(module) if inspect.isclass(getattr(module, name)) and not name.endswith("Initializer")}


@held_against_this_keras
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_keras_has_the_activation(name):
    assert callable(keras.activations.get(name))


@held_against_this_keras
@pytest.mark.parametrize("name", INITIALIZERS)
def test_keras_has_the_initializer(name):
    assert isinstance(keras.initializers.get(name), keras.initializers.Initializer)


@held_against_this_keras
@pytest.mark.parametrize("name", LOSSES)
def test_keras_has_the_loss(name):
    assert callable(keras.losses.get(name))


@held_against_this_keras
@pytest.mark.parametrize("name", sorted(set(LOSS_ALIASES) - {"kldivergence", "logcosh"}))  # these are ours
def test_keras_means_the_same_by_the_alias(name):
    assert keras.losses.get(name) is keras.losses.get(LOSS_ALIASES[name])


@held_against_this_keras
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_keras_has_the_optimizer_with_these_parameters(name):
    takes = set(inspect.signature(type(keras.optimizers.get(name)).__init__).parameters)
    assert set(OPTIMIZERS[name]) == takes & OUR_OPTIMIZER_PARAMETERS - NOT_PASSED.get(name, set())


@held_against_this_keras
def test_what_keras_has_besides_is_listed_with_its_reason():
    assert _functions(keras.activations) - set(ACTIVATIONS) == set(NOT_ACTIVATIONS)
    assert {name for name in _class_names(keras.optimizers) if name.lower() not in OPTIMIZERS} == set(NOT_OPTIMIZERS)
    assert _functions(keras.initializers) - set(INITIALIZERS) == set(NOT_INITIALIZERS)
    assert _functions(keras.losses) - set(LOSSES) == set(NOT_LOSSES) - {"loss"}


@held_against_this_keras
@pytest.mark.parametrize("loss_class", sorted(_class_names(keras.losses)))
def test_every_loss_class_has_the_name_of_its_function(loss_class):
    name = canonical_name(loss_class)
    assert name in {*LOSSES, *NOT_LOSSES, *LOSS_ALIASES}


@held_against_this_keras
@pytest.mark.parametrize("alias", ACTIVATION_ALIASES)
def test_keras_means_the_same_by_the_alias_of_an_activation(alias):
    assert keras.activations.get(alias) is keras.activations.get(ACTIVATION_ALIASES[alias])


@held_against_this_keras
@pytest.mark.parametrize("alias", INITIALIZER_ALIASES)
def test_keras_means_the_same_by_the_alias_of_an_initializer(alias):
    assert type(keras.initializers.get(alias)) is type(keras.initializers.get(INITIALIZER_ALIASES[alias]))


@held_against_this_keras
def test_the_losses_that_smooth_are_those_of_keras_and_the_sparse_one():
    classes = [value for value in vars(keras.losses).values() if isinstance(value, type)]
    smooth = {
        canonical_name(each.__name__) for each in classes if "label_smoothing" in inspect.signature(each).parameters
    }
    assert smooth | {"sparse_categorical_crossentropy"} == SMOOTHED_LOSSES


def test_the_names_are_plain_sorted_and_unique():
    for names in (ACTIVATIONS, INITIALIZERS, LOSSES, list(OPTIMIZERS)):
        assert list(names) == sorted(set(names))


def test_the_subsets_are_subsets():
    assert set(ACTIVATIONS) > RELU_LIKE
    assert set(LOSSES) > SMOOTHED_LOSSES > INDEX_LOSSES
    assert set(LOSSES) >= set(LOSS_ALIASES.values())
    assert not set(LOSS_ALIASES) & set(LOSSES)


@pytest.mark.parametrize(("aliases", "names"), [(ACTIVATION_ALIASES, ACTIVATIONS), (INITIALIZER_ALIASES, INITIALIZERS)])
def test_an_alias_stands_for_a_name_that_is_none_itself(aliases, names):
    assert set(names) >= {*aliases, *aliases.values()}
    assert not set(aliases) & set(aliases.values())
    assert not RELU_LIKE & set(aliases)


def test_relu_like_activations_are_near_zero_below_and_the_identity_above():
    for name in RELU_LIKE - {"relu6"}:  # relu6 is cut off at 6
        function = keras.activations.get(name)
        low, high = (float(function(keras.ops.convert_to_tensor([[value]]))[0, 0]) for value in (-8.0, 8.0))
        assert -2.0 < low <= 0.0, name  # leaky_relu has Keras' slope of 0.2 here
        assert high == pytest.approx(8.0, rel=0.01), name


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("binary_crossentropy", "binary_crossentropy"),
        ("BinaryCrossentropy", "binary_crossentropy"),
        ("MeanSquaredError", "mean_squared_error"),
        ("HeNormal", "he_normal"),
        ("Ones", "ones"),
        ("KLDivergence", "kl_divergence"),
        ("BCE", "bce"),
        ("LogCosh", "log_cosh"),
        ("mse", "mse"),
        ("package>MyLoss", "package>MyLoss"),
    ],
)
def test_class_and_function_names_are_one_name(given, canonical):
    assert canonical_name(given) == canonical


@pytest.mark.parametrize("given", ["kld", "KLD", "kldivergence", "KLDivergence", "kl_divergence"])
def test_an_alias_is_found_in_any_spelling(given):
    assert canonical_name(given, LOSS_ALIASES) == "kl_divergence"


def test_names_that_numpy_made_become_plain_ones():
    assert type(canonical_name(np.array(["Huber"])[0])) is type(canonical_optimizer(np.array(["Adam"])[0])) is str


def test_the_schedules_are_those_of_the_parameter_table():
    assert set(SCHEDULES) == {"inverse_time", "exponential", "piecewise", "cosine"}
