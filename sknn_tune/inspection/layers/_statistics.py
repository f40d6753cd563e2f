"""How the signal is spread in each layer, before and after normalisation and activation."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._optional import import_optional
from ..handed_over import fitted_network, through_earlier_steps

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Values of one layer from which quantiles are taken: their error is then about a thousandth in rank.
_VALUES_KEPT = 1_000_000


def activation_statistics(estimator: Any, X: Any) -> Any:
    """Describe the values in each layer, before and after normalisation, and before and after the activation.

    In a network that learns well, spreads stay of one size from layer to layer. Where ``row_spread`` shrinks layer by
    layer, the signal is lost on its way, and so are the gradients on their way back; where spreads grow, sigmoid and
    tanh saturate. Compare ``weighted_sum`` with ``normalized`` to see what ``batch_norm`` does about it.

    Parameters
    ----------
    estimator : KerasClassifier, KerasRegressor or Pipeline
        Fitted estimator, or a Pipeline whose last step is one.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        Rows, as for ``predict``.

    Returns
    -------
    statistics : DataFrame
        One row per layer and stage, in the order in which the network works, and these columns:

        - ``layer``: ``"inputs"``, then names as in ``model_.summary()``, without ``_activation`` and
          ``_normalization``, so that the stages of a layer stand together;
        - ``stage``: ``"inputs"``; ``"weighted_sum"`` (kernel and bias applied), ``"normalized"`` (after
          normalisation), ``"activated"`` (after the activation), in the order in which they follow each other; or
          ``"output"`` for layers that are none of these (recurrent ones, embeddings);
        - ``activation``: its name, for the stage ``"activated"``; empty for the others;
        - ``n_units``: units, or channels of a convolution;
        - ``mean``, ``spread`` (standard deviation), ``min``, ``max``: over all rows and units;
        - ``row_spread``: standard deviation over the rows of each unit, averaged over the units (and positions). Near
          zero, the layer passes on nearly the same for every row, however much its units differ from each other;
        - ``q05``, ``q25``, ``q50``, ``q75``, ``q95``: quantiles, of evenly spaced rows where a layer gives more
          than a million values;
        - ``zeros``: share of values that are exactly zero.

    Raises
    ------
    NotFittedError
        If the estimator has not been fitted.
    TypeError
        If it is another estimator.
    ImportError
        If pandas is not installed.

    See Also
    --------
    dead_units : Units that do nothing.
    gradient_norms : Gradients per layer.

    Notes
    -----
    The network runs as in ``predict``: without dropout, with the moving statistics of batch normalisation. After few
    epochs these lag behind the rows (``batch_norm_momentum``), and ``normalized`` is not yet of mean 0 and spread 1.

    References
    ----------
    .. [1] X. Glorot, Y. Bengio (2010). Understanding the difficulty of training deep feedforward neural networks.
       https://proceedings.mlr.press/v9/glorot10a.html
    .. [2] S. Ioffe, C. Szegedy (2015). Batch Normalization. https://arxiv.org/abs/1502.03167

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.inspection import activation_statistics
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(5,), batch_norm=True, epochs=2, random_state=0).fit(X, y)
    >>> activation_statistics(network, X)[["layer", "stage", "n_units"]]
          layer         stage  n_units
    0    inputs        inputs        4
    1  hidden_0  weighted_sum        5
    2  hidden_0    normalized        5
    3  hidden_0     activated        5
    4    output  weighted_sum        3
    5    output     activated        3
    """
    pandas = import_optional("pandas", purpose="activation_statistics")
    from ...engine import layer_signals  # loads TensorFlow

    network = fitted_network(estimator, "activation_statistics")
    X = network._engine_inputs(through_earlier_steps(estimator, X))
    summaries: dict[tuple[str, str], Summary] = {}
    for first_row, signals in layer_signals(network._trained, X, device=network.device):
        for signal in signals:
            layer = signal.layer.removesuffix("_activation").removesuffix("_normalization")
            summary = summaries.setdefault((layer, signal.stage), Summary(signal, X.shape[0]))
            summary.add(signal.values, first_row)
    return pandas.DataFrame(
        [{"layer": layer, "stage": stage, **summary.numbers()} for (layer, stage), summary in summaries.items()]
    )


class Summary:
    """Numbers about all values of one layer at one stage, block by block."""

    def __init__(self, signal: Any, n_rows: int):
        self.activation, self.n_units = signal.activation or "", signal.values.shape[-1]
        values_per_row = max(int(np.prod(signal.values.shape[1:])), 1)
        self.every = max(1, -(-n_rows * values_per_row // _VALUES_KEPT))
        self.n_rows, self.n_zeros = 0, 0
        #: Of each unit (and position) over the rows: mean, and sum of the squared differences from it.
        self.means = np.zeros(signal.values.shape[1:])
        self.squares = np.zeros(signal.values.shape[1:])
        self.least, self.most = np.inf, -np.inf
        self.kept: list[np.ndarray] = []

    def add(self, values: np.ndarray, first_row: int) -> None:
        """Means and sums of squares of two sets are put together by the formula of Chan, Golub and LeVeque."""
        count, means = len(values), values.mean(axis=0, dtype=np.float64)
        shift, total = means - self.means, self.n_rows + count
        self.squares += np.square(values - means).sum(axis=0) + shift**2 * (self.n_rows * count / total)
        self.means += shift * (count / total)
        self.n_rows = total
        self.n_zeros += int(np.count_nonzero(values == 0))
        self.least, self.most = min(self.least, float(values.min())), max(self.most, float(values.max()))
        # A copy: of a single row, ravel would give a view that keeps the whole block in memory.
        self.kept.append(values[-first_row % self.every :: self.every].flatten())

    def numbers(self) -> dict[str, Any]:
        variances = self.squares / self.n_rows
        quantiles = np.quantile(np.concatenate(self.kept), QUANTILES)
        return {
            "activation": self.activation,
            "n_units": self.n_units,
            "mean": float(self.means.mean()),
            "spread": float(np.sqrt(variances.mean() + self.means.var())),
            "row_spread": float(np.sqrt(variances).mean()),
            "min": self.least,
            "max": self.most,
            **{f"q{100 * q:02.0f}": float(value) for q, value in zip(QUANTILES, quantiles, strict=True)},
            "zeros": self.n_zeros / (self.n_rows * self.means.size),
        }
