"""TabularRegressor: numbers for the rows of any table."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine import TrainedNetwork
from .._extending import also_takes, completes_docstring_of
from .._regressor import KerasRegressor
from .._rows import Rows
from .._target_ranges import compares_any_numbers, warn_of_range_of_standardized
from .._targets import NumberTarget
from ..resolve import Parameters
from ._base import ENCODER_CONSTRAINTS, TABULAR_CONSTRAINTS, TabularEstimator, cannot_go_on_with
from ._standardized import StandardizedTarget


@completes_docstring_of(KerasRegressor)
@completes_docstring_of(TabularEstimator)
class TabularRegressor(TabularEstimator, KerasRegressor):
    """Predict numbers for the rows of any table, without a line of preparation.

    A `KerasRegressor` with a `TableEncoder` before it, targets standardised inside, and settings that do well on most
    tables: numbers are encoded so that the network can bend at thresholds, as trees do, and eight networks (of many
    rows five) that each hold out another fold are averaged, each of two members that share weights. Numbers, strings,
    categories, dates, booleans and missing values go in as they are. Every part is a parameter that a search tunes;
    `default_space` with ``size="tabular"`` says how far.

    Parameters
    ----------
    standardize_target : bool, default=True
        Whether the network is taught y with mean 0 and standard deviation 1. Losses in ``history_`` are then those of
        standardised numbers, and predictions are kept within the range of y in ``fit`` (and in those that go on
        from it): like trees, it does not go on beyond the data. False: y is taught as it is, for losses such as
        "poisson".

    See Also
    --------
    TabularClassifier : The same for classes.
    KerasRegressor : The network alone.

    Notes
    -----
    `model_` gets rows as ``encoder_.transform`` encodes them, and gives standardised numbers. For a target that spreads
    over powers of ten, take its logarithm: ``TransformedTargetRegressor(TabularRegressor(), func=np.log,
    inverse_func=np.exp)``.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknn_tune import TabularRegressor
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> X["sex"] = X["sex"].map(lambda value: "one" if value > 0 else "other")
    >>> regressor = TabularRegressor(n_members=6, epochs=30, random_state=0).fit(X, y)
    >>> regressor.oof_score_ > 0.3
    True
    """

    _parameter_constraints: dict[str, list[Any]] = {
        **KerasRegressor._parameter_constraints,
        **TABULAR_CONSTRAINTS,
        "standardize_target": ["boolean"],
    }
    _of_table = (*ENCODER_CONSTRAINTS, "standardize_target")
    _network_alone = KerasRegressor
    _target_type = "continuous"
    _target: NumberTarget

    @also_takes(KerasRegressor.__init__, TabularEstimator.__init__)
    def __init__(self, model: Any = None, *, standardize_target: bool = True, **parameters: Any) -> None:
        super().__init__(model, **parameters)
        self.standardize_target = standardize_target

    def _describe_target(self, y: np.ndarray, classes: Any) -> NumberTarget:
        if not self.standardize_target:
            return super()._describe_target(y, classes)
        if not compares_any_numbers(self.loss):
            raise ValueError(
                f"loss={self.loss!r} compares numbers as they are, but TabularRegressor teaches them standardised. Use "
                "standardize_target=False."
            )
        return StandardizedTarget.of(y)

    def _target_of(
        self, parameters: Parameters, rows: Rows, y: Any, classes: Any, goes_on: bool, *, more_may_come: bool
    ) -> Any:
        target = super()._target_of(parameters, rows, y, classes, goes_on, more_may_come=more_may_come)
        if not goes_on:
            return target
        if isinstance(target, StandardizedTarget) != self.standardize_target:
            raise cannot_go_on_with(self, "standardize_target", not self.standardize_target)
        return target.with_more(rows.y) if isinstance(target, StandardizedTarget) else target

    def _check_target_range(self, parameters: Parameters, y: np.ndarray) -> None:
        if not self.standardize_target:
            super()._check_target_range(parameters, y)
        elif parameters["model"] is None:
            warn_of_range_of_standardized(parameters["output_activation"], parameters.estimator)

    def _target_alone(self, y: np.ndarray) -> np.ndarray:
        return self._describe_target(y, None).encode(y, "number", "float64").reshape(y.shape)

    def _dtype_of_predictions(self, X: Any, table: np.ndarray) -> Any:
        return "float64"  # that of y and of the encoder, whatever the table is of

    def _interpreted(self, outputs: np.ndarray, network: TrainedNetwork) -> np.ndarray:
        numbers = super()._interpreted(outputs, network)
        return self._target.decode(numbers) if isinstance(self._target, StandardizedTarget) else numbers
