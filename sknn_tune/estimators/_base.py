"""The life of a fit: check -> encode -> hold out -> resolve -> train -> attributes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._compat.scikit_learn import CallbackSupportMixin
from ..engine import Job, continued, derived_seed, epochs_to_go_on_from, prepare_custom, train
from ..exceptions import ConvergenceWarning, DivergedError
from ..specs import ArrayData, CustomNetworkSpec, TrainingHistory
from ._fit_memory import array_facts, train_or_recall
from ._holdout import held_out_rows
from ._input import check_inputs
from ._observers import ProgressPrinter, ScikitLearnCallbacks
from ._resolve import (
    Parameters,
    check_no_model_arguments,
    resolve_custom_network,
    resolve_loss,
    resolve_network,
    resolve_training,
)
from ._routing import RoutedParametersMixin, routed_to
from ._rows import Rows, check_rows, engine_data
from ._streams import feature_batches, is_dataset


class KerasEstimator(CallbackSupportMixin, RoutedParametersMixin, BaseEstimator):
    """What the classifier and the regressor have in common.

    A subclass says what its targets are: ``_describe_target``, ``_output``, ``_encode``,
    ``_class_index`` and ``_target_weights``.
    """

    _numeric_target = False

    # --- fitting -----------------------------------------------------------------------------------

    def _fit(self, X, y, sample_weight, validation, groups, *, classes=None, incremental=False):
        parameters = Parameters(self)
        if incremental:
            parameters |= {"epochs": 1, "early_stopping": False, "validation_split": None}
        goes_on = (incremental or self.warm_start) and hasattr(self, "_trained")
        self._check_callbacks_parameter()
        context = self._open_context(parameters, X, y, sample_weight) if not incremental else None
        self._forget(goes_on)
        rows = check_rows(self, X, y, sample_weight, groups=groups, reset=not goes_on)
        target = self._target_of(rows.y, classes, goes_on)
        self._seed = self._seed if goes_on else _seed_of(self.random_state)
        rows, held_out = self._hold_out(parameters, rows, target, validation)
        encoding = {"target": target, "weigh": self._target_weights(parameters, rows, target)}

        prepared = self._prepare(parameters, rows, target, goes_on)
        encoding |= {"form": prepared.form, "dtype": self.dtype, "check_target": self._check_target_array}
        data = engine_data(rows, **encoding, normalize=not incremental)
        validation_data = held_out and engine_data(held_out, **encoding, normalize=True)
        observers = self._observers(parameters, context, target, X, y, sample_weight)
        try:
            result = self._train(parameters, prepared, data, validation_data, observers)
        finally:
            for observer in observers:
                observer.close()
        self._store(result, target, goes_on)
        if context is not None:
            context.call_on_fit_task_end(
                estimator=self, **_context_rows(X, y, sample_weight), reconstruction_attributes={}
            )
        if result.interrupted:
            raise KeyboardInterrupt
        return self

    def _forget(self, goes_on: bool) -> None:
        """A fit that fails half-way must not leave the network of another behind."""
        if not goes_on:
            for name in ("_trained", "_history"):
                self.__dict__.pop(name, None)

    def _target_of(self, y, classes, goes_on: bool):
        if goes_on:
            self._check_same_target(y, classes)
            return self._target
        target = self._describe_target(y, classes)
        self._set_target_attributes(target)
        return target

    def _hold_out(self, parameters: Parameters, rows: Rows, target, validation) -> tuple[Rows, Rows | None]:
        """The rows to train on, and those held out, if any are."""
        X_val, y_val, sample_weight_val = validation
        if X_val is not None:
            if y_val is None and not is_dataset(X_val):
                raise ValueError("X_val was given without y_val. Give both, or neither.")
            name = "sample_weight_val"
            return rows, check_rows(self, X_val, y_val, sample_weight_val, reset=False, weights_name=name)
        for name, given in (("y_val", y_val), ("sample_weight_val", sample_weight_val)):
            if given is not None:
                raise ValueError(f"{name} was given without X_val. Give both, or neither.")
        if rows.stream is not None:
            if parameters["early_stopping"] or parameters["validation_split"]:
                raise ValueError(
                    "Rows cannot be held out of a tf.data.Dataset. Give fit a dataset of (x, y) batches as X_val, or "
                    "use early_stopping=False and validation_split=None."
                )
            return rows, None
        train, held_out = held_out_rows(
            parameters,
            rows.X,
            rows.y,
            class_index=self._class_index(rows.y, target),
            groups=rows.groups,
            seed=derived_seed(self._seed, "validation_split"),
        )
        return (rows, None) if held_out is None else (rows[train], rows[held_out])

    def _prepare(self, parameters: Parameters, rows: Rows, target, goes_on: bool) -> Prepared:
        """Specs of the network and its training, and the form in which the network is taught."""
        options = {
            "n_rows": rows.X.shape[0],
            "batch_size": rows.stream.batch_size if rows.stream else None,
            "steps_before": self.n_steps_ if goes_on else 0,
        }
        output = self._output(parameters, target)
        own_network = parameters["model"] is None
        # A model of the user's own may be compiled already, or have other outputs: the engine will see.
        loss = output.loss if own_network else resolve_loss(parameters, "auto")
        training = resolve_training(parameters, loss=loss, accuracy=output.accuracy, **options)
        start = self._trained if goes_on else None
        if own_network:
            check_no_model_arguments(parameters)
            network = resolve_network(
                parameters,
                row_shape=self._row_shape,
                n_outputs=output.n_units,
                output_activation=output.activation,
            )
            return Prepared(network, training, output.form, start)
        if goes_on:
            return Prepared(start.network, training, self._form, start)
        network = resolve_custom_network(parameters, meta=self._meta(rows, target))
        start, form = prepare_custom(network, training, seed=self._seed, n_classes=getattr(self, "n_classes_", None))
        return Prepared(network, training, form or output.form, start)

    def _train(self, parameters: Parameters, prepared: Prepared, data, validation_data, observers):
        first_epoch = self.n_iter_ if prepared.start is not None and hasattr(self, "_history") else 0

        def run(training, shorter=None):
            if shorter is not None and shorter.diverged_epoch is not None:
                return shorter
            epochs_before = 0 if shorter is None else len(shorter.history.epochs)
            job = Job(
                prepared.network,
                replace(training, epochs=training.epochs - epochs_before),
                data,
                validation_data,
                seed=self._seed,
                start=prepared.start if shorter is None else shorter.trained,
                first_epoch=first_epoch + epochs_before,
                observers=observers,
            )
            result = train(job, engine=self.engine, device=self.device)
            return result if shorter is None else continued(shorter, result)

        def epochs_before():
            if observers:  # they want to see every epoch
                return ()
            options = {"engine": self.engine, "device": self.device}
            return epochs_to_go_on_from(prepared.network, prepared.training, data, **options)

        self._form = prepared.form
        if not isinstance(data, ArrayData):
            return run(prepared.training)
        going_on_from = prepared.start.arrays if first_epoch else None
        network = prepared.network
        if isinstance(network, CustomNetworkSpec):
            network = (network.model, dict(network.arguments), dict(network.meta))
        rows = None if self.memory is None else joblib.hash((array_facts(data), array_facts(validation_data)))

        def facts(training) -> tuple:
            return network, training, rows, self._seed, going_on_from, first_epoch, self.engine

        def is_whole() -> bool:
            # Stopped by someone who looked on, it is not what these parameters and rows lead to.
            return not any(observer.has_stopped for observer in observers)

        return train_or_recall(self.memory, facts, prepared.training, run, epochs_before, is_whole)

    def _store(self, result, target, goes_on: bool) -> None:
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
        if result.diverged_epoch is not None:
            warnings.warn(
                f"Training diverged: the loss was not finite in epoch {result.diverged_epoch + 1}. Most often the "
                f"learning rate is too high (learning_rate={self.learning_rate}): try a tenth of it, scale the inputs, "
                "or set clipnorm=1.0.",
                ConvergenceWarning,
                stacklevel=5,
            )

    # --- scikit-learn's callbacks and ours -----------------------------------------------------------

    def _open_context(self, parameters: Parameters, X, y, sample_weight):
        """scikit-learn >= 1.9: announce the fit to the callbacks set by ``set_callbacks``."""
        if not hasattr(self, "_init_callback_context"):
            return None
        context = self._init_callback_context(max_subtasks=int(parameters["epochs"]))
        context.call_on_fit_task_begin(estimator=self, **_context_rows(X, y, sample_weight))
        return context

    def _observers(self, parameters: Parameters, context, target, X, y, sample_weight) -> list:
        observers: list = []
        if parameters["verbose"]:
            first = self.n_iter_ if hasattr(self, "_history") else 0
            observers.append(ProgressPrinter(int(parameters["verbose"]), first + int(parameters["epochs"])))
        if context is not None and getattr(self, "_skl_callbacks", None):
            before = getattr(self, "_history", TrainingHistory())

            def attributes(trained, epochs):
                history = before.extended(TrainingHistory(epochs))
                return {
                    "_trained": trained,
                    "_target": target,
                    "_history": history,
                    "_diverged_epoch": None,
                    "history_": history.as_lists(),
                    "n_iter_": len(history.epochs),
                }

            rows = _context_rows(X, y, sample_weight)
            history = before.as_lists()
            observers.append(ScikitLearnCallbacks(self, context, history=history, attributes_of=attributes, **rows))
        return observers

    def _check_callbacks_parameter(self) -> None:
        given = list(self.callbacks.values()) if isinstance(self.callbacks, dict) else self.callbacks
        for callback in given if isinstance(given, list | tuple) else [given]:
            if hasattr(callback, "on_fit_task_end"):
                raise TypeError(
                    f"The 'callbacks' parameter of {type(self).__name__} takes Keras callbacks, but "
                    f"{type(callback).__name__} is one of scikit-learn's: register it with set_callbacks(...)."
                )

    # --- predicting ----------------------------------------------------------------------------------

    def _outputs(self, X) -> np.ndarray:
        """Raw outputs of the network for the rows of X."""
        self._check_is_usable()
        if is_dataset(X):
            return np.concatenate([self._outputs_of_rows(batch) for batch in feature_batches(X)])
        return self._outputs_of_rows(X)

    def _check_is_usable(self) -> None:
        """Refuse a network that was not trained, or whose weights are of no use."""
        check_is_fitted(self)
        if self._has_diverged():
            raise DivergedError(
                f"This {type(self).__name__} cannot predict: its training diverged"
                + (f" in epoch {self._diverged_epoch + 1}" if self._diverged_epoch is not None else "")
                + f" and left weights of no use. Fit again with a lower learning_rate than {self.learning_rate}, "
                "scaled inputs, or clipnorm=1.0."
            )

    def _has_diverged(self) -> bool:
        """Whether the weights are of no use: not finite, or those of an epoch whose loss was not."""
        if self._diverged_epoch is None or not self._trained.is_finite:
            return not self._trained.is_finite
        stopping = self._trained.training.stopping
        restored = stopping is not None and stopping.restore_best_weights and self.best_epoch_ != self._diverged_epoch
        return not restored

    def _outputs_of_rows(self, X) -> np.ndarray:
        X = check_inputs(self, X, reset=False)
        arguments = tuple(routed_to("predict", vars(self)).items())
        outputs = self._trained.predict(X, device=self.device, arguments=arguments)
        return outputs.reshape(X.shape[0], -1)

    # --- looking inside: what `sknn_tune.inspection` asks for -----------------------------------------

    def _engine_inputs(self, X):
        """Rows of X as the engine sees them in ``predict``."""
        self._check_is_inspectable(X)
        return check_inputs(self, X, reset=False)

    def _engine_data(self, X, y, sample_weight=None) -> ArrayData:
        """Rows, encoded targets and combined weights as the engine sees them in ``fit``."""
        self._check_is_inspectable(X)
        rows = check_rows(self, X, y, sample_weight, reset=False)
        self._check_same_target(rows.y, None)
        return engine_data(
            rows,
            target=self._target,
            weigh=self._target_weights(Parameters(self), rows, self._target),
            form=self._form,
            dtype=self.dtype,
            check_target=self._check_target_array,
            normalize=True,
        )

    def _check_is_inspectable(self, X) -> None:
        self._check_is_usable()
        if is_dataset(X):
            raise TypeError(
                "X is a tf.data.Dataset, which can be trained on, but not inspected: give some of its rows as an array."
            )

    @property
    def model_(self):
        """The trained network as a ``keras.Model``, built on first access. Its ``predict`` agrees with ours."""
        check_is_fitted(self)
        return self._trained.keras_model()

    def __sklearn_clone__(self):
        # Keras has nothing to copy of the optimizer of a compiled model that was never trained, and says so.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer", UserWarning)
            return super().__sklearn_clone__()

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_trained")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.non_deterministic = False
        return tags

    def _meta(self, rows: Rows, target) -> dict:
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
        }


@dataclass(frozen=True, eq=False)
class Prepared:
    """A fit that is ready to run: specs, form of the targets, and where to start from."""

    network: Any
    training: Any
    form: str
    start: Any


def _seed_of(random_state) -> int:
    """An integer. Without a ``random_state`` it is drawn afresh, never from NumPy's global generator."""
    if random_state is None:
        return int(np.random.default_rng().integers(2**31 - 1))
    return int(check_random_state(random_state).randint(2**31 - 1))


def _context_rows(X, y, sample_weight) -> dict:
    metadata = {} if sample_weight is None else {"sample_weight": sample_weight}
    return {"X": X, "y": y, "metadata": metadata}
