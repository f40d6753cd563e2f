"""Compiles a Keras model with the optimizer, loss and metrics of a `TrainingSpec`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..._accepted import check_accepted
from ..._compat.keras import add_penalties_in
from ...specs import DType, TrainingSpec, canonical_name
from .._tensorflow import keras
from ._metric_forms import in_its_form
from ._metric_names import NamedMetric, named_metrics
from ._metric_trials import check_metrics
from ._optimizers import make_optimizer
from ._smoothed_loss import taking_label_smoothing


def compile_network(model: keras.Model, spec: TrainingSpec, dtype: DType) -> None:
    """Compile a network of ours as ``spec`` says."""
    _check_arguments("keras.Model.compile", model.compile, dict(spec.compile_arguments), "compile")
    model.compile(
        optimizer=make_optimizer(spec),
        loss=make_loss(spec, dtype),
        metrics=make_metrics(spec),
        **{"jit_compile": False, **compile_arguments(spec)},
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
        _check_arguments(f"The loss {loss.__name__}", loss, arguments, "loss")
        return loss(**{**({"dtype": dtype} if _takes_dtype(loss) else {}), **arguments})
    if arguments:
        raise ValueError(
            f"'loss__{next(iter(arguments))}' was given, but the loss {loss!r} is finished and takes no arguments. "
            "Give the loss by its name or class."
        )
    return loss


def _check_arguments(what: str, function: Callable[..., Any], arguments: Mapping[str, Any], prefix: str) -> None:
    """Refuse names that ``function`` does not take, and text where it takes a number."""
    check_accepted(what, function, arguments, prefix)
    known = inspect.signature(function).parameters
    for name, value in arguments.items():
        default = known[name].default if name in known else None
        if isinstance(value, str) and isinstance(default, int | float):
            raise ValueError(
                f"{what} takes a number such as {default!r} as {name!r}. Got {prefix}__{name}={value!r} instead."
            )


def _takes_dtype(loss: type[keras.losses.Loss]) -> bool:
    """A loss of the user's may be one that does not."""
    parameters = inspect.signature(loss.__init__).parameters.values()
    return any(each.name == "dtype" or each.kind is each.VAR_KEYWORD for each in parameters)


def make_metrics(spec: TrainingSpec) -> list[Any]:
    """The accuracy that fits the form of the target, and the user's metrics, made anew for this fit."""
    metrics = users_metrics(spec)
    if spec.accuracy is None or any(metric.name == "accuracy" for metric in metrics if not isinstance(metric, str)):
        return metrics
    return [_accuracy(spec, "accuracy"), *metrics]


def users_metrics(spec: TrainingSpec) -> list[Any]:
    """What the user gave as ``metrics``, made anew, each under its name and with the targets in its form.

    An accuracy of ours is recorded already; a second of the same name is left out.
    """
    if spec.metrics is None:
        return []
    found = named_metrics(spec.metrics, dict(spec.metrics_arguments))
    return [_made(spec, each) for each in found if each != ("accuracy", None) or spec.accuracy is None]


def compile_arguments(spec: TrainingSpec) -> dict[str, Any]:
    """Further arguments of ``keras.Model.compile``; weighted metrics see the targets in their form, too."""
    arguments = dict(spec.compile_arguments)
    if arguments.get("weighted_metrics") is not None:
        found = named_metrics(arguments["weighted_metrics"], {}, "compile__weighted_metrics")
        arguments["weighted_metrics"] = [_made(spec, each) for each in found]
    return arguments


def check_metrics_of(spec: TrainingSpec) -> None:
    """Refuse what cannot be recorded, before anything is trained; ``spec.taught`` is known in full."""
    assert spec.taught is not None
    check_metrics(users_metrics(spec), spec.taught)
    check_metrics(compile_arguments(spec).get("weighted_metrics") or [], spec.taught, "compile__weighted_metrics")


def _made(spec: TrainingSpec, given: NamedMetric) -> Any:
    if given.metric is not None:
        return in_its_form(given.metric, given.name, spec.taught)
    if spec.taught is not None and spec.taught.kind == "numbers" and spec.taught.form is not None:
        return in_its_form(keras.metrics.BinaryAccuracy(), given.name, spec.taught)  # says why not
    return _accuracy(spec, given.name)


def _accuracy(spec: TrainingSpec, name: str) -> Any:
    """The accuracy of `score`, per epoch. A model of the user's own has Keras choose: only it knows the form."""
    taught = spec.taught
    form, outputs = (spec.accuracy, "probabilities") if taught is None else (taught.form, taught.outputs)
    if taught is not None and taught.kind == "labels":
        form = "binary"
    if form == "binary":
        return keras.metrics.BinaryAccuracy(name=name, threshold=0.0 if outputs in ("logits", "signs") else 0.5)
    if form == "index":
        return keras.metrics.SparseCategoricalAccuracy(name=name)
    if form == "one_hot":
        return keras.metrics.CategoricalAccuracy(name=name)
    if taught is not None and taught.kind == "classes" and outputs == "logits":
        return in_its_form(keras.metrics.Accuracy(), name, taught)
    return name


def loss_class(function: Callable[..., Any]) -> type[keras.losses.Loss] | None:
    """The class of a loss function of Keras, which unlike it takes a dtype and arguments; None if there is none."""
    name = getattr(function, "__name__", None)
    for candidate in vars(keras.losses).values():
        if isinstance(candidate, type) and canonical_name(candidate.__name__) == name:
            return candidate
    return None
