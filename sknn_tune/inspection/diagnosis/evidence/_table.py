"""The rows of a diagnosis, and what is asked of them whatever the network: it is worked out once for all members."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils import check_array, check_random_state
from sklearn.utils.sparsefuncs import mean_variance_axis

from ...._compat.scikit_learn import rows_at
from ...._forks import cached_property
from ....tables import refuse_broken_sparse
from ...handed_over import last_step, through_earlier_steps
from ._forest import forest_score

#: A sample of this many rows shows what layers do, and what a forest can learn, at the price of a second.
MAX_ROWS = 2000


class Table:
    """Rows that a network was trained on, and rows that it has not seen, if there are any.

    Parameters
    ----------
    estimator : estimator or Pipeline
        What the user gave: rows are those that its last step gets.
    X, y, X_val, y_val : array-like
        As the user gave them.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, X_val: Any = None, y_val: Any = None) -> None:
        for what, given in (("X", X), ("y", y), ("X_val", X_val), ("y_val", y_val)):
            refuse_broken_sparse(given, what)
        self._network = last_step(estimator)
        self.X, self.y = through_earlier_steps(estimator, X), _flat(y)
        self.X_val = None if X_val is None else through_earlier_steps(estimator, X_val)
        self.y_val = None if y_val is None else _flat(y_val)
        self._reference_scores: dict[tuple[bool, bool], float] = {}

    @cached_property
    def values(self) -> Any:
        """X as an array or CSR matrix of shape (n_rows, n_features), as the network's first layer gets it."""
        array = check_array(self._network._encoded(self.X), accept_sparse="csr", allow_nd=True, dtype="float64")
        return array if sparse.issparse(array) else array.reshape(len(array), -1)

    @property
    def n_rows(self) -> int:
        return self.values.shape[0]

    @cached_property
    def means_and_spreads(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each feature."""
        if sparse.issparse(self.values):
            means, variances = mean_variance_axis(self.values, axis=0)
            return means, np.sqrt(variances)
        return self.values.mean(axis=0), self.values.std(axis=0)

    @cached_property
    def sample(self) -> np.ndarray:
        """Which rows are enough to look at."""
        if self.n_rows <= MAX_ROWS:
            return np.arange(self.n_rows)
        return np.sort(check_random_state(0).choice(self.n_rows, MAX_ROWS, replace=False))

    @cached_property
    def sampled_X(self) -> Any:
        """Their inputs, in the form in which X was given."""
        return self.X if self.n_rows <= MAX_ROWS else rows_at(self.X, self.sample)

    @property
    def sampled_y(self) -> Any:
        """Their targets."""
        return self.y[self.sample]

    def reference_score(self, *, classes: bool, balanced: bool) -> float:
        """What a random forest reaches on rows it has not seen; see `forest_score`."""
        asked = (classes, balanced)
        if asked not in self._reference_scores:
            rows = self.values[self.sample]
            self._reference_scores[asked] = forest_score(rows, self.sampled_y, classes=classes, balanced=balanced)
        return self._reference_scores[asked]


def _flat(y: Any) -> Any:
    """A column, as some tables give it, is a single output, of which ``fit`` has warned. Labels may be sparse."""
    if y is None:
        return None
    y = y.toarray() if sparse.issparse(y) else np.asarray(y)
    return y.ravel() if y.ndim == 2 and y.shape[1] == 1 else y
