"""The life of a fit: check -> hold out -> resolve -> encode -> train -> attributes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from .._compat.scikit_learn import CallbackSupportMixin, checks_parameters, open_callback_context
from ..engine import EnsembleResult, Job, TrainingResult, untrained
from ..specs import ArrayData, ChosenRows, StreamData, TrainingHistory
from ._after_fit import warn_of_outcome
from ._before_fit import check_parameters_together, warn_of_schedule_without_end
from ._call_arguments import validation_rows
from ._causes import what_overflows
from ._datasets import is_dataset
from ._encoders import EncodedTarget, encoded_target
from ._fit_memory import train_or_recall
from ._fit_on_copy import fitting
from ._fitted import FittedEstimator
from ._holdout import Sides
from ._members import OF_MEMBERS_OUT_OF_FOLD, MembersInFit, check_same_members
from ._observers import observers_of_fit
from ._prepared import check_all_fit, prepare
from ._rows import NO_ROWS, GivenRows, Rows, check_rows, engine_data
from ._run import Run
from ._seeds import seed_of
from ._sides import sides_of_fit
from ._streams import is_stream, source_of
from ._targets import Output, Target, check_several_classes
from .resolve import Parameters, check_sharing

Estimator = TypeVar("Estimator", bound="KerasEstimator")

#: The weights that rows have by their targets; None: all the same.
Weigh = Callable[[np.ndarray], "np.ndarray | None"]


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
        X : array-like or sparse matrix of shape (n_samples, n_features), tf.data.Dataset, or table read in batches
            Training rows: NumPy (also mapped from a file), pandas, polars, SciPy sparse (never made dense),
            arrays with more axes when ``feature_layers`` or ``model`` takes them; a dataset of ``(x, y)`` or
            ``(x, y, sample_weight)`` batches in its own order, with y left out; or a table that is read in
            batches: a ``pyarrow.dataset.Dataset``, ``pyarrow.parquet.ParquetFile``, ``pyarrow.Table`` or
            ``polars.LazyFrame``.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), or str, default=None
            What is to be predicted. Classes: labels of any type, or a 0/1 matrix for multilabel targets.
            Numbers: one or several per row. Of a table that is read in batches also the name of a column; the
            others are then the inputs.
        sample_weight : array-like of shape (n_samples,), or str, default=None
            Weights of the rows, scaled to mean one. A weight of two is the row given twice, one of zero
            the row left out. Likewise the name of a column.
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
        with fitting(self, fit_arguments, also=", validation_data") as copy:
            copy._fit(GivenRows(X, y, sample_weight, groups), GivenRows(X_val, y_val, sample_weight_val))
        return self

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
        with fitting(self, {}) as copy:
            copy._initialize(GivenRows(X, y))
        return self

    # --- what a subclass says about its targets --------------------------------------------------------

    def _check_target_array(self, y: Any) -> np.ndarray:
        """y as an array of a shape that can be learned."""
        raise NotImplementedError

    def _describe_target(self, y: np.ndarray, classes: Any) -> Target:
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

    # --- fitting, which is done by a copy of the estimator -------------------------------------------

    def _initialize(self, given: GivenRows) -> None:
        parameters = self._parameters_of_fit(incremental=False)
        check_sharing(parameters)
        if parameters.n_networks > 1:
            raise ValueError(
                f"initialize builds one network, but n_members={parameters['n_members']} are several. Set n_members=1, "
                "or call fit."
            )
        self._forget(goes_on=False)
        rows = check_rows(self, given, reset=True)
        self._seed = seed_of(self.random_state)
        target = self._target_of(parameters, rows, given.y, None, goes_on=False, more_may_come=False)
        run = self._run(parameters, rows, None, target, goes_on=False, incremental=False)
        self._store(untrained(run.job, device=self.device), target, goes_on=False)

    def _fit(
        self, given: GivenRows, watched: GivenRows = NO_ROWS, *, classes: Any = None, incremental: bool = False
    ) -> None:
        parameters = self._parameters_of_fit(incremental)
        check_parameters_together(
            Parameters(self),  # of partial_fit, too: one epoch stops nothing, and is not asked to
            self._set_later,
            watches=watched.X is not None,
            streams=is_dataset(given.X),
        )
        self._warn_of_old_name()
        goes_on = self._goes_on(incremental)
        if incremental and not goes_on:
            warn_of_schedule_without_end(parameters)
        if goes_on:
            self._check_can_go_on()
            check_same_members(self, parameters)
        context = None if incremental else self._open_context(parameters, given)
        self._forget(goes_on)
        rows = check_rows(self, given, reset=not goes_on)
        self._seed = self._seed if goes_on else self._new_seed()
        target = self._target_of(parameters, rows, given.y, classes, goes_on, more_may_come=incremental)
        if parameters.n_networks > 1:
            check_all_fit(self, parameters, rows, target)
        sides = sides_of_fit(self, parameters, rows, target, watched)
        observers = observers_of_fit(self, parameters, context, target, given.for_callbacks())
        result: TrainingResult | EnsembleResult
        try:
            if parameters.n_networks == 1:
                rows, held_out = sides.of(0)
                del sides  # and with it all rows together, of which these may be copies
                run = self._run(parameters, rows, held_out, target, goes_on=goes_on, incremental=incremental)
                data, result = run.job.data, train_or_recall(self.memory, run.watched_by(observers))
            else:
                members = self._members_in_fit(goes_on=goes_on, incremental=incremental)
                result = members.train(sides, target, observers)
                data = members.data
                self._keep_members(members, sides)
        finally:
            for observer in observers:
                observer.close()
        self._store(result, target, goes_on)
        self._cause = what_overflows(data, self.dtype) if result.diverged_epoch is not None else ""
        for member in vars(self).get("members_", []):
            member._cause = self._cause
        warn_of_outcome(self, parameters, len(result.history.epochs), data)
        if context is not None:
            context.call_on_fit_task_end(estimator=self, **given.for_callbacks(), reconstruction_attributes={})
        self._interrupted = result.interrupted

    def _run_of_member(self, given: GivenRows, number: int) -> Run:
        """The training of one member of a fit on these rows."""
        parameters = self._parameters_of_fit(incremental=False)
        rows = check_rows(self, given, reset=True)
        self._seed = self._new_seed()
        target = self._target_of(parameters, rows, given.y, None, goes_on=False, more_may_come=False)
        check_all_fit(self, parameters, rows, target)
        sides = sides_of_fit(self, parameters, rows, target, NO_ROWS)
        return self._members_in_fit(goes_on=False, incremental=False).run_of_one(number, sides, target)

    def _new_seed(self) -> int:
        return seed_of(self.random_state)

    def _members_in_fit(self, *, goes_on: bool, incremental: bool) -> MembersInFit:
        return MembersInFit(self, goes_on=goes_on, incremental=incremental)

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
        prepared = prepare(self, parameters, rows, target, goes_on)
        training = prepared.training
        if held_out is None:  # then this would have no effect but that Keras trains
            arguments = tuple(each for each in training.fit_arguments if each[0] != "validation_freq")
            training = replace(training, fit_arguments=arguments)
        self._form = prepared.form
        job = Job(
            prepared.network,
            training,
            data=encode(rows, form=prepared.form, normalize=not incremental),
            validation=None if held_out is None else encode(held_out, form=prepared.form, normalize=True),
            seed=self._seed,
            start=prepared.start,
            start_stays=goes_on,
            first_epoch=self.n_iter_ if goes_on else 0,
        )
        return Run(job, (), self.engine, self.device)

    def _forget(self, goes_on: bool) -> None:
        """What a fit makes anew."""
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
        target = self._describe_target(rows.y, classes).with_names_of(y)
        check_several_classes(
            target, type(self).__name__, may_come=more_may_come and classes is None, counted=rows.counted
        )
        self._set_target_attributes(target)
        told = self._as_model_says(parameters, rows, target).with_names_of(y)
        if told is not target:
            self._set_target_attributes(told)
        return told

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

    # --- scikit-learn's callbacks and ours -----------------------------------------------------------

    def _open_context(self, parameters: Parameters, given: GivenRows) -> Any:
        """scikit-learn >= 1.9: announce the fit to the callbacks set by ``set_callbacks``."""
        context = open_callback_context(self, n_tasks=int(parameters["epochs"]))
        if context is not None:
            context.call_on_fit_task_begin(estimator=self, **given.for_callbacks())
        return context

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
