"""Parameters -> what the network is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, cast

import numpy as np

from ..._nearest import did_you_mean
from ...specs import (
    ACTIVATIONS,
    RELU_LIKE,
    CustomNetworkSpec,
    DType,
    LayerSpec,
    NetworkSpec,
    name_of_activation,
)
from .._routing import PREFIXES, routed_to, signature_names
from ._parameters import Parameters

#: Numbers that a network of ours takes as they are.
_NUMBERS = (
    *("negative_slope", "batch_norm_momentum", "batch_norm_epsilon", "input_dropout"),
    *("l1", "l2", "activity_l1", "activity_l2"),
)

#: What tells a network of ours from another; a model of the user's own may ask for them. (It has its own layers, so
#: ``feature_layers`` are refused.)
NETWORK_PARAMETERS = (
    *("hidden_layer_sizes", "activation", "output_activation", "kernel_initializer", "batch_norm", "dropout"),
    *_NUMBERS,
)


def resolve_network(
    parameters: Parameters,
    *,
    row_shape: tuple[int, ...],
    n_outputs: int,
    output_activation: str | Callable[..., Any],
) -> NetworkSpec:
    """The network that the parameters describe."""
    sizes = _hidden_layer_sizes(parameters)
    activations = _activations(parameters, len(sizes))
    return NetworkSpec(
        input_shape=tuple(int(length) for length in row_shape),
        n_outputs=n_outputs,
        output_activation=output_activation,
        feature_layers=_feature_layers(parameters),
        hidden_layer_sizes=sizes,
        activations=activations,
        kernel_initializers=_kernel_initializers(parameters, activations),
        batch_norm={True: "before", False: None}.get(parameters["batch_norm"], parameters["batch_norm"]),
        dropouts=_dropouts(parameters, len(sizes)),
        n_members=parameters.n_sharing,
        dtype=_dtype(parameters),
        **{name: parameters.number(name) for name in _NUMBERS},
    )


def resolve_custom_network(
    parameters: Parameters, *, meta: Mapping[str, Any], example: Any = None
) -> CustomNetworkSpec:
    """The network that the user's own ``model`` makes, with the arguments it asks for."""
    model = parameters["model"]
    arguments = routed_to("model", parameters)
    is_function = not hasattr(model, "get_weights") or isinstance(model, type)
    if not (is_function or hasattr(model, "compile")):
        raise TypeError(
            f"The 'model' parameter is a layer, an object of {type(model).__name__}. Put it into feature_layers, or "
            "give a keras.Model that has it or a function that returns one."
        )
    if is_function:
        names, takes_any = signature_names(model)
        for name in arguments:
            if not (takes_any or name in names):
                function = getattr(model, "__name__", type(model).__name__)
                raise TypeError(
                    f"{function}() got an unexpected keyword argument {name!r}, given as 'model__{name}'"
                    f"{did_you_mean(name, names)}. The function given as 'model' takes: "
                    f"{', '.join(sorted(names)) or 'nothing'}."
                )
        own_routed = {n for n in parameters if n not in parameters.defaults and not _has_prefix(n)}
        asked = (names & set(parameters) | own_routed) - {"model"}
        arguments = {**{name: parameters[name] for name in asked}, **arguments}
    elif arguments:
        raise ValueError(
            f"'model__{next(iter(arguments))}' was given, but the 'model' parameter is a finished Keras model and "
            "takes no arguments. Give a function that builds it."
        )
    if parameters["feature_layers"] is not None:
        raise ValueError(
            "The 'feature_layers' and 'model' parameters cannot be used together: a 'model' has its own layers."
        )
    loss_is_given = parameters["loss"] is not parameters.defaults["loss"]
    return CustomNetworkSpec(
        model,
        arguments,
        meta,
        dict(parameters),
        _dtype(parameters),
        example,
        loss_is_given,
        given=tuple(name for name in parameters if parameters.is_given(name)),
    )


def check_no_model_arguments(parameters: Parameters) -> None:
    """``model__*`` without a ``model`` would do nothing."""
    _check_no_arguments(parameters, "model", "a function")


def check_no_stray_arguments(parameters: Parameters) -> None:
    """``callbacks__*`` and ``metrics__*`` where there are none would do nothing, either."""
    for name, what in (("callbacks", "Keras callbacks"), ("metrics", "metrics")):
        if not parameters[name]:
            _check_no_arguments(parameters, name, what)


def _check_no_arguments(parameters: Parameters, name: str, what: str) -> None:
    arguments = routed_to(name, parameters)
    if arguments:
        raise ValueError(
            f"'{name}__{next(iter(arguments))}' was given, but the {name!r} parameter is {parameters[name]!r}: there "
            f"is nothing to route it to. Give {what} as {name!r}."
        )


def _hidden_layer_sizes(parameters: Parameters) -> tuple[int, ...]:
    given = parameters["hidden_layer_sizes"]
    sizes = [given] if isinstance(given, Integral) else list(np.atleast_1d(given)) if np.ndim(given) else None
    if sizes is None or not all(isinstance(size, Integral) and int(size) >= 1 for size in sizes):
        raise parameters.error(
            "hidden_layer_sizes", "an int in the range [1, inf) or a sequence of such ints, one per hidden layer"
        )
    return tuple(int(size) for size in sizes)


def _activations(parameters: Parameters, n_hidden: int) -> tuple[str | Callable[..., Any], ...]:
    activations = _per_layer(parameters, "activation", n_hidden)
    for activation in activations:
        if not callable(activation) and activation not in ACTIVATIONS:
            raise parameters.error(
                "activation",
                f"a callable, one of {', '.join(ACTIVATIONS)}, or a list of these, one per hidden layer"
                f"{did_you_mean(activation, ACTIVATIONS)}",
            )
    return tuple(activations)


def _dropouts(parameters: Parameters, n_hidden: int) -> tuple[float, ...]:
    rates = _per_layer(parameters, "dropout", n_hidden)
    if not all(isinstance(rate, Real) and 0 <= float(rate) < 1 for rate in rates):
        raise parameters.error("dropout", "a float in the range [0.0, 1.0) or a list of these, one per hidden layer")
    return tuple(float(rate) for rate in rates)


def _per_layer(parameters: Parameters, name: str, n_hidden: int) -> list[Any]:
    given = parameters[name]
    if isinstance(given, str) or callable(given) or isinstance(given, Real):
        return [given] * n_hidden
    values = list(given)
    if len(values) != n_hidden:
        raise ValueError(
            f"The {name!r} parameter of {parameters.estimator} has {len(values)} entries, but hidden_layer_sizes="
            f"{parameters['hidden_layer_sizes']!r} has {n_hidden} hidden layers. Give one entry, or one per layer."
        )
    return values


def _kernel_initializers(parameters: Parameters, activations: Sequence[Any]) -> tuple[Any, ...]:
    given = parameters["kernel_initializer"]
    if not (isinstance(given, str) and given == "auto"):
        return (given,) * (len(activations) + 1)
    return (*(_auto_initializer(activation) for activation in activations), "glorot_uniform")


def _auto_initializer(activation: str | Callable[..., Any]) -> str:
    """Keep the spread of the signal from layer to layer, whatever the activation takes away from it."""
    name = name_of_activation(activation)
    if name == "selu":
        return "lecun_normal"
    return "he_normal" if name in RELU_LIKE else "glorot_uniform"


def _feature_layers(parameters: Parameters) -> tuple[Any, ...]:
    layers: list[Any] = []
    for entry in parameters["feature_layers"] or ():
        if isinstance(entry, str):
            layers.append(LayerSpec(str(entry)))
        elif isinstance(entry, list | tuple) and len(entry) == 2 and isinstance(entry[1], dict):
            layers.append(LayerSpec(str(entry[0]), tuple(sorted(entry[1].items()))))
        elif hasattr(entry, "get_config") and not isinstance(entry, type):
            layers.append(entry)
        else:
            raise ValueError(
                f"The 'feature_layers' parameter of {parameters.estimator} must be a sequence of names of Keras "
                f"layers, (name, arguments) pairs or keras.layers.Layer objects. Got {entry!r} in it instead."
            )
    return tuple(layers)


def _dtype(parameters: Parameters) -> DType:
    return cast(DType, str(parameters["dtype"]))


def _has_prefix(name: str) -> bool:
    return name.partition("__")[0] in PREFIXES and "__" in name
