"""Optimizer, loss and metrics onto a Keras model. SciKeras turns names and routed arguments into objects."""

from __future__ import annotations

from ..._compat.keras import add_penalties_in
from ..._compat.scikeras import metrics_with_arguments
from ...specs import TrainingSpec, canonical_name
from .._tensorflow import keras
from ._optimizers import make_optimizer


def compile_network(model, spec: TrainingSpec, dtype: str) -> None:
    """Compile a network of ours as ``spec`` says."""
    model.compile(
        optimizer=make_optimizer(spec),
        loss=make_loss(spec, dtype),
        metrics=make_metrics(spec),
        **{"jit_compile": False, **dict(spec.compile_arguments)},
    )
    add_penalties_in(dtype, model)


def make_loss(spec: TrainingSpec, dtype: str):
    """The loss as an object that computes in ``dtype`` (Keras' own default is float32 whatever the model)."""
    loss, arguments = spec.loss, dict(spec.loss_arguments)
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
        loss = loss_class(loss) or loss
    if isinstance(loss, type):
        return loss(**{"dtype": dtype, **arguments})
    if arguments:
        raise ValueError(
            f"'loss__{next(iter(arguments))}' was given, but the loss {loss!r} is finished and takes no arguments. "
            "Give the loss by its name or class."
        )
    return loss


def make_metrics(spec: TrainingSpec) -> list:
    """The accuracy that fits the form of the target, and the user's metrics, made anew for this fit."""
    accuracies = {
        "binary": keras.metrics.BinaryAccuracy,
        "index": keras.metrics.SparseCategoricalAccuracy,
        "one_hot": keras.metrics.CategoricalAccuracy,
    }
    metrics = [accuracies[spec.accuracy](name="accuracy")] if spec.accuracy else []
    return metrics + users_metrics(spec)


def users_metrics(spec: TrainingSpec) -> list:
    """What the user gave as ``metrics``, with its routed arguments, as a list of new objects."""
    if spec.metrics is None:
        return []
    given = spec.metrics if isinstance(spec.metrics, list | tuple | dict) else [spec.metrics]
    if not spec.metrics_arguments and not isinstance(given, dict):
        made = [metric() if isinstance(metric, type) else metric for metric in given]  # Keras keeps "mae" as its name
        return _without_our_accuracy(made, spec)
    arguments = {f"metrics__{name}": value for name, value in spec.metrics_arguments}
    made = metrics_with_arguments(given, arguments)
    return _without_our_accuracy(made, spec)


def _without_our_accuracy(metrics: list, spec: TrainingSpec) -> list:
    """An accuracy of ours is recorded already; Keras would refuse a second of the same name."""
    recorded = {"accuracy", "acc"} if spec.accuracy else set()
    return [own_copy(metric) for metric in metrics if not (isinstance(metric, str) and metric in recorded)]


def own_copy(metric):
    """Metric objects add up over batches, so each fit has its own."""
    return type(metric).from_config(metric.get_config()) if isinstance(metric, keras.metrics.Metric) else metric


def loss_class(function):
    """The class of a loss that Keras gives as a function, since only classes take a dtype and arguments."""
    name = getattr(function, "__name__", None)
    for candidate in vars(keras.losses).values():
        if isinstance(candidate, type) and canonical_name(candidate.__name__) == name:
            return candidate
    return None
