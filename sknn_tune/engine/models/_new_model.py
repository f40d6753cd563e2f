"""Gives a compiled Keras model to train: a new one, or one that goes on where another stands."""

from __future__ import annotations

from ..._compat.keras import without_all_reduce
from ..._copies import copy_of
from ...specs import CustomNetworkSpec, NetworkSpec, TrainingSpec
from .._tensorflow import check_place_of_call, keras
from .._tensorflow_in_child import check_tensorflow_can_compute
from ._build_network import build_network
from ._compiling import compile_network
from ._custom_models import build_custom_model
from ._trainable import flags_by_name, set_trainable, trainable_flags
from ._weights import carry_over


def new_model(
    network: NetworkSpec | CustomNetworkSpec,
    training: TrainingSpec,
    seed: int,
    trainable: tuple[bool, ...] | None = None,
) -> keras.Model:
    """A compiled Keras model with its initial weights; ``trainable`` says of each layer whether it is trained."""
    check_tensorflow_can_compute()
    check_place_of_call()
    if isinstance(network, CustomNetworkSpec):
        model = build_custom_model(network, training, seed)
    else:
        model = build_network(network, seed)
        compile_network(model, training, network.dtype)
        model(keras.Input(network.input_shape, dtype=network.dtype))  # Keras exports what was called, if with symbols
    own = trainable_flags(model)
    if trainable is not None and len(trainable) == len(own) and trainable != own:
        set_trainable(model, trainable)
        if model.optimizer.built:  # for other variables
            model.optimizer = without_all_reduce(copy_of(model.optimizer))
    # A training step that creates the optimizer's variables is traced twice; tracing is most of a short fit.
    model.optimizer.build(model.trainable_variables)
    return model


def carried_over(
    old: keras.Model,
    old_specs: tuple[NetworkSpec | CustomNetworkSpec, TrainingSpec],
    network: NetworkSpec | CustomNetworkSpec,
    training: TrainingSpec,
    seed: int,
    *,
    frozen_anew: bool,
) -> keras.Model:
    """A model to go on training with: the old one if the specs are alike, else a new one with its numbers.

    It is a new one, too, if layers were frozen or thawed: an optimizer knows the variables that it was built for.
    """
    old_network, old_training = old_specs
    if old_network == network and _compiled_alike(old_training, training) and not frozen_anew:
        return old
    flags = trainable_flags(old)
    new = new_model(network, training, seed, flags)
    if not all(flags) and len(trainable_flags(new)) != len(flags):  # there is a layer more, or less: of dropout, say
        new = new_model(network, training, seed, flags_by_name(new, old))
    carry_over(old, new)
    return new


def _compiled_alike(one: TrainingSpec, other: TrainingSpec) -> bool:
    """Whether models are compiled in the same way under both."""
    names = (
        *("optimizer", "optimizer_arguments", "learning_rate", "schedule", "loss", "loss_arguments"),
        *("metrics", "metrics_arguments", "accuracy", "taught", "compile_arguments"),
    )
    return all(getattr(one, name) == getattr(other, name) for name in names)
