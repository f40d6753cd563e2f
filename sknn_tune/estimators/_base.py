"""The life of a fit: check -> hold out -> resolve -> encode -> train -> attributes."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from .._compat.scikit_learn import CallbackSupportMixin, checks_parameters, has_callbacks, open_callback_context
from ..engine import (
    Ensemble,
    EnsembleResult,
    Job,
    TrainedNetwork,
    TrainingResult,
    check_metrics,
    derived_seed,
    prepare_custom,
    untrained,
)
from ..exceptions import ConvergenceWarning
from ..specs import (
    ArrayData,
    ChosenRows,
    CustomNetworkSpec,
    NetworkSpec,
    StreamData,
    Taught,
    TrainingHistory,
    TrainingSpec,
)
from ._call_arguments import validation_rows, with_arguments
from ._encoders import EncodedTarget, TargetEncoder, encoded_target, fitted_feature_encoder
from ._fit_memory import train_or_recall
from ._fitted import FittedEstimator
from ._holdout import Sides, check_can_hold_out, held_out_rows
from ._members import OF_MEMBERS_OUT_OF_FOLD, MembersInFit, check_same_members
from ._observers import FitObserver, ProgressPrinter, ScikitLearnCallbacks, Values
from ._rows import NO_ROWS, GivenRows, Rows, check_rows, engine_data
from ._run import Run
from ._seeds import seed_of
from ._streams import is_stream, source_of
from ._targets import Output, Target
from .resolve import (
    Parameters,
    check_no_model_arguments,
    check_no_stray_arguments,
    check_sharing,
    meaning_of_outputs,
    predict_arguments,
    resolve_custom_network,
    resolve_loss,
    resolve_network,
    resolve_training,
    warn_of_logits,
    warn_of_unused,
)

Estimator = TypeVar("Estimator", bound="KerasEstimator")

#: The weights that rows have by their targets; None: all the same.
Weigh = Callable[[np.ndarray], "np.ndarray | None"]


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


class KerasEstimator(CallbackSupportMixin, FittedEstimator):
    """What the classifier and the regressor have in common, and what each has to say about its targets."""

    _numeric_target = False

    @checks_parameters
    def fit(
        self: Estimator,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        groups: Any = None,
        **fit_arguments: Any,
    ) -> Estimator:
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Training rows: NumPy, pandas, polars, SciPy sparse (never made dense whole), arrays with more
            axes when ``feature_layers`` or ``model`` takes them; or a dataset of ``(x, y)`` or
            ``(x, y, sample_weight)`` batches in its own order, with y left out.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            What is to be predicted. Classes: labels of any type, or a 0/1 matrix for multilabel targets.
            Numbers: one or several per row.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, scaled to mean one. A weight of two is the row given twice, one of zero
            the row left out.
        X_val, y_val : array-like, default=None
            Rows to watch instead of rows held out. In a Pipeline: ``transform_input=["X_val"]``.
        sample_weight_val : array-like, default=None
            Their weights.
        groups : array-like of shape (n_samples,), default=None
            Groups for the ``validation_split`` splitter.
        **fit_arguments
            As ``keras.Model.fit`` has them, for this call only: ``epochs``, ``batch_size``, ``verbose``,
            ``callbacks``, ``shuffle``, ``validation_split``, ``class_weight`` in the place of the parameters of that
            name, and ``validation_data=(X_val, y_val)``.

        Returns
        -------
        self : estimator
            The fitted estimator.
        """
        if "validation_data" in fit_arguments:
            X_val, y_val, sample_weight_val = validation_rows(fit_arguments.pop("validation_data"), X_val)
        with with_arguments(self, fit_arguments, also=", validation_data"):
            return self._fit(GivenRows(X, y, sample_weight, groups), GivenRows(X_val, y_val, sample_weight_val))

    @checks_parameters
    def initialize(self: Estimator, X: Any, y: Any = None) -> Estimator:
        """Build the network without training it, to look at it or to predict with a model that was trained before.

        ``fit`` builds it by itself. With ``warm_start=True`` it goes on from here, as ``partial_fit`` does.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows, for their shape.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            What is to be predicted, for its classes or columns. It is needed.

        Returns
        -------
        self : estimator
            The estimator with its initial weights.
        """
        parameters = self._parameters_of_fit(incremental=False)
        check_sharing(parameters)
        if parameters.n_networks > 1:
            raise ValueError(
                f"initialize builds one network, but n_members={parameters['n_members']} are several. Set n_members=1, "
                "or call fit."
            )
        self._forget(goes_on=False)
        rows = check_rows(self, GivenRows(X, y), reset=True)
        self._seed = seed_of(self.random_state)
        target = self._target_of(parameters, rows, y, None, goes_on=False, more_may_come=False)
        run = self._run(parameters, rows, None, target, goes_on=False, incremental=False)
        self._store(untrained(run.job, device=self.device), target, goes_on=False)
        return self

    # --- what a subclass says about its targets --------------------------------------------------------

    def _check_target_array(self, y: Any) -> np.ndarray:
        """y as an array of a shape that can be learned."""
        raise NotImplementedError

    def _describe_target(self, y: np.ndarray, classes: Any, *, more_may_come: bool = False) -> Target:
        """What y is; ``classes`` names all labels that will ever come, if partial_fit was given them."""
        raise NotImplementedError

    def _check_target_range(self, parameters: Parameters, y: np.ndarray) -> None:
        """Refuse numbers that the loss cannot compare, and warn of those that the outputs cannot reach."""

    def _as_model_says(self, parameters: Parameters, rows: Rows, target: Any) -> Any:
        """The target as a model of the user's own reads it, if only that can tell what y is."""
        return target

    def _set_target_attributes(self, target: Any) -> None:
        """Set the fitted attributes that tell what y was."""
        raise NotImplementedError

    def _output(self, parameters: Parameters, target: Any) -> Output:
        """The output layer for the target, and what belongs to it."""
        raise NotImplementedError

    def _target_weights(self, parameters: Parameters, rows: Rows, target: Any) -> Weigh:
        """Targets -> the weights that rows have by them; ``rows`` are those that are trained on."""
        raise NotImplementedError

    # --- fitting -----------------------------------------------------------------------------------

    def _fit(
        self: Estimator,
        given: GivenRows,
        watched: GivenRows = NO_ROWS,
        *,
        classes: Any = None,
        incremental: bool = False,
    ) -> Estimator:
        parameters = self._parameters_of_fit(incremental)
        check_sharing(parameters)
        warn_of_unused(parameters, self._set_later)
        warn_of_logits(parameters)
        predict_arguments(parameters, parameters.estimator)  # refused now, not after the training
        check_no_stray_arguments(parameters)
        goes_on = self._goes_on(incremental)
        self._check_callbacks_parameter()
        if goes_on:
            check_same_members(self, parameters)
        context = None if incremental else self._open_context(parameters, given)
        self._forget(goes_on)
        rows = check_rows(self, given, reset=not goes_on)
        self._seed = self._seed if goes_on else seed_of(self.random_state)
        target = self._target_of(parameters, rows, given.y, classes, goes_on, more_may_come=incremental)
        sides = self._sides(parameters, rows, target, watched)
        observers = self._observers(parameters, context, target, given)
        result: TrainingResult | EnsembleResult
        try:
            if parameters.n_networks == 1:
                rows, held_out = sides.of(0)
                del sides  # and with it all rows together, of which these may be copies
                run = self._run(parameters, rows, held_out, target, goes_on=goes_on, incremental=incremental)
                result = train_or_recall(self.memory, run.watched_by(observers))
            else:
                members = MembersInFit(self, goes_on=goes_on, incremental=incremental)
                result = members.train(sides, target, observers)
                self._keep_members(members, sides)
        finally:
            for observer in observers:
                observer.close()
        self._store(result, target, goes_on)
        self._warn_if_diverged()
        if len(result.history.epochs) == int(parameters["epochs"]) and self._diverged_epoch is None:
            self._warn_if_not_converged(parameters)
        if context is not None:
            context.call_on_fit_task_end(estimator=self, **given.for_callbacks(), reconstruction_attributes={})
        if result.interrupted:
            raise KeyboardInterrupt
        return self

    def _goes_on(self, incremental: bool) -> bool:
        """Whether a fit goes on from the present weights."""
        return (incremental or self.warm_start) and hasattr(self, "_trained")

    def _parameters_of_fit(self, incremental: bool) -> Parameters:
        parameters = Parameters(self)
        if incremental:
            parameters |= {"epochs": 1, "early_stopping": False, "validation_split": None}
        return parameters

    def _run(
        self,
        parameters: Parameters,
        rows: Rows,
        held_out: Rows | None,
        target: Target,
        *,
        goes_on: bool,
        incremental: bool,
    ) -> Run:
        """The training of one network on ``rows``, watched on those held out, ready to start."""
        encode = self._encoder(parameters, rows, target)
        prepared = self._prepare(parameters, rows, target, goes_on)
        self._form = prepared.form
        job = Job(
            prepared.network,
            prepared.training,
            data=encode(rows, form=prepared.form, normalize=not incremental),
            validation=None if held_out is None else encode(held_out, form=prepared.form, normalize=True),
            seed=self._seed,
            start=prepared.start,
            first_epoch=self.n_iter_ if goes_on else 0,
        )
        return Run(job, (), self.engine, self.device)

    def _forget(self, goes_on: bool) -> None:
        """A fit that fails half-way must not leave the network of another behind."""
        for name in (*OF_MEMBERS_OUT_OF_FOLD, *(() if goes_on else ("_trained", "_history", "members_"))):
            self.__dict__.pop(name, None)

    def _target_of(
        self, parameters: Parameters, rows: Rows, y: Any, classes: Any, goes_on: bool, *, more_may_come: bool
    ) -> Any:
        """What the targets are; ``y`` are those that the user gave, whose columns may have names."""
        if goes_on:
            self._target.check_same(rows.y, classes)
            self._target.check_names_of(y)
            self._check_target_range(parameters, rows.y)
            return self._target
        encoded = encoded_target(self, rows.y)
        if encoded is not None:
            self._set_target_attributes(encoded)
            return encoded
        self._check_target_range(parameters, rows.y)
        target = self._describe_target(rows.y, classes, more_may_come=more_may_come).with_names_of(y)
        self._set_target_attributes(target)
        told = self._as_model_says(parameters, rows, target).with_names_of(y)
        if told is not target:
            self._set_target_attributes(told)
        return told

    def _sides(self, parameters: Parameters, rows: Rows, target: Target, watched: GivenRows) -> Sides:
        """The rows to train on, and those held out, if any are; for each member of the fit."""
        if watched.X is not None:
            if watched.y is None and not is_stream(watched.X):
                raise ValueError("X_val was given without y_val. Give both, or neither.")
            return Sides(rows, watched=self._check_watched(watched))
        for name, given in (("y_val", watched.y), ("sample_weight_val", watched.sample_weight)):
            if given is not None:
                raise ValueError(f"{name} was given without X_val. Give both, or neither.")
        if rows.stream is not None and (parameters.stops_on_held_out_rows or parameters["validation_split"]):
            check_can_hold_out(rows.stream, parameters)
        splits = held_out_rows(
            parameters,
            rows.X,
            rows.y,
            class_index=target.class_index(rows.y),
            groups=rows.groups,
            seed=derived_seed(self._seed, "validation_split"),
            counted=rows.counted,
        )
        return Sides(rows, splits)

    def _check_watched(self, watched: GivenRows) -> Rows:
        try:
            rows = check_rows(self, watched, reset=False, weights_name="sample_weight_val")
            self._check_target_range(Parameters(self), rows.y)
            return rows
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"In X_val, y_val or sample_weight_val: {error}") from error

    def _encoder(self, parameters: Parameters, rows: Rows, target: Target) -> Callable[..., ArrayData | StreamData]:
        """Rows -> what the engine is taught; ``rows`` are those that are trained on."""
        return partial(
            engine_data,
            target=target,
            weigh=self._target_weights(parameters, rows, target),
            check_target=self._check_target_array,
            dtype=self.dtype,
            inputs=self._network_inputs,
        )

    def _prepare(self, parameters: Parameters, rows: Rows, target: Target, goes_on: bool) -> Prepared:
        """Specs of the network and its training, and the form in which the network is taught."""
        output = self._output_for(parameters, target)
        own_network = parameters["model"] is None
        # A model of the user's own may be compiled already, or have other outputs: the engine will see.
        loss = output.loss if own_network else resolve_loss(parameters, "auto")
        training = resolve_training(
            parameters,
            loss=loss,
            accuracy=output.accuracy,
            taught=self._taught(parameters, target, output, loss, own_network),
            n_rows=rows.X.shape[0],
            batch_size=rows.stream.batch_size if rows.stream else None,
            steps_before=self.n_steps_ if goes_on else 0,
        )
        start = self._trained if goes_on else None
        assert not isinstance(start, Ensemble)  # members go on, each by itself
        if own_network:
            network = self._own_network(parameters, output)
            if start is None or start.training.metrics is not training.metrics:
                check_metrics(training)
            return Prepared(network, training, output.form, start)
        if start is not None:
            return Prepared(start.network, training, self._form, start)
        prepared = self._prepare_custom(parameters, rows, target, training, output)
        assert training.taught is not None
        if not isinstance(target, EncodedTarget) and not training.has_metrics_by_output:
            check_metrics(replace(training, taught=self._taught_by(prepared, training.taught, target)))
        return prepared

    def _taught(self, parameters: Parameters, target: Target, output: Output, loss: Any, own_network: bool) -> Taught:
        """What metrics are to measure."""
        if own_network:
            return Taught(target.taught_kind, output.meaning, output.form, output.n_units, output.exclusive)
        if target.taught_kind == "numbers":
            return Taught("numbers", "probabilities")  # who makes a model knows what its outputs are
        from_logits = meaning_of_outputs(parameters, loss, "softmax", exclusive=True) == "logits"
        return Taught(target.taught_kind, "logits" if from_logits else "probabilities")

    def _taught_by(self, prepared: Prepared, taught: Taught, target: Target) -> Taught:
        """The same where a model of the user's own has told its form."""
        n_outputs = 1 if prepared.form == "binary" and taught.kind == "classes" else target.n_columns
        return replace(taught, form=prepared.form, n_outputs=n_outputs)

    def _own_network(self, parameters: Parameters, output: Output) -> NetworkSpec:
        check_no_model_arguments(parameters)
        return resolve_network(
            parameters,
            row_shape=self._row_shape,
            n_outputs=output.n_units,
            output_activation=output.activation,
        )

    def _prepare_custom(
        self, parameters: Parameters, rows: Rows, target: Target, training: TrainingSpec, output: Output
    ) -> Prepared:
        self.feature_encoder_ = fitted_feature_encoder(self, rows.X, rows.stream is not None)
        own = TargetEncoder(target, output.form, self.dtype)
        self.target_encoder_ = target.encoder if isinstance(target, EncodedTarget) else own
        example = self._network_inputs(rows.X[:1]) if hasattr(type(self), "feature_encoder") else None
        network = resolve_custom_network(parameters, meta=self._meta(rows, target), example=example)
        is_encoded = isinstance(target, EncodedTarget)
        start, form = prepare_custom(
            network,
            training,
            seed=self._seed,
            n_columns=None if is_encoded else target.n_columns,
            n_classes=None if is_encoded else getattr(self, "n_classes_", None),
        )
        own.form = form or output.form
        return Prepared(network, training, own.form, start)

    def _meta(self, rows: Rows, target: Target) -> dict[str, Any]:
        """What a ``model`` function may ask for as ``meta``."""
        return {
            "n_features_in_": self.n_features_in_,
            "X_shape_": (rows.X.shape[0], *self._row_shape),
            "X_dtype_": np.dtype(self.dtype),
            "y_dtype_": rows.y.dtype,
            "y_ndim_": rows.y.ndim,
            "n_outputs_": self.n_outputs_,
            "n_outputs_expected_": 1,
            "target_type_": target.kind,
            "feature_encoder_": self.feature_encoder_,
            "target_encoder_": self.target_encoder_,
            **(target.metadata if isinstance(target, EncodedTarget) else {}),
        }

    def _output_for(self, parameters: Parameters, target: Any) -> Output:
        """The output layer and what belongs to it; of the user's own targets only the loss is known."""
        if isinstance(target, EncodedTarget):
            return Output(self.n_outputs_, "linear", "encoded", resolve_loss(parameters, "auto"), None, "numbers")
        return self._output(parameters, target)

    def _store(self, result: TrainingResult | EnsembleResult, target: Target, goes_on: bool) -> None:
        before = self._history if goes_on else TrainingHistory()
        self._trained = result.trained
        self._target = target
        self._history = before.extended(result.history)
        self._diverged_epoch = result.diverged_epoch
        self.history_ = self._history.as_lists()
        self.n_iter_ = len(self._history.epochs)
        self.n_steps_ = (self.n_steps_ if goes_on else 0) + result.n_steps
        self.best_epoch_ = len(before.epochs) + result.best_epoch
        self.n_parameters_ = int(sum(weights.size for weights in result.trained.weights))
        self.engine_ = result.engine
        self.engine_reason_ = result.reason
        self.device_ = result.device

    def _keep_members(self, members: MembersInFit, sides: Sides) -> None:
        """The members, and what they predict for the rows that they have not seen."""
        self.members_ = members.trained
        self._form = self.members_[0]._form
        if sides.splits:
            self.oof_prediction_, self.oof_score_ = members.out_of_fold(sides)

    def _warn_if_diverged(self) -> None:
        if self._diverged_epoch is not None:
            warnings.warn(
                f"Training diverged: the loss was not finite in epoch {self._diverged_epoch + 1}. Most often the "
                f"learning rate is too high (learning_rate={self.learning_rate}): try a tenth of it, scale the inputs, "
                "or set clipnorm=1.0.",
                ConvergenceWarning,
                stacklevel=5,
            )

    def _warn_if_not_converged(self, parameters: Parameters) -> None:
        """The loss of the rows trained on was to come to rest, and has not. That of held-out rows need not."""
        monitor, patience = parameters["monitor"], max(parameters["patience"], 1)
        if not parameters["early_stopping"] or parameters.stops_on_held_out_rows or math.isinf(patience):
            return
        networks = getattr(self, "members_", [self])
        still = [network for network in networks if network.n_iter_ - 1 - network.best_epoch_ < patience]
        if still:
            members = f" of {len(still)} of {len(networks)} members" if len(networks) > 1 else ""
            warnings.warn(
                f"Training did not converge: {monitor!r}{members} was still improving by more than min_delta="
                f"{parameters['min_delta']!r} within the last {patience} epochs when all of epochs="
                f"{parameters['epochs']} were run. Raise 'epochs' or 'min_delta', or set early_stopping=False.",
                ConvergenceWarning,
                stacklevel=5,
            )

    # --- scikit-learn's callbacks and ours -----------------------------------------------------------

    def _open_context(self, parameters: Parameters, given: GivenRows) -> Any:
        """scikit-learn >= 1.9: announce the fit to the callbacks set by ``set_callbacks``."""
        context = open_callback_context(self, n_tasks=int(parameters["epochs"]))
        if context is not None:
            context.call_on_fit_task_begin(estimator=self, **given.for_callbacks())
        return context

    def _observers(self, parameters: Parameters, context: Any, target: Target, given: GivenRows) -> list[FitObserver]:
        before = getattr(self, "_history", TrainingHistory())
        observers: list[FitObserver] = []
        if parameters["verbose"]:
            last = len(before.epochs) + int(parameters["epochs"])
            observers.append(ProgressPrinter(int(parameters["verbose"]), last))
        if context is not None and has_callbacks(self):

            def attributes(trained: TrainedNetwork, epochs: tuple[Values, ...]) -> dict[str, Any]:
                history = before.extended(TrainingHistory(epochs))
                return {
                    "_trained": trained,
                    "_target": target,
                    "_history": history,
                    "_diverged_epoch": None,
                    "history_": history.as_lists(),
                    "n_iter_": len(history.epochs),
                }

            rows, history = given.for_callbacks(), before.as_lists()
            observers.append(ScikitLearnCallbacks(self, context, rows=rows, history=history, attributes_of=attributes))
        return observers

    def _check_callbacks_parameter(self) -> None:
        given = list(self.callbacks.values()) if isinstance(self.callbacks, dict) else self.callbacks
        for callback in given if isinstance(given, list | tuple) else [] if given is None else [given]:
            if hasattr(callback, "on_fit_task_end"):
                raise TypeError(
                    f"The 'callbacks' parameter of {type(self).__name__} takes Keras callbacks, but "
                    f"{type(callback).__name__} is one of scikit-learn's: register it with set_callbacks(...)."
                )
            if not (isinstance(callback, type | list | tuple | dict) or hasattr(callback, "on_epoch_end")):
                raise TypeError(
                    f"The 'callbacks' parameter of {type(self).__name__} takes Keras callbacks, as objects or classes, "
                    f"but has {callback!r}."
                )

    # --- looking inside: what `sknn_tune.inspection` asks for -----------------------------------------

    def _engine_inputs(self, X: Any) -> Any:
        """Rows of X as the engine sees them in ``predict``."""
        self._check_is_inspectable(X)
        rows = self._checked_inputs(X, reset=False)
        return rows[:] if isinstance(rows, ChosenRows) else rows

    def _engine_data(self, X: Any, y: Any, sample_weight: Any = None) -> ArrayData:
        """Rows, encoded targets and combined weights as the engine sees them in ``fit``."""
        self._check_is_inspectable(X)
        rows = check_rows(self, GivenRows(X, y, sample_weight), reset=False)
        self._target.check_same(rows.y, None)
        data = self._encoder(Parameters(self), rows, self._target)(rows, form=self._form, normalize=True)
        assert isinstance(data, ArrayData)  # no stream has come so far
        return replace(data, X=data.X[:]) if isinstance(data.X, ChosenRows) else data

    def _check_is_inspectable(self, X: Any) -> None:
        self._check_is_usable()
        if is_stream(X):
            raise TypeError(
                f"X is a {source_of(self, X).name}, which can be trained on, but not inspected: give some of its rows "
                "as an array."
            )
