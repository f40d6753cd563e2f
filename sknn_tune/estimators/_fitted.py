"""What a fit leaves behind, and how it is used: the trained network, its outputs, and when they are of no use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..engine import Ensemble, TrainedNetwork
from ..exceptions import DivergedError
from ..specs import ChosenRows, TrainingHistory, arrays_in
from ._call_arguments import check_predict_arguments
from ._encoders import encoded_inputs
from ._input import NO_TARGETS, check_inputs
from ._overflow import check_predictions
from ._parameters import KerasParameters
from ._streams import Source, is_stream, source_of
from .resolve import predict_arguments

#: Rows whose predictions are worked out before they are read; a multiple of those of each forward pass.
_ROWS_AT_ONCE = 2**18

Estimator = TypeVar("Estimator", bound="FittedEstimator")


class FittedEstimator(KerasParameters):
    """An estimator after ``fit``."""

    #: What is learnt from rows before anything is trained: members have it from their estimator.
    _learnt_from_rows: tuple[str, ...] = ("n_features_in_", "feature_names_in_", "_row_shape")

    _trained: TrainedNetwork | Ensemble
    _target: Any
    _form: str
    _seed: int
    _history: TrainingHistory
    _diverged_epoch: int | None
    #: What in the rows made a training diverge; empty if nothing is known.
    _cause: str = ""
    _row_shape: tuple[int, ...]
    feature_encoder_: Any
    target_encoder_: Any
    n_features_in_: int
    n_outputs_: int
    n_iter_: int
    n_steps_: int
    best_epoch_: int
    members_: list[Any]
    #: Of a member: what its estimator had as ``callbacks``, of which it has copies.
    _callbacks_given: Any
    oof_prediction_: np.ndarray
    oof_score_: float

    def _interpreted(self, outputs: np.ndarray, network: TrainedNetwork) -> np.ndarray:
        """What the outputs of a network say, in float64: probabilities, or numbers."""
        raise NotImplementedError

    def _as_it_is(self: Estimator) -> Estimator:
        """A copy of the fitted estimator, which another thread that fits this one again does not change."""
        fitted = copy(self)
        fitted._check_is_usable()
        return fitted

    def _predictions(
        self,
        X: Any,
        arguments: Mapping[str, Any] = MappingProxyType({}),
        *,
        refuse: str | None = None,
        answer: Callable[[np.ndarray], np.ndarray] = lambda table: table,
    ) -> np.ndarray:
        """What is predicted for the rows of X, as a table: of several networks, the mean.

        ``arguments`` are those of one call for ``keras.Model.predict``. ``refuse`` says what cannot follow from
        predictions that are not finite; without it they are a warning. ``answer`` makes of a table what is asked for:
        of many rows some at a time, so that tables of double precision do not become large.
        """
        answers, first, has_warned = [], 0, False
        for rows in self._blocks(X):
            table = self._predictions_of_rows(rows, arguments)
            if not has_warned:
                has_warned = check_predictions(table, rows, first=first, refuse=refuse)
            answers.append(answer(table))
            first += len(table)
        return answers[0] if len(answers) == 1 else np.concatenate(answers)

    def _blocks(self, X: Any) -> Iterator[Any]:
        """Checked rows, many of them in parts."""
        if is_stream(X):
            source = source_of(self, X)
            for batch in source.inputs():
                yield self._checked_batch(source, batch)
            return
        rows = self._checked_inputs(X, reset=False)
        n_rows = rows.shape[0]
        if n_rows <= _ROWS_AT_ONCE:
            yield rows
            return
        for start in range(0, n_rows, _ROWS_AT_ONCE):
            stop = min(start + _ROWS_AT_ONCE, n_rows)
            yield rows.chosen(np.arange(start, stop)) if isinstance(rows, ChosenRows) else rows[start:stop]

    def _score_of(self, y: np.ndarray, table: np.ndarray, sample_weight: np.ndarray | None) -> float:
        """How well a table of predictions fits y."""
        raise NotImplementedError

    def _score_of_stream(self, X: Any, y: Any, sample_weight: Any) -> float:
        """The same of rows that bring their targets, in one pass: another might have another order."""
        tables, targets, weights = [], [], []
        source = source_of(self, X, y, sample_weight)
        for x, y_of_rows, weights_of_rows in source.parts():
            tables.append(self._predictions_of_rows(self._checked_batch(source, x)))
            targets.append(y_of_rows)
            weights.append(weights_of_rows)
        all_weights = None if weights[0] is None else np.concatenate(weights)
        return self._score_of(np.concatenate(targets), np.concatenate(tables), all_weights)

    def _outputs(self, X: Any, arguments: Mapping[str, Any]) -> Any:
        """What the one network gives for the rows of X, as it gives it."""
        assert isinstance(self._trained, TrainedNetwork)
        inputs = self._network_inputs(self._checked_inputs(X, reset=False))
        return self._trained.predict(inputs, device=self.device, arguments=self._predict_arguments(arguments))

    def _network_inputs(self, X: Any) -> Any:
        """What the network gets of checked rows."""
        return encoded_inputs(self.feature_encoder_, X, self.dtype) if hasattr(type(self), "feature_encoder") else X

    def _predict_arguments(self, of_call: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
        check_predict_arguments(type(self).__name__, of_call)
        routed = {f"predict__{name}": value for name, value in of_call.items()}
        return tuple(predict_arguments({**vars(self), **routed}, type(self).__name__).items())

    def _encoded(self, X: Any) -> Any:
        """X as numbers, where the estimator itself makes them of something else."""
        return X

    def _checked_inputs(self, X: Any, y: Any = NO_TARGETS, *, reset: bool) -> Any:
        """X (and y) as arrays that an engine takes; what is known of the columns is set or compared."""
        return check_inputs(self, X, y, reset=reset)

    def _checked_batch(self, source: Source, x: Any) -> Any:
        """The same of some rows of a stream, whose columns, if they have names, are those of fit."""
        return check_inputs(self, x, reset=False, in_order=source.columns is not None)

    def _predictions_of_rows(self, X: Any, of_call: Mapping[str, Any] = MappingProxyType({})) -> np.ndarray:
        """The same for rows that are checked."""
        arguments, inputs = self._predict_arguments(of_call), self._network_inputs(X)

        def predicted_by(network: TrainedNetwork) -> np.ndarray:
            outputs = arrays_in(network.predict(inputs, device=self.device, arguments=arguments))
            table = np.hstack([output.reshape(X.shape[0], -1) for output in outputs])
            return self._interpreted(table, network)

        if isinstance(self._trained, TrainedNetwork):
            return predicted_by(self._trained)
        networks = self._trained.networks
        total = predicted_by(networks[0])
        for network in networks[1:]:
            total = total + predicted_by(network)
        return total / len(networks)

    def _check_is_usable(self) -> None:
        """Refuse a network that was not trained, or whose weights are of no use."""
        if not hasattr(self, "_trained"):
            check_is_fitted(self)  # which looks longer, and says what is wrong
        if self._has_diverged():
            when = f" in epoch {self._diverged_epoch + 1}" if self._diverged_epoch is not None else ""
            raise DivergedError(
                f"This {type(self).__name__} cannot predict: its training diverged{when} and left weights of no use. "
                + (
                    self._cause
                    or f"Fit again with a lower learning_rate than {self.learning_rate}, scaled inputs, or "
                    "clipnorm=1.0."
                )
            )

    def _check_can_go_on(self) -> None:
        """Refuse to train weights that are no numbers: no learning rate makes any of them."""
        if self._diverged_epoch is not None and self._has_diverged():
            raise DivergedError(
                f"This {type(self).__name__} cannot go on: its training diverged in epoch {self._diverged_epoch + 1} "
                "and left weights of no use, of which no more training makes others. Begin anew, by fit with "
                "warm_start=False or with a clone, and with "
                + (f"other numbers: {self._cause}" if self._cause else "a lower learning_rate or clipnorm=1.0.")
            )

    def _has_diverged(self) -> bool:
        """Whether the weights are of no use: not finite, or those of an epoch whose loss was not."""
        if isinstance(self._trained, Ensemble) and hasattr(self, "members_"):
            return any(member._has_diverged() for member in self.members_)
        if self._diverged_epoch is None or not self._trained.is_finite:
            return not self._trained.is_finite
        stopping = self._trained.training.stopping
        restored = stopping is not None and stopping.restore_best_weights and self.best_epoch_ != self._diverged_epoch
        return not restored

    def __dir__(self) -> list[str]:
        """What is there, without `model_`: who looks at all of it (a notebook, a debugger) must not load TensorFlow.

        `BaseEstimator.__dir__` asks for each whether it is there, for which it would be built.
        """
        return [name for name in object.__dir__(self) if name != "model_" and hasattr(self, name)]

    @property
    def model_(self) -> Any:
        """The trained network as a ``keras.Model``, built on first access. Its ``predict`` agrees with ours."""
        check_is_fitted(self)
        return self._trained.keras_model()

    @property
    def target_type_(self) -> str:
        """What y was, in scikit-learn's words."""
        return self._target.kind

    @property
    def initialized_(self) -> bool:
        """Whether there is a network, trained or not."""
        return hasattr(self, "_trained")

    @property
    def current_epoch(self) -> int:
        """``n_iter_``, or 0 before there is a network."""
        return getattr(self, "n_iter_", 0)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_trained")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.non_deterministic = False
        return tags
