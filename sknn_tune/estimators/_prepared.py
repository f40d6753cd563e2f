"""What is to be trained: the parameters, the rows and the target of a fit as the specs that an engine takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..engine import Ensemble, TrainedNetwork, check_metrics, check_network_fits, prepare_custom
from ..specs import CustomNetworkSpec, NetworkSpec, Taught, TrainingSpec
from ._encoders import EncodedTarget, TargetEncoder, fitted_feature_encoder
from ._rows import Rows
from ._targets import Output, Target
from .resolve import (
    Parameters,
    check_no_model_arguments,
    check_output_of_loss,
    meaning_of_outputs,
    resolve_custom_network,
    resolve_loss,
    resolve_network,
    resolve_training,
)


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is to be trained.

    Attributes
    ----------
    network, training : spec
    form : str
        How the targets are encoded.
    start : TrainedNetwork or None
        Where to go on from, or a model of the user's own with its initial weights.
    """

    network: NetworkSpec | CustomNetworkSpec
    training: TrainingSpec
    form: str
    start: TrainedNetwork | None


def prepare(estimator: Any, parameters: Parameters, rows: Rows, target: Target, goes_on: bool) -> Prepared:
    """Specs of the network and its training, and the form in which the network is taught."""
    output = _output(estimator, parameters, target)
    own_network = parameters["model"] is None
    # A model of the user's own may be compiled already, or have other outputs: the engine will see.
    loss = output.loss if own_network else resolve_loss(parameters, "auto")
    training = resolve_training(
        parameters,
        loss=loss,
        accuracy=output.accuracy,
        taught=_taught(parameters, target, output, loss),
        n_rows=rows.X.shape[0],
        batch_size=rows.stream.batch_size if rows.stream else None,
        steps_before=estimator.n_steps_ if goes_on else 0,
    )
    start = estimator._trained if goes_on else None
    assert not isinstance(start, Ensemble)  # members go on, each by itself
    if own_network:
        check_no_model_arguments(parameters)
        check_output_of_loss(parameters, output.loss, output.activation, output.n_units)
        network = _network(estimator, parameters, output)
        _check_fits(estimator, parameters, network, training)
        if start is None or start.training.metrics is not training.metrics:
            check_metrics(training)
        return Prepared(network, training, output.form, start)
    if start is not None:
        return Prepared(start.network, training, estimator._form, start)
    prepared = _prepare_custom(estimator, parameters, rows, target, training, output)
    assert training.taught is not None
    if not isinstance(target, EncodedTarget) and not training.has_metrics_by_output:
        check_metrics(replace(training, taught=_taught_by(prepared, training.taught, target)))
    return prepared


def check_all_fit(estimator: Any, parameters: Parameters, rows: Rows, target: Target) -> None:
    """Refuse more networks than memory can hold, before any of them, or the rows of any, are made.

    Of a model of the user's own nothing is known before it is there.
    """
    if parameters["model"] is None:
        output = _output(estimator, parameters, target)
        # Of the rows, some may be held out.
        training = resolve_training(parameters, loss=output.loss, accuracy=None, n_rows=1)
        network = _network(estimator, parameters, output)
        _check_fits(estimator, parameters, network, training)


def _check_fits(estimator: Any, parameters: Parameters, network: NetworkSpec, training: TrainingSpec) -> None:
    check_network_fits(
        network,
        training,
        n_networks=parameters.n_networks,
        device=estimator.device,
        estimator=parameters.estimator,
    )


def _network(estimator: Any, parameters: Parameters, output: Output) -> NetworkSpec:
    """The network that the parameters describe, for these rows and targets."""
    return resolve_network(
        parameters,
        row_shape=estimator._row_shape,
        n_outputs=output.n_units,
        output_activation=output.activation,
    )


def _output(estimator: Any, parameters: Parameters, target: Any) -> Output:
    """The output layer and what belongs to it; of the user's own targets only the loss is known."""
    if isinstance(target, EncodedTarget):
        return Output(estimator.n_outputs_, "linear", "encoded", resolve_loss(parameters, "auto"), None, "numbers")
    return estimator._output(parameters, target)


def _taught(parameters: Parameters, target: Target, output: Output, loss: Any) -> Taught:
    """What metrics are to measure."""
    if parameters["model"] is None:
        return Taught(target.taught_kind, output.meaning, output.form, output.n_units, output.exclusive)
    if target.taught_kind == "numbers":
        return Taught("numbers", "probabilities")  # who makes a model knows what its outputs are
    from_logits = meaning_of_outputs(parameters, loss, "softmax", exclusive=True) == "logits"
    return Taught(target.taught_kind, "logits" if from_logits else "probabilities")


def _taught_by(prepared: Prepared, taught: Taught, target: Target) -> Taught:
    """The same where a model of the user's own has told its form."""
    n_outputs = 1 if prepared.form == "binary" and taught.kind == "classes" else target.n_columns
    return replace(taught, form=prepared.form, n_outputs=n_outputs)


def _prepare_custom(
    estimator: Any, parameters: Parameters, rows: Rows, target: Target, training: TrainingSpec, output: Output
) -> Prepared:
    """A model of the user's own; the estimator is given the encoders that it may ask for."""
    estimator.feature_encoder_ = fitted_feature_encoder(estimator, rows.X, rows.stream is not None)
    own = TargetEncoder(target, output.form, estimator.dtype)
    is_encoded = isinstance(target, EncodedTarget)
    estimator.target_encoder_ = target.encoder if isinstance(target, EncodedTarget) else own
    example = estimator._network_inputs(rows.X[:1]) if hasattr(type(estimator), "feature_encoder") else None
    network = resolve_custom_network(parameters, meta=estimator._meta(rows, target), example=example)
    start, form = prepare_custom(
        network,
        training,
        seed=estimator._seed,
        n_columns=None if is_encoded else target.n_columns,
        n_classes=None if is_encoded else getattr(estimator, "n_classes_", None),
    )
    own.form = form or output.form
    return Prepared(network, training, own.form, start)
