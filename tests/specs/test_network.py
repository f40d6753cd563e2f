"""NetworkSpec: one entry per layer, frozen, hashable."""

import pickle
from dataclasses import FrozenInstanceError, replace

import pytest

from sknn_tune.specs import CustomNetworkSpec, LayerSpec, NetworkSpec

TWO_LAYERS = NetworkSpec(
    input_shape=(4,),
    n_outputs=1,
    output_activation="sigmoid",
    hidden_layer_sizes=(8, 3),
    activations=("relu", "tanh"),
    kernel_initializers=("he_normal", "glorot_uniform", "glorot_uniform"),
    dropouts=(0.0, 0.5),
)


def test_equal_facts_are_equal_and_hash_alike():
    same = replace(TWO_LAYERS)
    assert same is not TWO_LAYERS
    assert same == TWO_LAYERS
    assert hash(same) == hash(TWO_LAYERS)
    assert replace(TWO_LAYERS, l2=0.1) != TWO_LAYERS


def test_facts_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        TWO_LAYERS.n_outputs = 2


def test_facts_survive_pickling():
    assert pickle.loads(pickle.dumps(TWO_LAYERS)) == TWO_LAYERS


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("activations", ("relu",), 2),
        ("dropouts", (0.1, 0.1, 0.1), 2),
        ("kernel_initializers", ("zeros", "zeros"), 3),
    ],
)
def test_a_missing_or_surplus_entry_is_refused(name, value, expected):
    message = rf"{name} must have {expected} entries for 2 hidden layers, got {len(value)}\."
    with pytest.raises(ValueError, match=message):
        replace(TWO_LAYERS, **{name: value})


def test_the_smallest_network_is_linear():
    linear = NetworkSpec(input_shape=(4,), n_outputs=1, output_activation="linear")
    assert linear.hidden_layer_sizes == ()
    assert len(linear.kernel_initializers) == 1


def test_layers_are_told_apart_by_their_arguments_and_hash_whatever_these_are():
    image = LayerSpec("Reshape", (("target_shape", [8, 8, 1]),))
    assert image == LayerSpec("Reshape", (("target_shape", [8, 8, 1]),))
    assert image != LayerSpec("Reshape", (("target_shape", [4, 16, 1]),))
    assert isinstance(hash(replace(TWO_LAYERS, feature_layers=(image,))), int)


def test_a_model_of_the_users_own_is_only_equal_to_itself():
    one, other = (CustomNetworkSpec(model=len, arguments={}, meta={}, parameters={}) for _ in range(2))
    assert one == one
    assert one != other


def test_names_are_canonical_however_they_were_typed():
    typed = replace(
        TWO_LAYERS,
        activations=("swish", "hard_swish"),
        kernel_initializers=("HeNormal", "normal", "one"),
        output_activation="swish",
    )
    assert typed.activations == ("silu", "hard_silu")
    assert typed.kernel_initializers == ("he_normal", "random_normal", "ones")
    assert typed.output_activation == "silu"
    canonical = replace(TWO_LAYERS, activations=("silu", "hard_silu"), output_activation="silu")
    assert replace(typed, kernel_initializers=TWO_LAYERS.kernel_initializers) == canonical


def test_what_is_no_name_stays_as_it_is():
    def shifted(x):
        return x - 1

    initializer = object()
    own = replace(
        TWO_LAYERS,
        activations=(shifted, "relu"),
        kernel_initializers=(initializer,) * 3,
        output_activation="package>Shifted",
    )
    assert own.activations == (shifted, "relu")
    assert own.kernel_initializers == (initializer,) * 3
    assert own.output_activation == "package>Shifted"
