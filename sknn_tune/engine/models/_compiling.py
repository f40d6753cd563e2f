"""Compiles a Keras model with the optimizer, loss and metrics of a `TrainingSpec`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ..._accepted import check_accepted
from ..._compat.keras import add_penalties_in
from ...specs import DType, TrainingSpec, canonical_name
from .._tensorflow import keras
from ._loss_trial import check_loss
from ._metric_forms import in_its_form
from ._metric_names import NamedMetric, first_line, named_metrics
from ._metric_trials import check_metrics
from ._optimizers import make_optimizer
from ._smoothed_loss import taking_label_smoothing


def compile_network(model: keras.Model, spec: TrainingSpec, dtype: DType) -> None:
    """Compile a network of ours as ``spec`` says."""
    _check_arguments("keras.Model.compile", model.compile, dict(spec.compile_arguments), "compile")
    loss = make_loss(spec, dtype)
    model.compile(
        optimizer=make_optimizer(spec),
        loss=loss,
        metrics=make_metrics(spec),
        **{"jit_compile": False, **compile_arguments(spec)},
    )
    check_loss(model, loss, spec, dtype)
    add_penalties_in(dtype, model)


def make_loss(spec: TrainingSpec, dtype: DType) -> keras.losses.Loss | Callable[..., Any]:
    """The loss as an object that computes in ``dtype`` (Keras' own default is float32 whatever the model)."""
    loss, arguments = spec.loss, dict(spec.loss_arguments)
    if isinstance(loss, str):
        loss = _known_loss(loss)
        loss = loss_class(loss) or loss
    loss = taking_label_smoothing(loss, arguments)
    if isinstance(loss, type):
        return _loss_of(loss, arguments, dtype)
    if arguments:
        raise ValueError(
            f"'loss__{next(iter(arguments))}' was given, but the loss {loss!r} is finished and takes no arguments. "
            "Give the loss by its name or class."
        )
    return loss


def _known_loss(name: str) -> Any:
    try:
        return keras.losses.get(name)
    except ValueError as error:  # those of Keras are known to be known
        raise ValueError(
            f"The 'loss' parameter names the loss {name!r}, which nobody has registered in this process. Decorate it "
            "with keras.saving.register_keras_serializable(package), or give the loss itself."
        ) from error


def _loss_of(made: type[Any], arguments: Mapping[str, Any], dtype: DType) -> Any:
    """A loss of a class, be it of the user's own."""
    if not any("__call__" in vars(each) for each in made.__mro__):
        raise ValueError(_no_loss(made, "its objects are no functions of (y_true, y_pred)."))
    _check_arguments(f"The loss {made.__name__}", made, arguments, "loss")
    try:
        return made(**{**({"dtype": dtype} if _takes_dtype(made) else {}), **arguments})
    except Exception as error:  # whatever the user's own may raise
        raise ValueError(_no_loss(made, first_line(error))) from error


def _no_loss(made: type[Any], why: str) -> str:
    return (
        f"The 'loss' parameter gives the class {made.__name__}, of which no loss can be made: {why} Give a class or "
        "object of keras.losses, or a function of (y_true, y_pred)."
    )


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
        parameter = "compile__weighted_metrics"
        found = named_metrics(arguments["weighted_metrics"], {}, parameter)
        arguments["weighted_metrics"] = [_made(spec, each, parameter) for each in found]
    return arguments


def check_metrics_of(spec: TrainingSpec) -> None:
    """Refuse what cannot be recorded, before anything is trained; ``spec.taught`` is known in full."""
    assert spec.taught is not None
    check_metrics(users_metrics(spec), spec.taught)
    check_metrics(compile_arguments(spec).get("weighted_metrics") or [], spec.taught, "compile__weighted_metrics")


def _made(spec: TrainingSpec, given: NamedMetric, parameter: str = "metrics") -> Any:
    if given.metric is not None:
        return in_its_form(given.metric, given.name, spec.taught, parameter)
    if spec.taught is not None and spec.taught.kind == "numbers" and spec.taught.form is not None:
        return in_its_form(keras.metrics.BinaryAccuracy(), given.name, spec.taught, parameter)  # says why not
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
