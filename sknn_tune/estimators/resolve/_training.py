"""Parameters -> how the network is trained."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any, cast

import numpy as np

from ..._nearest import did_you_mean
from ...specs import (
    OPTIMIZERS,
    Accuracy,
    Arguments,
    ScheduleKind,
    ScheduleSpec,
    StoppingSpec,
    Taught,
    TrainingSpec,
    canonical_optimizer,
)
from .._routing import routed_to, signature_names
from ._loss import loss_arguments
from ._parameters import Parameters
from ._routed import FLOATS_OF_OPTIMIZERS, check_count

#: Arguments of keras.Model.fit that are not parameters of ours and make sense beside them.
_FIT_ARGUMENTS = ("validation_freq", "validation_batch_size", "validation_steps")

#: Updates that no training comes to: they would take a hundred years. Larger numbers are no floats, nor TensorFlow's.
_MOST_STEPS = 2**53

#: Parameters of ours that an optimizer takes.
OPTIMIZER_PARAMETERS = ("momentum", "nesterov", "beta_1", "beta_2", "rho", "epsilon", "weight_decay")


def resolve_training(
    parameters: Parameters,
    *,
    loss: Any,
    accuracy: Accuracy | None,
    taught: Taught | None = None,
    n_rows: int,
    steps_before: int = 0,
    batch_size: int | None = None,
) -> TrainingSpec:
    """How the network is to be trained on ``n_rows`` rows."""
    if batch_size is None:
        given = parameters["batch_size"]
        given = parameters.defaults["batch_size"] if given is None else given  # SciKeras' way to say Keras' own
        batch_size = n_rows if given == -1 else min(int(given), n_rows)
    steps_per_epoch = -(-n_rows // batch_size)
    epochs = min(int(parameters["epochs"]), _MOST_STEPS // steps_per_epoch)
    optimizer, learning_rate, arguments, schedule = _optimizer(parameters)
    if isinstance(schedule, str):
        schedule = _schedule(parameters, steps_per_epoch, steps_before + steps_per_epoch * epochs)
    return TrainingSpec(
        loss=loss,
        loss_arguments=_sorted(loss_arguments(parameters, loss)),
        optimizer=optimizer,
        optimizer_arguments=arguments,
        learning_rate=learning_rate,
        schedule=schedule,
        batch_size=batch_size,
        epochs=epochs,
        shuffle=bool(parameters["shuffle"]),
        shuffle_buffer=int(parameters["shuffle_buffer"]),
        stopping=_stopping(parameters),
        accuracy=accuracy,
        taught=taught,
        metrics=parameters["metrics"],
        metrics_arguments=_sorted(routed_to("metrics", parameters)),
        callbacks=parameters["callbacks"],
        callbacks_arguments=_sorted(routed_to("callbacks", parameters)),
        compile_arguments=_sorted(_further_arguments(parameters, "compile")),
        fit_arguments=_sorted(_fit_arguments(parameters)),
    )


#: Numbers of an optimizer that are of no use when they are infinite. (Keras divides by the norm: nothing is learned.)
_IN_DTYPE = ("learning_rate", "epsilon", "weight_decay", "clipnorm")


def _optimizer(parameters: Parameters) -> tuple[Any, float, Arguments, Any]:
    """Optimizer, initial rate, further arguments, schedule."""
    optimizer = parameters["optimizer"]
    routed = routed_to("optimizer", parameters)
    for name in _IN_DTYPE:
        if parameters[name] is not None:
            parameters.number(name)
    rate = routed.pop("learning_rate", parameters["learning_rate"])
    schedule = parameters["learning_rate_schedule"]
    if not isinstance(rate, Real):  # optimizer__learning_rate=ExponentialDecay(...), as in SciKeras
        rate, schedule = parameters["learning_rate"], rate
    if not isinstance(optimizer, str | type):
        _check_finished_optimizer(parameters, routed)
        return optimizer, float(rate), (), None
    arguments = {name: parameters[name] for name in optimizer_parameters(optimizer) if parameters[name] is not None}
    if parameters["clipnorm"] is not None:
        arguments["global_clipnorm"] = float(parameters["clipnorm"])
    arguments.update(routed)
    arguments = {name: _as_keras_wants(name, value) for name, value in arguments.items()}
    return optimizer, float(rate), _sorted(arguments), schedule


def _as_keras_wants(name: str, value: Any) -> Any:
    """Keras refuses ``momentum=0``."""
    return float(value) if name in FLOATS_OF_OPTIMIZERS and isinstance(value, Real) else value


def optimizer_parameters(optimizer: Any) -> tuple[str, ...]:
    """Which parameters of ours an optimizer has, given by name or class."""
    name = canonical_optimizer(optimizer if isinstance(optimizer, str) else optimizer.__name__)
    if name in OPTIMIZERS:
        return OPTIMIZERS[name]
    names, _ = signature_names(optimizer)
    return tuple(name for name in OPTIMIZER_PARAMETERS if name in names and name not in ("momentum", "nesterov"))


def _check_finished_optimizer(parameters: Parameters, routed: Mapping[str, Any]) -> None:
    """A finished optimizer has its own settings: ours beside it would do nothing, so say so."""
    names = ("learning_rate", "learning_rate_schedule", "clipnorm", *OPTIMIZER_PARAMETERS)
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
        kind=cast(ScheduleKind, str(kind)),
        decay_rate=float(parameters["decay_rate"]),
        decay_steps=min(int(steps), _MOST_STEPS),
        staircase=bool(parameters["staircase"]),
        boundaries=boundaries,
    )


def _boundaries(parameters: Parameters, total_steps: int) -> tuple[int, ...]:
    given = parameters["decay_boundaries"]
    fractions = [float(fraction) for fraction in given] if np.ndim(given) else []  # a number, or a set without order
    if not fractions or fractions != sorted(set(fractions)) or not all(0 < fraction < 1 for fraction in fractions):
        raise parameters.error("decay_boundaries", "a sequence of rising fractions in the range (0.0, 1.0)")
    # Keras lowers the rate after the boundary step; two fractions of a very short run may fall on one step.
    return tuple(sorted({max(round(fraction * total_steps) - 1, 0) for fraction in fractions}))


def _stopping(parameters: Parameters) -> StoppingSpec | None:
    if not parameters["early_stopping"]:
        return None
    return StoppingSpec(
        monitor=str(parameters["monitor"]),
        patience=parameters["patience"],
        min_delta=float(parameters["min_delta"]),
        restore_best_weights=bool(parameters["restore_best_weights"]),
    )


def _fit_arguments(parameters: Parameters) -> dict[str, Any]:
    arguments = _further_arguments(parameters, "fit")
    if arguments.get("validation_batch_size") == -1:  # all rows: as many as fit in memory have the same loss
        del arguments["validation_batch_size"]
    for name in arguments:
        if name not in _FIT_ARGUMENTS:
            hint = did_you_mean(name, [*_FIT_ARGUMENTS, *parameters.defaults])
            raise ValueError(
                f"'fit__{name}' cannot be routed to keras.Model.fit{hint}: sknn_tune sets it itself, or Keras has no "
                f"such argument. Besides the parameters of {parameters.estimator}, these can be: "
                f"{', '.join(_FIT_ARGUMENTS)}."
            )
    for name in ("validation_batch_size", "validation_steps"):
        check_count(f"fit__{name}", arguments.get(name), parameters.estimator)
    _check_validation_frequency(parameters, arguments.get("validation_freq", 1))
    return arguments


def _check_validation_frequency(parameters: Parameters, given: Any) -> None:
    if given == 1:
        return
    if not (isinstance(given, int) and given > 0) and not (isinstance(given, list | tuple) and given):
        raise ValueError(
            f"The 'fit__validation_freq' parameter of {parameters.estimator} must be an int in the range [1, inf), or "
            f"a list of epochs. Got {given!r} instead."
        )
    if parameters.stops_on_held_out_rows:
        raise ValueError(
            f"early_stopping looks at {parameters['monitor']!r} after every epoch, but fit__validation_freq={given!r} "
            "leaves epochs out. Leave it out, or set early_stopping=False."
        )


def _further_arguments(parameters: Parameters, destination: str) -> dict[str, Any]:
    """Routed arguments that are not parameters of ours under another name."""
    routed = routed_to(destination, parameters)
    return {name: value for name, value in routed.items() if name not in parameters.defaults}


def _sorted(arguments: Mapping[str, Any]) -> Arguments:
    return tuple(sorted(arguments.items()))
