"""Compiles a Keras model with the optimizer, loss and metrics of a `TrainingSpec`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..._compat.keras import add_penalties_in
from ..._compat.scikeras import metrics_with_arguments
from ...specs import DType, TrainingSpec, canonical_name
from .._tensorflow import keras
from ._copies import copied_metric
from ._optimizers import make_optimizer
from ._smoothed_loss import taking_label_smoothing


def compile_network(model: keras.Model, spec: TrainingSpec, dtype: DType) -> None:
    """Compile a network of ours as ``spec`` says."""
    _check_accepted("keras.Model.compile", model.compile, dict(spec.compile_arguments), "compile")
    model.compile(
        optimizer=make_optimizer(spec),
        loss=make_loss(spec, dtype),
        metrics=make_metrics(spec),
        **{"jit_compile": False, **dict(spec.compile_arguments)},
    )
    add_penalties_in(dtype, model)


def make_loss(spec: TrainingSpec, dtype: DType) -> keras.losses.Loss | Callable[..., Any]:
    """The loss as an object that computes in ``dtype`` (Keras' own default is float32 whatever the model)."""
    loss, arguments = spec.loss, dict(spec.loss_arguments)
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
        loss = loss_class(loss) or loss
    loss = taking_label_smoothing(loss, arguments)
    if isinstance(loss, type):
        _check_accepted(f"The loss {loss.__name__}", loss, arguments, "loss")
        return loss(**{"dtype": dtype, **arguments})
    if arguments:
        raise ValueError(
            f"'loss__{next(iter(arguments))}' was given, but the loss {loss!r} is finished and takes no arguments. "
            "Give the loss by its name or class."
        )
    return loss


def _check_accepted(what: str, function: Callable[..., Any], arguments: dict[str, Any], prefix: str) -> None:
    """Raise an error that names the first argument that ``function`` does not take."""
    known = dict(inspect.signature(function).parameters)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return
    for name, value in arguments.items():
        if name not in known:
            names = sorted(set(known) - {"self", "name", "dtype", "reduction", "optimizer", "loss", "metrics"})
            raise ValueError(
                f"{what} has no argument {name!r}, given as '{prefix}__{name}'. It has: {', '.join(names) or 'none'}."
            )
        default = known[name].default
        if isinstance(value, str) and isinstance(default, int | float):
            raise ValueError(
                f"{what} takes a number such as {default!r} as {name!r}. Got {prefix}__{name}={value!r} instead."
            )


def make_metrics(spec: TrainingSpec) -> list[Any]:
    """The accuracy that fits the form of the target, and the user's metrics, made anew for this fit."""
    accuracies = {
        "binary": keras.metrics.BinaryAccuracy,
        "index": keras.metrics.SparseCategoricalAccuracy,
        "one_hot": keras.metrics.CategoricalAccuracy,
    }
    metrics = [accuracies[spec.accuracy](name="accuracy")] if spec.accuracy else []
    return metrics + users_metrics(spec)


def users_metrics(spec: TrainingSpec) -> list[Any]:
    """What the user gave as ``metrics``, made anew: metric objects, names and functions.

    SciKeras gives the routed arguments to the metrics that they are for.
    """
    if spec.metrics is None:
        return []
    given = spec.metrics if isinstance(spec.metrics, list | tuple | dict) else [spec.metrics]
    if not spec.metrics_arguments and not isinstance(given, dict):
        made = [metric() if isinstance(metric, type) else metric for metric in given]  # "mae" is recorded as "mae"
    else:
        made = metrics_with_arguments(given, {f"metrics__{name}": value for name, value in spec.metrics_arguments})
    return _without_our_accuracy(made, spec)


def _without_our_accuracy(metrics: list[Any], spec: TrainingSpec) -> list[Any]:
    """An accuracy of ours is recorded already; Keras would refuse a second of the same name."""
    recorded = {"accuracy", "acc"} if spec.accuracy else set()
    return [copied_metric(metric) for metric in metrics if not (isinstance(metric, str) and metric in recorded)]


def loss_class(function: Callable[..., Any]) -> type[keras.losses.Loss] | None:
    """The class of a loss function of Keras, which unlike it takes a dtype and arguments; None if there is none."""
    name = getattr(function, "__name__", None)
    for candidate in vars(keras.losses).values():
        if isinstance(candidate, type) and canonical_name(candidate.__name__) == name:
            return candidate
    return None
