"""Units that do nothing: dead, saturated or constant on the rows one has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..handed_over import fitted_network, through_earlier_steps
from ._unit_activity import DeadUnits, LayerActivity

#: Activations that are flat at both ends, and their slope where it is steepest.
SQUASHING = {
    "hard_sigmoid": 1 / 6,
    "hard_tanh": 1.0,
    "sigmoid": 1 / 4,
    "softsign": 1.0,
    "sparse_sigmoid": 1 / 2,
    "tanh": 1.0,
}
#: Below this share of its steepest slope, a squashing activation counts as saturated: a hundredth of the error that
#: reaches the unit gets through it. That is beyond ±6 for sigmoid, ±3 for tanh, ±9 for softsign.
SATURATED_SLOPE = 0.01


def dead_units(estimator: Any, X: Any) -> DeadUnits:
    """Find hidden units that never activate on X, and those that are stuck at an end of their range.

    A dead unit has the same output for every row and passes no gradient back, so training does not revive it. A few are
    nothing to worry about; a fifth of a layer or more is capacity thrown away. Dead units come from rates that are
    too large and from unscaled inputs. Try a tenth of the ``learning_rate``, ``StandardScaler``, ``batch_norm=True``,
    or ``activation="leaky_relu"``. Against saturated units help scaled inputs, smaller initial weights,
    ``batch_norm=True``, or relu.

    Parameters
    ----------
    estimator : KerasClassifier, KerasRegressor or Pipeline
        Fitted estimator, or a Pipeline whose last step is one.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        Rows, as for ``predict``. Take those of the training to see what can learn, new ones to see what is used.

    Returns
    -------
    units : DeadUnits
        Per hidden layer the share of rows that activate each unit, and which units are dead, saturated or constant.
        Without layers for a linear model.

    Raises
    ------
    NotFittedError
        If the estimator has not been fitted.
    TypeError
        If it is another estimator.
    ValueError
        If a model of your own has no activation that can be seen: those given as ``activation=`` and activation
        layers can be, those written in a Lambda layer or as ``keras.ops`` cannot.

    See Also
    --------
    sknn_tune.display.UnitActivityDisplay : Draw the result.
    activation_statistics : Means, spreads and quantiles per layer.

    Notes
    -----
    A row *activates* a unit if the slope of the activation is not zero there, so that something can be learnt from
    the row. That is:

    - relu: above zero. *Dead* is a unit with slope zero on every row. The same for everything else with a flat part
      (relu6, hard_silu, hard_shrink, …).
    - sigmoid, tanh, softsign, hard_sigmoid, hard_tanh, sparse_sigmoid: where the slope is at least a hundredth of the
      steepest; elsewhere the unit is *saturated* (sigmoid: beyond ±6, tanh: beyond ±3). These are never called dead.
    - leaky_relu, linear: everywhere, so never dead. elu, selu, gelu, silu, softplus and the like fade out slowly, and
      are dead only where their slope is zero in floating-point numbers (elu in float32: below −17). If they, too, do
      nothing, they are found in ``constant``.

    The network runs as in ``predict``: without dropout, with the moving statistics of batch normalisation. Recurrent
    layers are not looked into.

    References
    ----------
    .. [1] L. Lu, Y. Shin, Y. Su, G. Karniadakis (2020). Dying ReLU and Initialization: Theory and Numerical Examples.
       https://arxiv.org/abs/1903.06733

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.inspection import dead_units
    >>> X, y = load_iris(return_X_y=True)
    >>> unscaled = KerasClassifier(hidden_layer_sizes=(20,), epochs=5, random_state=0).fit(X, y)
    >>> found = dead_units(unscaled, X)
    >>> found.layers[0].n_units
    20
    >>> found.to_frame().columns.tolist()[:3]
    ['activation', 'n_units', 'active']
    """
    from ...engine import layer_signals  # loads TensorFlow

    network = fitted_network(estimator, "dead_units")
    X = network._engine_inputs(through_earlier_steps(estimator, X))
    tallies: dict[str, _Tally] = {}
    signals: list = []
    for first_row, signals in layer_signals(network._trained, X, device=network.device):
        for signal in signals:
            if signal.stage == "activated" and not signal.is_output:
                tallies.setdefault(signal.layer, _Tally(signal)).add(signal, first_row)
    if not tallies and network.model is not None:
        _refuse_unless_linear(signals)
    return DeadUnits(tuple(tally.activity(name) for name, tally in tallies.items()), X.shape[0])


def _refuse_unless_linear(signals: list) -> None:
    output = {signal.layer for signal in signals if signal.is_output}
    if not output or any(signal.layer not in output | {"inputs"} for signal in signals):
        raise ValueError(
            "dead_units sees no activation in the hidden layers of the model given as 'model'. It sees those given to "
            "a layer, such as Dense(10, activation='relu'), and layers such as Activation and ReLU, but not those "
            "inside a Lambda layer, a recurrent layer or a call of keras.ops."
        )


class _Tally:
    """What is counted of one layer, block by block."""

    def __init__(self, signal: Any) -> None:
        self.activation = signal.activation
        n_units = signal.values.shape[-1]
        self.n_rows = self.n_values = 0
        self.n_active = np.zeros(n_units, dtype=np.int64)
        self.highest = np.full(n_units, -np.inf)
        self.highest_row = np.zeros(n_units, dtype=np.int64)
        self.most, self.least = np.full(n_units, -np.inf), np.full(n_units, np.inf)
        self.signal: Any = None

    def add(self, signal: Any, first_row: int) -> None:
        n_units = signal.values.shape[-1]
        values = signal.values.reshape(-1, n_units)
        self.n_rows += len(signal.values)
        self.n_values += len(values)
        self.most, self.least = np.maximum(self.most, values.max(axis=0)), np.minimum(self.least, values.min(axis=0))
        self.signal = signal
        if signal.slope_at is None:
            return
        slopes = np.abs(signal.slope_at(signal.before).reshape(-1, n_units))
        limit = SATURATED_SLOPE * SQUASHING.get(self.activation, 0.0)
        self.n_active += (slopes >= limit if limit else slopes > 0).sum(axis=0)
        by_row = signal.before.reshape(len(values), n_units)
        rows, highest = by_row.argmax(axis=0), by_row.max(axis=0)
        rows = first_row + rows // (len(values) // len(signal.values))
        self.highest_row = np.where(highest > self.highest, rows, self.highest_row)
        self.highest = np.maximum(self.highest, highest)

    def activity(self, name: str) -> LayerActivity:
        known, squashes = self.signal.slope_at is not None, self.activation in SQUASHING
        active = self.n_active / self.n_values if known else np.full(len(self.most), np.nan)
        never = np.flatnonzero(active == 0)
        dead, saturated = (never[:0], never) if squashes else (never, never[:0])
        return LayerActivity(
            name=name.removesuffix("_activation"),
            activation=self.activation,
            active_fraction=active,
            saturated_fraction=1 - active if squashes else None,
            dead=dead,
            saturated=saturated,
            constant=np.flatnonzero(self._does_not_vary()),
            waking_rows=self.highest_row[dead],
            lacking=self._lacking(dead),
        )

    def _does_not_vary(self) -> np.ndarray:
        """One row alone says nothing. Sums of the same numbers may differ by their rounding."""
        rounding = 10 * np.finfo(self.signal.values.dtype).eps * np.maximum(np.abs(self.most), np.abs(self.least))
        return (self.n_rows > 1) & (self.most - self.least <= rounding)

    def _lacking(self, dead: np.ndarray) -> np.ndarray:
        if not len(dead):
            return np.zeros(0)
        return _way_up(self.signal.slope_at, self.highest, dead, self.signal.before.dtype)


def _way_up(slope_at: Callable, values: np.ndarray, units: np.ndarray, dtype: Any) -> np.ndarray:
    """How far above its value each of the units first has a slope: looked up on a grid, then halved down to it."""
    n_units = len(values)
    # All units have the same activation: a row of the grid is as wide as the layer, as its function may ask for.
    grid = np.resize(np.linspace(-128, 128, 25_601, dtype=dtype), (-(-25_601 // n_units), n_units))
    awake = np.sort(grid[slope_at(grid) != 0])
    low = values[units].astype(dtype)
    place = np.searchsorted(awake, low)
    high = np.append(awake, np.asarray(np.nan, dtype))[place]
    for _ in range(50):
        middle = low + (high - low) / 2
        asked = np.zeros((1, n_units), dtype=dtype)
        asked[0, units] = middle
        is_awake = slope_at(asked)[0, units] != 0
        low, high = np.where(is_awake, low, middle), np.where(is_awake, middle, high)
    return (high - values[units]).astype(np.float64)
