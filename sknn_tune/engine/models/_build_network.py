"""Builds the Keras model of a `NetworkSpec`: the layers in their order, each with a name and a seed of its own."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...specs import DType, LayerSpec, NetworkSpec
from .._seeding import derived_seed
from .._tensorflow import keras
from .._tensorflow_in_child import check_tensorflow_can_compute
from ..formulas import drawn_kernel, head_names, input_scales, kernel_names
from ._copies import copied_layer
from ._function_trials import check_activations, check_initializer, check_kernel, is_layer_class
from ._seeded_defaults import seeded_defaults
from ._shared_layers import EachMember, MemberHeads, SharedDense, SharedNetwork


def build_network(spec: NetworkSpec, seed: int) -> keras.Sequential:
    """Build the network of ``spec`` with initial weights drawn from ``seed``.

    Every layer has an explicit name: Keras counts up names in a state that
    ``keras.backend.clear_session`` resets, which would make two layers of one name possible when
    another thread calls it in between.
    """
    check_activations(spec)
    model = network_without_values(spec, seed)
    if spec.n_members == 1:
        _draw_kernels(model, spec, seed)
    else:
        _draw_weights_of_members(model, spec, seed)
    return model


def network_without_values(spec: NetworkSpec, seed: int) -> keras.Sequential:
    """The same with whatever values Keras gives the weights, or none in `without_allocating`."""
    with seeded_defaults(derived_seed(seed, "feature_layers")):
        feature_layers = [_feature_layer(entry, index, spec.dtype) for index, entry in enumerate(spec.feature_layers)]
        kind = keras.Sequential if spec.n_members == 1 else SharedNetwork
        model = kind([keras.Input(spec.input_shape, dtype=spec.dtype, name="inputs")], name="network")
        if spec.n_members > 1:
            _check_flat(model, spec)
            model.add(EachMember(spec.n_members, dtype=spec.dtype, name="each_member"))
        if spec.input_dropout:
            model.add(_dropout(spec, spec.input_dropout, "input_dropout", seed))
        for layer in feature_layers:
            model.add(layer)
        if spec.n_members == 1:
            _check_flat(model, spec)
        for index in range(len(spec.hidden_layer_sizes)):
            for layer in _hidden_block(spec, index, seed):
                model.add(layer)
        model.add(_output_layer(spec, seed))
    return model


def _draw_kernels(model: keras.Sequential, spec: NetworkSpec, seed: int) -> None:
    """Replace the kernels that Keras drew by those that machine code starts from, where it draws them itself."""
    for name, given in zip(kernel_names(spec), spec.kernel_initializers, strict=True):
        layer = model.get_layer(name)
        kernel = drawn_kernel(given, tuple(layer.kernel.shape), seed, name, spec.dtype)
        if kernel is not None:
            layer.kernel.assign(kernel)


def _draw_weights_of_members(model: keras.Sequential, spec: NetworkSpec, seed: int) -> None:
    """Give all kernels and the scales that tell members apart their first values."""

    def kernel(given: Any, name: str, shape: tuple[int, int]) -> np.ndarray:
        drawn = drawn_kernel(given, shape, seed, name, spec.dtype)
        return kernel_by_keras(given, shape, seed, name, spec.dtype) if drawn is None else drawn

    *hidden, output = kernel_names(spec)
    for name, given in zip(hidden, spec.kernel_initializers, strict=False):
        layer = model.get_layer(name)
        layer.kernel.assign(kernel(given, name, layer.kernel.shape))
        layer.input_scale.assign(input_scales(spec, seed, name, layer.kernel.shape[0]))
    heads = model.get_layer(output).kernel
    given = spec.kernel_initializers[-1]
    heads.assign(np.stack([kernel(given, name, heads.shape[1:]) for name in head_names(spec)]))


def _hidden_block(spec: NetworkSpec, index: int, seed: int) -> Iterator[keras.layers.Layer]:
    """Dense, [normalisation], activation, [activity penalty], [normalisation], [dropout]."""
    name = f"hidden_{index}"
    activation = spec.activations[index]
    yield _weighted_sums(spec, index, seed)
    if spec.batch_norm == "before":
        yield _normalisation(spec, name)
    yield _activation(spec, activation, name)
    if spec.activity_l1 or spec.activity_l2:
        yield keras.layers.ActivityRegularization(
            # Keras adds up over members; the mean is meant.
            l1=spec.activity_l1 / spec.n_members,
            l2=spec.activity_l2 / spec.n_members,
            dtype=spec.dtype,
            name=f"{name}_activity",
        )
    if spec.batch_norm == "after":
        yield _normalisation(spec, name)
    if spec.dropouts[index]:
        yield _dropout(spec, spec.dropouts[index], f"{name}_dropout", seed, alpha=activation == "selu")


def _weighted_sums(spec: NetworkSpec, index: int, seed: int) -> keras.layers.Layer:
    """A hidden layer without its activation."""
    name, units, penalty = f"hidden_{index}", spec.hidden_layer_sizes[index], _kernel_penalty(spec)
    if spec.n_members > 1:
        return SharedDense(units, kernel_regularizer=penalty, dtype=spec.dtype, name=name)
    return keras.layers.Dense(
        units,
        # Normalisation subtracts the mean of each unit, and with it any bias: beta takes its place.
        use_bias=spec.batch_norm != "before",
        kernel_initializer=keras_initializer(spec.kernel_initializers[index], seed, name),
        kernel_regularizer=penalty,
        dtype=spec.dtype,
        name=name,
    )


def _output_layer(spec: NetworkSpec, seed: int) -> keras.layers.Layer:
    """Dense, with the activation in it."""
    if spec.n_members > 1:
        return MemberHeads(
            spec.n_outputs,
            activation=_output_activation(spec),
            kernel_regularizer=_kernel_penalty(spec),
            dtype=spec.dtype,
            name="output",
        )
    return keras.layers.Dense(
        spec.n_outputs,
        activation=_output_activation(spec),
        kernel_initializer=keras_initializer(spec.kernel_initializers[-1], seed, "output"),
        kernel_regularizer=_kernel_penalty(spec),
        dtype=spec.dtype,
        name="output",
    )


def _output_activation(spec: NetworkSpec) -> Any:
    given = spec.output_activation
    if is_layer_class(given):
        return given(dtype=spec.dtype)
    return copied_layer(given) if isinstance(given, keras.layers.Layer) else given


def _activation(spec: NetworkSpec, activation: str | Callable[..., Any], name: str) -> keras.layers.Layer:
    if activation == "leaky_relu":
        return keras.layers.LeakyReLU(negative_slope=spec.negative_slope, dtype=spec.dtype, name=f"{name}_activation")
    if isinstance(activation, keras.layers.Layer):  # which may have weights: of its own in each place
        return copied_layer(activation, name=f"{name}_activation")
    if is_layer_class(activation):
        return activation(dtype=spec.dtype, name=f"{name}_activation")
    return keras.layers.Activation(activation, dtype=spec.dtype, name=f"{name}_activation")


def _normalisation(spec: NetworkSpec, name: str) -> keras.layers.BatchNormalization:
    return keras.layers.BatchNormalization(
        momentum=spec.batch_norm_momentum,
        epsilon=spec.batch_norm_epsilon,
        dtype=spec.dtype,
        name=f"{name}_normalization",
    )


def _dropout(spec: NetworkSpec, rate: float, name: str, seed: int, *, alpha: bool = False) -> keras.layers.Layer:
    layer_class = keras.layers.AlphaDropout if alpha else keras.layers.Dropout
    return layer_class(rate, seed=derived_seed(seed, name), dtype=spec.dtype, name=name)


def _kernel_penalty(spec: NetworkSpec) -> keras.regularizers.Regularizer | None:
    if not (spec.l1 or spec.l2):
        return None
    return keras.regularizers.L1L2(l1=spec.l1, l2=spec.l2)


def kernel_by_keras(given: Any, shape: tuple[int, int], seed: int, name: str, dtype: DType) -> np.ndarray:
    """The first kernel of the layer ``name``, where it is not drawn by `drawn_kernel`."""
    kernel = np.array(keras_initializer(given, seed, name)(shape, dtype=dtype))
    check_kernel(given, kernel, shape)
    return kernel


def keras_initializer(
    given: str | Callable[..., Any], seed: int, name: str
) -> keras.initializers.Initializer | Callable[..., Any]:
    """The initializer for the layer ``name``, with a seed of its own unless the user chose one."""
    check_tensorflow_can_compute()
    # Keras draws a seed for an initializer given by name: replaced below, but not to be drawn globally.
    with seeded_defaults(derived_seed(seed, name, "initializer")):
        initializer = keras.initializers.get(given)
    check_initializer(given, initializer)
    config = initializer.get_config() if hasattr(initializer, "get_config") else {}
    if "seed" not in config or config["seed"] is not None:
        return initializer
    return type(initializer).from_config({**config, "seed": derived_seed(seed, name, "kernel")})


def _feature_layer(entry: LayerSpec | keras.layers.Layer, index: int, dtype: DType) -> keras.layers.Layer:
    """A layer by its name and arguments, or a copy of the user's."""
    if not isinstance(entry, LayerSpec):
        return copied_layer(entry)
    layer_class = _layer_class(entry.name)
    try:
        return layer_class(**{"name": f"feature_{index}", "dtype": dtype, **dict(entry.arguments)})
    except TypeError as error:
        raise ValueError(
            f"The 'feature_layers' parameter gives the layer {entry.name!r} arguments that do not fit: {error}. "
            f"Arguments are given as ({entry.name!r}, {{name: value}})."
        ) from error


def _layer_class(name: str) -> type[keras.layers.Layer]:
    """The layer of ``keras.layers`` with this name; otherwise an error that names the closest ones."""
    layer_class = getattr(keras.layers, name, None)
    if isinstance(layer_class, type) and issubclass(layer_class, keras.layers.Layer):
        return layer_class
    known = [key for key in dir(keras.layers) if key[0].isupper()]
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise ValueError(
        f"The 'feature_layers' parameter names the layer {name!r}, which keras.layers does not have.{hint}"
    )


def _check_flat(model: keras.Sequential, spec: NetworkSpec) -> None:
    """Dense layers take one axis of units; of an image they would take each row or pixel by itself."""
    shape = model.output_shape if model.layers else (None, *spec.input_shape)
    if len(shape) != 2:
        raise ValueError(
            f"The hidden layers take inputs of shape (n_samples, n_units), but "
            f"{'the feature_layers give' if spec.feature_layers else 'X has'} {('n_samples', *shape[1:])}. "
            "End the 'feature_layers' parameter with \"Flatten\" or a global pooling layer."
        )
