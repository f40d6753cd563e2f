"""Parameters as the user gave them -> the specs an engine takes. Nothing here loads TensorFlow."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from functools import cache
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..specs import CustomNetworkSpec, LayerSpec, NetworkSpec, ScheduleSpec, StoppingSpec, TrainingSpec
from ..specs._vocabulary import (
    ACTIVATIONS,
    INDEX_LOSSES,
    LOSS_ALIASES,
    LOSSES,
    OPTIMIZERS,
    RELU_LIKE,
    canonical_name,
)
from ._routing import PREFIXES, SCIKERAS_NAMES, routed_to, signature_names

#: Arguments of keras.Model.fit that are not parameters of ours and make sense beside them.
_FIT_ARGUMENTS = ("validation_freq", "validation_batch_size", "validation_steps")

#: Parameters of ours that an optimizer takes.
_OPTIMIZER_PARAMETERS = ("momentum", "nesterov", "beta_1", "beta_2", "rho", "epsilon", "weight_decay")


@cache
def _defaults(estimator_class: type) -> dict[str, Any]:
    """Reading a signature takes as long as an epoch of a small network."""
    signature = inspect.signature(estimator_class.__init__).parameters
    return {name: parameter.default for name, parameter in signature.items()}


class Parameters(dict):
    """The parameters of one fit, with the name of their estimator for messages."""

    def __init__(self, estimator):
        super().__init__(estimator.get_params(deep=False))
        self.estimator = type(estimator).__name__
        self.defaults = {name: value for name, value in _defaults(type(estimator)).items() if name in self}
        for theirs, ours in SCIKERAS_NAMES.items():
            if self.pop(theirs, None) is not None:
                self[ours] = getattr(estimator, theirs)
        for destination in ("fit", "compile"):
            for name, value in routed_to(destination, dict(self)).items():
                if name in self.defaults:
                    self[name] = value

    def error(self, name: str, expected: str) -> ValueError:
        """scikit-learn's sentence."""
        return ValueError(f"The {name!r} parameter of {self.estimator} must be {expected}. Got {self[name]!r} instead.")


# --- the network -----------------------------------------------------------------------------------


def resolve_network(
    parameters: Parameters, *, row_shape: tuple[int, ...], n_outputs: int, output_activation
) -> NetworkSpec:
    """The network that the parameters describe."""
    sizes = _hidden_layer_sizes(parameters)
    activations = _activations(parameters, len(sizes))
    return NetworkSpec(
        input_shape=tuple(int(length) for length in row_shape),
        n_outputs=n_outputs,
        output_activation=_own_name(output_activation),
        feature_layers=_feature_layers(parameters),
        hidden_layer_sizes=sizes,
        activations=activations,
        kernel_initializers=_kernel_initializers(parameters, activations),
        batch_norm={True: "before", False: None}.get(parameters["batch_norm"], parameters["batch_norm"]),
        dropouts=_dropouts(parameters, len(sizes)),
        dtype=str(parameters["dtype"]),
        **{
            name: float(parameters[name])
            for name in (
                *("negative_slope", "batch_norm_momentum", "batch_norm_epsilon", "input_dropout"),
                *("l1", "l2", "activity_l1", "activity_l2"),
            )
        },
    )


def resolve_custom_network(parameters: Parameters, *, meta: dict) -> CustomNetworkSpec:
    """The network that the user's own ``model`` makes, with the arguments it asks for."""
    model = parameters["model"]
    arguments = routed_to("model", parameters)
    is_function = not hasattr(model, "get_weights") or isinstance(model, type)
    if is_function:
        names, _ = signature_names(model)
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
    return CustomNetworkSpec(model, arguments, meta, dict(parameters), str(parameters["dtype"]))


def check_no_model_arguments(parameters: Parameters) -> None:
    """``model__*`` without a ``model`` would do nothing."""
    arguments = routed_to("model", parameters)
    if arguments:
        raise ValueError(
            f"'model__{next(iter(arguments))}' was given, but the 'model' parameter is None: there is nothing to "
            "route it to. Give a function as 'model'."
        )


def _hidden_layer_sizes(parameters: Parameters) -> tuple[int, ...]:
    given = parameters["hidden_layer_sizes"]
    sizes = [given] if isinstance(given, Integral) else list(np.atleast_1d(given)) if np.ndim(given) else None
    if sizes is None or not all(isinstance(size, Integral) and size >= 1 for size in sizes):
        raise parameters.error(
            "hidden_layer_sizes", "an int in the range [1, inf) or a sequence of such ints, one per hidden layer"
        )
    return tuple(int(size) for size in sizes)


def _activations(parameters: Parameters, n_hidden: int) -> tuple[str | Callable, ...]:
    activations = _per_layer(parameters, "activation", n_hidden)
    for activation in activations:
        if not callable(activation) and activation not in ACTIVATIONS:
            raise parameters.error(
                "activation", f"a callable, one of {', '.join(ACTIVATIONS)}, or a list of these, one per hidden layer"
            )
    return tuple(_own_name(activation) for activation in activations)


def _dropouts(parameters: Parameters, n_hidden: int) -> tuple[float, ...]:
    rates = _per_layer(parameters, "dropout", n_hidden)
    if not all(isinstance(rate, Real) and 0 <= rate < 1 for rate in rates):
        raise parameters.error("dropout", "a float in the range [0.0, 1.0) or a list of these, one per hidden layer")
    return tuple(float(rate) for rate in rates)


def _per_layer(parameters: Parameters, name: str, n_hidden: int) -> list:
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


def _kernel_initializers(parameters: Parameters, activations) -> tuple[Any, ...]:
    given = parameters["kernel_initializer"]
    if not (isinstance(given, str) and given == "auto"):
        return (canonical_name(given) if isinstance(given, str) else given,) * (len(activations) + 1)
    return (*(_auto_initializer(activation) for activation in activations), "glorot_uniform")


def _auto_initializer(activation) -> str:
    """Keep the spread of the signal from layer to layer, whatever the activation takes away from it."""
    name = activation if isinstance(activation, str) else getattr(activation, "__name__", "")
    if name == "selu":
        return "lecun_normal"
    return "he_normal" if name in RELU_LIKE else "glorot_uniform"


def _feature_layers(parameters: Parameters) -> tuple:
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


def _own_name(value):
    """Strings as plain ``str``: a search may hand over NumPy's."""
    return str(value) if isinstance(value, str) else value


# --- the loss --------------------------------------------------------------------------------------


def resolve_loss(parameters: Parameters, automatic: str):
    """The loss by its canonical name, or the user's class, object or function."""
    loss = parameters["loss"]
    if loss is None:  # SciKeras' way to say so
        return automatic
    if not isinstance(loss, str):
        return loss
    if loss == "auto":
        return automatic
    if ">" in loss:  # registered by the user with keras.saving: "package>name"
        return loss
    name = canonical_name(loss)
    name = LOSS_ALIASES.get(name, LOSS_ALIASES.get(loss.lower(), name))
    if name not in LOSSES:
        close = difflib.get_close_matches(name, LOSSES, n=2)
        hint = f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""
        raise parameters.error("loss", f"'auto', a loss class, object or function, or one of {', '.join(LOSSES)}{hint}")
    return name


def loss_compares_rows(loss) -> bool:
    """Whether a multiclass target must be rows with a single one. Functions of unknown make get class numbers."""
    if isinstance(loss, str):
        name = loss
    else:
        name = canonical_name(getattr(loss, "__name__", None) or type(loss).__name__)
        name = LOSS_ALIASES.get(name.replace("_", ""), name)
    return name in LOSSES and name not in INDEX_LOSSES


# --- the training ----------------------------------------------------------------------------------


def resolve_training(
    parameters: Parameters, *, loss, accuracy, n_rows: int, steps_before: int = 0, batch_size: int | None = None
) -> TrainingSpec:
    """How the network is to be trained on ``n_rows`` rows."""
    if batch_size is None:
        given = parameters["batch_size"]
        given = parameters.defaults["batch_size"] if given is None else given  # SciKeras' way to say Keras' own
        batch_size = n_rows if given == -1 else min(int(given), n_rows)
    epochs = int(parameters["epochs"])
    steps_per_epoch = -(-n_rows // batch_size)
    optimizer, learning_rate, arguments, schedule = _optimizer(parameters)
    if isinstance(schedule, str):
        schedule = _schedule(parameters, steps_per_epoch, steps_before + steps_per_epoch * epochs)
    return TrainingSpec(
        loss=loss,
        loss_arguments=_sorted(routed_to("loss", parameters)),
        optimizer=optimizer,
        optimizer_arguments=arguments,
        learning_rate=learning_rate,
        schedule=schedule,
        batch_size=batch_size,
        epochs=epochs,
        shuffle=bool(parameters["shuffle"]),
        stopping=_stopping(parameters),
        accuracy=accuracy,
        metrics=parameters["metrics"],
        metrics_arguments=_sorted(routed_to("metrics", parameters)),
        callbacks=parameters["callbacks"],
        callbacks_arguments=_sorted(routed_to("callbacks", parameters)),
        compile_arguments=_sorted(_further_arguments(parameters, "compile")),
        fit_arguments=_sorted(_fit_arguments(parameters)),
    )


def _optimizer(parameters: Parameters) -> tuple[Any, float, tuple, Any]:
    """Optimizer, initial rate, further arguments, schedule."""
    optimizer = parameters["optimizer"]
    routed = routed_to("optimizer", parameters)
    rate = routed.pop("learning_rate", parameters["learning_rate"])
    schedule = parameters["learning_rate_schedule"]
    if not isinstance(rate, Real):  # optimizer__learning_rate=ExponentialDecay(...), as in SciKeras
        rate, schedule = parameters["learning_rate"], rate
    if not isinstance(optimizer, str | type):
        _check_finished_optimizer(parameters, routed)
        return optimizer, float(rate), (), None
    arguments = {name: parameters[name] for name in _optimizer_parameters(optimizer) if parameters[name] is not None}
    if parameters["clipnorm"] is not None:
        arguments["global_clipnorm"] = float(parameters["clipnorm"])
    arguments.update(routed)
    name = optimizer.lower() if isinstance(optimizer, str) else optimizer
    return name, float(rate), _sorted(arguments), _own_name(schedule)


def _optimizer_parameters(optimizer) -> tuple[str, ...]:
    name = (optimizer if isinstance(optimizer, str) else optimizer.__name__).lower()
    if name in OPTIMIZERS:
        return OPTIMIZERS[name]
    names, _ = signature_names(optimizer)
    return tuple(name for name in _OPTIMIZER_PARAMETERS if name in names and name not in ("momentum", "nesterov"))


def _check_finished_optimizer(parameters: Parameters, routed: dict) -> None:
    """A finished optimizer has its own settings: ours beside it would do nothing, so say so."""
    names = ("learning_rate", "learning_rate_schedule", "clipnorm", *_OPTIMIZER_PARAMETERS)
    changed = [name for name in names if parameters[name] != parameters.defaults[name]]
    changed += [f"optimizer__{name}" for name in routed]
    if changed:
        raise ValueError(
            f"The 'optimizer' parameter of {parameters.estimator} is a finished optimizer with settings of its own, so "
            f"{changed[0]}={parameters[changed[0]]!r} would have no effect. Give the optimizer by its name or class, "
            f"or leave {changed[0]!r} out."
        )


def _schedule(parameters: Parameters, steps_per_epoch: int, total_steps: int) -> ScheduleSpec:
    kind = parameters["learning_rate_schedule"]
    steps = parameters["decay_steps"]
    if isinstance(steps, str):
        # A cosine is one sweep, so by default it lasts as long as the training.
        steps = total_steps if kind == "cosine" else steps_per_epoch
    boundaries = _boundaries(parameters, total_steps) if kind == "piecewise" else ()
    return ScheduleSpec(
        kind=str(kind),
        decay_rate=float(parameters["decay_rate"]),
        decay_steps=int(steps),
        staircase=bool(parameters["staircase"]),
        boundaries=boundaries,
    )


def _boundaries(parameters: Parameters, total_steps: int) -> tuple[int, ...]:
    fractions = [float(fraction) for fraction in parameters["decay_boundaries"]]
    if not fractions or fractions != sorted(set(fractions)) or not all(0 < fraction < 1 for fraction in fractions):
        raise parameters.error("decay_boundaries", "a sequence of rising fractions in the range (0.0, 1.0)")
    # Keras lowers the rate after the boundary step; two fractions of a very short run may fall on one step.
    return tuple(sorted({max(round(fraction * total_steps) - 1, 0) for fraction in fractions}))


def _stopping(parameters: Parameters) -> StoppingSpec | None:
    if not parameters["early_stopping"]:
        return None
    return StoppingSpec(
        monitor=str(parameters["monitor"]),
        patience=int(parameters["patience"]),
        min_delta=float(parameters["min_delta"]),
        restore_best_weights=bool(parameters["restore_best_weights"]),
    )


def _fit_arguments(parameters: Parameters) -> dict:
    arguments = _further_arguments(parameters, "fit")
    for name in arguments:
        if name not in _FIT_ARGUMENTS:
            raise ValueError(
                f"'fit__{name}' cannot be routed to keras.Model.fit: sknn_tune sets it itself, or Keras has no such "
                f"argument. Besides the parameters of {parameters.estimator}, these can be: "
                f"{', '.join(_FIT_ARGUMENTS)}."
            )
    return arguments


def _further_arguments(parameters: Parameters, destination: str) -> dict:
    """Routed arguments that are not parameters of ours under another name."""
    routed = routed_to(destination, parameters)
    return {name: value for name, value in routed.items() if name not in parameters.defaults}


def _has_prefix(name: str) -> bool:
    return name.partition("__")[0] in PREFIXES and "__" in name


def _sorted(arguments: dict) -> tuple:
    return tuple(sorted(arguments.items()))
