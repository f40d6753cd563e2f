"""Builds and compiles a model of the user's own, through SciKeras.

SciKeras knows how to call the user's function with the routed arguments it asks for and how to compile
what comes back. What it gets wrong with today's scikit-learn (seeds, tags, shapes; see the design page) is done here
or elsewhere.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..._accepted import check_accepted, check_routes
from ..._compat.keras import arguments_of_compile, takes_logits, without_all_reduce
from ..._compat.scikeras import ModelBuilder
from ...specs import (
    INDEX_LOSSES,
    Accuracy,
    CustomNetworkSpec,
    TrainingSpec,
    arrays_in,
    canonical_name,
    map_arrays,
    name_of_loss,
    says_logits,
)
from .._seeding import derived_seed
from .._tensorflow import keras, tf
from ._by_output import check_by_output
from ._compiled_by_maker import warn_of_no_effect
from ._compiling import compile_arguments, loss_class, make_metrics
from ._copies import copied_model
from ._inputs_outputs import widths_of
from ._metric_names import metrics_of_outputs
from ._optimizers import make_optimizer
from ._predict import check_predict_arguments
from ._seeded_defaults import seeded_defaults
from ._smoothed_loss import taking_label_smoothing


def build_custom_model(spec: CustomNetworkSpec, training: TrainingSpec, seed: int) -> keras.Model:
    """Call the user's function (or copy the user's model), compile it if it is not, and build it."""
    with seeded_defaults(derived_seed(seed, "model")):
        builder = _builder(spec, training)
        model = builder.build()
        if not isinstance(model, keras.Model):
            raise TypeError(
                f"The 'model' parameter must return a keras.Model, but it returned {type(model).__name__}: {model!r}."
            )
        _check_one_device(model)
        widths = widths_of(model, spec)  # builds the model, too, if its maker did not
    check_predict_arguments(model, spec)
    if model.compiled:
        _check_smoothing(model.loss, spec)
        if spec.loss_is_given:
            _check_loss(model.loss, training)
        warn_of_no_effect(model, spec, training)
    else:
        check_by_output("loss", training.loss, model, len(widths))
        loss = None
        if isinstance(training.loss, str) and training.loss == "auto":
            loss = _taking_arguments(_automatic_loss(spec.meta, n_units=widths[0]), training)
        arguments = builder.compile_arguments(loss)
        check_accepted("keras.Model.compile", model.compile, dict(training.compile_arguments), "compile")
        if len(widths) > 1:
            check_by_output("metrics", training.metrics, model, len(widths))
            arguments["metrics"] = metrics_of_outputs(training)
        else:
            arguments["metrics"] = _metrics(_told(training, training.loss if loss is None else loss, widths[0]))
        model.compile(**arguments)
    if len(widths) > 1 and training.accuracy:
        _compile_without_accuracy(model)
    without_all_reduce(model.optimizer)
    return model


def _check_one_device(model: keras.Model) -> None:
    """A model that was made in the scope of a strategy can be trained in it alone."""
    strategy = getattr(model, "distribute_strategy", None)
    if strategy is not None and strategy is not tf.distribute.get_strategy():
        raise ValueError(
            f"The model that came from 'model' was made in the scope of a {type(strategy).__name__}, but a network is "
            "trained on one device here. Make it outside; the 'device' parameter names the device, or several for the "
            "fits of a search."
        )


def _compile_without_accuracy(model: keras.Model) -> None:
    """Keras wants metrics by output where there are several, so the accuracy that we add would be one too many."""
    arguments = arguments_of_compile(model)
    metrics = arguments["metrics"]
    if isinstance(metrics, list) and metrics and getattr(metrics[0], "name", metrics[0]) == "accuracy":
        model.compile(**{**arguments, "metrics": metrics[1:]})


def _check_loss(compiled: Any, training: TrainingSpec) -> None:
    """A loss that was given beside a compiled model would have no effect, unless it is the one that it has."""
    if isinstance(training.loss, str) and training.loss == "auto":
        return
    given = _taking_arguments(training.loss, training)
    if not (_has_name(given) and _has_name(compiled)):
        return
    if loss_name(given) != loss_name(compiled):
        raise ValueError(
            f"The 'loss' parameter is {given!r}, but model compiled with {compiled!r} came from 'model'. Leave 'loss' "
            "out, compile with compile_kwargs['loss'], or return the model uncompiled."
        )


def _has_name(loss: Any) -> bool:
    return isinstance(loss, str | type | keras.losses.Loss) or hasattr(loss, "__name__")


def _check_smoothing(loss: Any, spec: CustomNetworkSpec) -> None:
    """The loss of a model that its maker compiled stays what it is, so ours could have no effect."""
    smoothing = spec.parameters.get("label_smoothing", 0.0)
    if smoothing and getattr(loss, "label_smoothing", 0.0) != smoothing:
        raise ValueError(
            f"The 'label_smoothing' parameter is {smoothing!r}, but the model given as 'model' is compiled already, "
            f"with a loss that smooths by {getattr(loss, 'label_smoothing', 0.0)!r}. Compile it with a loss that has "
            f"label_smoothing={smoothing!r}, such as compile_kwargs['loss'], or leave it uncompiled."
        )


def _automatic_loss(meta: Mapping[str, Any], *, n_units: int | None) -> str:
    """The loss that fits the outputs, for a model that its maker did not compile."""
    if meta["target_type_"].startswith("continuous"):
        return "mean_squared_error"
    if meta["target_type_"] == "multilabel-indicator" or n_units == 1:
        return "binary_crossentropy"
    return "sparse_categorical_crossentropy"


def target_form(model: keras.Model, spec: CustomNetworkSpec) -> Accuracy:
    """How ``model`` wants its class labels: ``"binary"``, ``"index"`` or ``"one_hot"``."""
    widths = widths_of(model, spec)
    if len(widths) > 1:  # each has columns of a multilabel target
        if spec.meta["target_type_"] != "multilabel-indicator":
            raise ValueError(
                f"The model given as 'model' has {len(widths)} outputs, but y holds one class for each row. Give the "
                "model one output, or say in a subclass what each is taught, by a property 'target_encoder'."
            )
        return "one_hot"
    return "binary" if widths[0] == 1 else _form_of_classes(model.loss)


def _form_of_classes(loss: Any) -> Accuracy:
    name = loss_name(loss)
    return "index" if name in INDEX_LOSSES or name not in _ROW_LOSSES else "one_hot"


def _told(training: TrainingSpec, loss: Any, n_units: int | None) -> TrainingSpec:
    """The same with what the outputs of a model and its loss tell of the form of classes, for its metrics."""
    if training.taught is None or training.taught.kind != "classes" or n_units is None:
        return training
    form = "binary" if n_units == 1 else _form_of_classes(loss)
    return replace(training, taught=replace(training.taught, form=form, n_outputs=n_units))


def loss_name(loss: str | type | Callable[..., Any] | keras.losses.Loss) -> str:
    """The snake-case name of a loss given as name, function, class or object."""
    (loss,) = arrays_in(loss) if len(arrays_in(loss)) == 1 else ("",)  # of several outputs: no name serves them all
    if isinstance(loss, str):
        loss = keras.losses.get(loss) if loss else loss
    return name_of_loss(loss)


def gives_logits(model: keras.Model) -> bool:
    """Whether the loss of the model says that the outputs are logits, not probabilities."""
    return any(takes_logits(loss) or says_logits(loss) for loss in arrays_in(model.loss))


#: Losses that compare whole rows, so that a class label becomes a row with a single one.
_ROW_LOSSES = frozenset(
    canonical_name(name)
    for name, value in vars(keras.losses).items()
    if isinstance(value, type) and canonical_name(name) not in INDEX_LOSSES
)


def _builder(spec: CustomNetworkSpec, training: TrainingSpec) -> ModelBuilder:
    """Everything that SciKeras needs to know to make the model."""
    loss = training.loss
    if isinstance(loss, str) and loss == "auto":  # a guess for `compile_kwargs`: there is no model to look at yet
        loss = _automatic_loss(spec.meta, n_units=1 if spec.meta["target_type_"] == "binary" else 2)
    routed = {f"loss__{name}": value for name, value in training.loss_arguments}
    routed |= {f"compile__{name}": value for name, value in compile_arguments(training).items()}
    # Optimizer and metrics are finished objects by now: SciKeras would give them these arguments again.
    ours = {name: value for name, value in spec.parameters.items() if not name.startswith(("optimizer__", "metrics__"))}
    return ModelBuilder(
        _callable_or_copy(spec.model),
        optimizer=make_optimizer(training),
        loss=_taking_arguments(loss, training),
        metrics=_metrics(training),
        routed=routed,
        meta=spec.meta,
        arguments=spec.arguments,
        parameters=ours,
    )


def _metrics(training: TrainingSpec) -> Any:
    """What the model is compiled with: those given by output stay so."""
    return metrics_of_outputs(training) if training.has_metrics_by_output else make_metrics(training)


def _taking_arguments(loss: Any, training: TrainingSpec) -> Any:
    """The class of a loss given by its name, if there are arguments for it: SciKeras finds the function only."""

    def taking(each: Any) -> Any:
        if isinstance(each, str) and training.loss_arguments:
            found = keras.losses.get(each)  # a function, or an object if the name is that of a class
            each = type(found) if isinstance(found, keras.losses.Loss) else loss_class(found) or each
        return taking_label_smoothing(each, dict(training.loss_arguments))

    taken = map_arrays(taking, loss)
    if training.loss_arguments:
        check_routes("loss", taken, dict(training.loss_arguments), "loss")
    return taken


def _callable_or_copy(model: Callable[..., Any] | keras.Model) -> Callable[..., Any] | keras.Model:
    """SciKeras takes plain functions and models: other callables are wrapped, models copied for this fit."""
    if isinstance(model, keras.Model):
        try:
            return copied_model(model)
        except (TypeError, NotImplementedError) as error:  # Keras', of a class whose configuration does not make it
            kind = type(model).__name__
            raise TypeError(
                f"The model given as 'model', an object of {kind}, cannot be copied for the fit, since {kind} does not "
                "tell how it is made again. Give the class, or a function that makes the model, as 'model', or define "
                f"get_config and from_config in {kind}."
            ) from error
    return model if inspect.isfunction(model) else functools.partial(model)
