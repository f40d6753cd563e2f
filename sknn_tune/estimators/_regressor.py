"""KerasRegressor: a neural network for numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from .._compat.scikit_learn import checks_parameters
from ..engine import TrainedNetwork
from ..specs import CustomNetworkSpec, Meaning
from ._base import KerasEstimator, Weigh
from ._call_arguments import one_epoch_only
from ._encoders import EncodedTarget
from ._extending import completes_docstring_of
from ._fit_on_copy import fitting
from ._input import check_scored, is_single_precision
from ._overflow import warn_of_hard_targets
from ._parameters import KerasParameters
from ._rows import GivenRows, Rows
from ._streams import is_stream
from ._target_ranges import (
    check_range_of_loss,
    compares_distributions,
    usual_activation,
    warn_of_range_of_outputs,
)
from ._targets import NumberTarget, Output, flat_labels
from .resolve import Parameters, is_bounded, output_activation, resolve_loss, takes_logits


@completes_docstring_of(KerasParameters)
class KerasRegressor(RegressorMixin, KerasEstimator):
    """Neural-network regressor whose every design choice is a parameter.

    Takes one or many outputs. Put ``StandardScaler`` before it in a pipeline, and if y is far from the
    range of a few units, wrap it in ``TransformedTargetRegressor(transformer=StandardScaler())``.

    Parameters
    ----------
    output_activation : str or callable, default="auto"
        Activation of the output layer. "auto": linear, but for losses of probabilities that are not given as logits
        (``from_logits=True``): softmax for several columns with ``"categorical_crossentropy"``,
        ``"categorical_focal_crossentropy"`` or ``"kl_divergence"``, whose rows are distributions, and sigmoid with
        these for one column, and with ``"binary_crossentropy"``, ``"binary_focal_crossentropy"``, ``"dice"`` and
        ``"tversky"``. With ``"poisson"``, which compares numbers above zero, exponential.
    loss : str, callable or keras.losses.Loss, default="auto"
        What is minimised. "auto": mean squared error. Otherwise a Keras loss by its name (``loss__*`` gives it
        arguments), class or object, or a function of ``(y_true, y_pred)``.
    validation_fraction : float, default=0.1
        Share of the rows held out by ``early_stopping``. Not used when ``fit`` gets ``X_val``.
    metrics : str, callable, list or dict, default=None
        Keras metrics recorded per epoch besides the loss, each under the name as given.

    Attributes
    ----------
    history_ : dict of str to list of float
        "loss", "learning_rate", with held-out rows "val_loss", ...: one value per epoch.
        With penalties (``l1``, ``l2``, ``activity_l1``, ...), which are in the loss as in Keras, also
        "loss_without_penalty" and "val_loss_without_penalty", by which networks can be compared.
    n_outputs_ : int
        Columns of y.

    See Also
    --------
    KerasClassifier : The same for classes.

    Examples
    --------
    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tune import KerasRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> network = KerasRegressor(hidden_layer_sizes=(16,), epochs=20, learning_rate=0.01, random_state=0)
    >>> regressor = TransformedTargetRegressor(network, transformer=StandardScaler()).fit(X, y)
    >>> regressor.score(X, y) > 0.3
    True
    """

    _numeric_target = True
    _target: Any  # NumberTarget or EncodedTarget

    @checks_parameters
    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None, **fit_arguments: Any) -> KerasRegressor:
        """Train for one epoch, from the present weights if there are any.

        No rows are held out and weights are taken as they are (they are not scaled to mean one, so that
        chunks of different weight count differently).

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        **fit_arguments
            As of ``fit``, but for ``epochs``.

        Returns
        -------
        self : KerasRegressor
            The estimator.
        """
        one_epoch_only(fit_arguments)
        with fitting(self, fit_arguments) as copy:
            copy._fit(GivenRows(X, y, sample_weight), incremental=True)
        return self

    def predict(self, X: Any, **predict_arguments: Any) -> np.ndarray:
        """Predict the numbers of each row.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Rows.
        **predict_arguments
            As ``keras.Model.predict`` has them, for this call only: ``batch_size``, ``verbose``, ...

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions in the shape of the y of fit; in float32 for float32 rows of a network of that ``dtype``,
            else in float64; of a ``model`` of your own, in its precision.
        """
        fitted = self._as_it_is()
        if isinstance(fitted._target, EncodedTarget):
            return fitted._target.decoded(fitted._outputs(X, predict_arguments))

        def answer(table: np.ndarray) -> np.ndarray:
            return fitted._as_predicted(table).astype(fitted._dtype_of_predictions(X, table), copy=False)

        return fitted._predictions(X, predict_arguments, answer=answer)

    def _dtype_of_predictions(self, X: Any, table: np.ndarray) -> Any:
        if isinstance(self._trained.network, CustomNetworkSpec):
            return table.dtype
        is_single = self.dtype == "float32" and not is_stream(X) and is_single_precision(X)
        return "float32" if is_single else "float64"

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """The R², the share of the variance of y that is predicted.

        Parameters
        ----------
        X : array-like, sparse matrix, tf.data.Dataset or table read in batches
            Rows.
        y : array-like, or str, default=None
            Their true targets, or the name of their column in a table that is read in batches. A tf.data.Dataset
            brings its own.
        sample_weight : array-like, or str, default=None
            Weights of the rows, likewise.

        Returns
        -------
        score : float
            At most 1, the higher the better.
        """
        if is_stream(X):
            return self._as_it_is()._score_of_stream(X, y, sample_weight)
        self._as_it_is()._target.check_names_of(y)
        check_scored(X, y, sample_weight)
        return super().score(X, y, sample_weight)

    # --- what the regressor says about its targets -----------------------------------------------------

    def _interpreted(self, outputs: np.ndarray, network: TrainedNetwork) -> np.ndarray:
        # A model of the user's answers in its own precision: float64 would only look like more.
        if isinstance(network.network, CustomNetworkSpec):
            return outputs
        taught, numbers = network.training.taught, outputs.astype("float64")
        return numbers if taught is None else self._target.numbers(numbers, taught)

    def _as_predicted(self, table: np.ndarray) -> np.ndarray:
        return table.ravel() if self._target.is_flat else table

    def _score_of(self, y: np.ndarray, table: np.ndarray, sample_weight: np.ndarray | None) -> float:
        return float(r2_score(y, self._as_predicted(table), sample_weight=sample_weight))

    def _check_target_array(self, y: Any) -> np.ndarray:
        if hasattr(type(self), "target_encoder"):
            return np.asarray(y)
        y = flat_labels(y)
        if y.ndim > 2:
            raise ValueError(f"y must have shape (n_samples,) or (n_samples, n_outputs), but has shape {y.shape}.")
        return y

    def _describe_target(self, y: np.ndarray, classes: Any) -> NumberTarget:
        warn_of_hard_targets(y, self.dtype)
        return NumberTarget.of(y)

    def _set_target_attributes(self, target: NumberTarget | EncodedTarget) -> None:
        if isinstance(target, EncodedTarget):
            self.__dict__.update({"n_outputs_": 1, **target.metadata})
            return
        self.n_outputs_ = target.n_outputs

    def _output(self, parameters: Parameters, target: NumberTarget) -> Output:
        loss = resolve_loss(parameters, "mean_squared_error")
        activation = output_activation(parameters, loss, usual_activation(loss, target.n_outputs))
        meaning: Meaning = "probabilities" if is_bounded(activation) else "numbers"
        meaning = "logits" if takes_logits(parameters, loss) else meaning
        return Output(target.n_outputs, activation, "number", loss, None, meaning, compares_distributions(loss))

    def _check_target_range(self, parameters: Parameters, y: np.ndarray) -> None:
        if not hasattr(type(self), "target_encoder"):
            check_range_of_loss(y, parameters["loss"], parameters.estimator)
            if parameters["model"] is None:
                warn_of_range_of_outputs(y, parameters["output_activation"], parameters.estimator)

    def _target_weights(self, parameters: Parameters, rows: Rows, target: NumberTarget) -> Weigh:
        return lambda y: None
