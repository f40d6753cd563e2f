"""Columns on one scale by their quartiles, with outliers brought in smoothly.

skrub's ``SquashingScaler`` (0.11) is the same formula, and is not used: it has no ``inverse_transform``, needs Python
3.11 and brings pandas, Matplotlib, requests and five packages more, for forty lines of arithmetic. A test compares
with its numbers. Unlike it, this one refuses infinity, as scikit-learn's scalers do.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_array, check_is_fitted

from .._compat.scikit_learn import Interval, checks_parameters
from ..tables import explained
from ._number_columns import NumberColumns

#: From so many times the limit on, float64 rounds the result to the limit itself; squares stay finite below it.
_ROUNDS_TO_LIMIT = 1e10


class SmoothRobustScaler(OneToOneFeatureMixin, NumberColumns):
    r"""Scale each column by its median and quartiles, and bring outliers in smoothly.

    For columns with heavy tails: quartiles do not move with outliers, as mean and standard deviation do, and no output
    is beyond ``limit``, so that a network's predictions stay sensible for rows far outside. Order is kept: two
    different numbers stay different, up to rounding.

    Parameters
    ----------
    limit : float, default=3.0
        Outputs lie within ±``limit``. Numbers near the median are scaled as if there were no limit; a smaller one
        bends earlier.

    Attributes
    ----------
    center_ : array of shape (`n_features_in_`,)
        Median of each column.
    scale_ : array of shape (`n_features_in_`,)
        What each column is divided by; 0 for constant columns, which become 0.
    n_features_in_ : int
    feature_names_in_ : array of shape (`n_features_in_`,)
        If ``X`` has names that are all strings.

    See Also
    --------
    PiecewiseLinearEncoder : Several outputs per column, for functions with sharp bends.

    Notes
    -----
    With the median :math:`m` and the scale :math:`s` of a column, and the limit :math:`l`,

    .. math:: z = \frac{x - m}{s}, \qquad \frac{z}{\sqrt{1 + (z / l)^2}}.

    The scale is the distance of the quartiles. Where they coincide, as in a column that is mostly zero, it is half
    the distance of the smallest and the largest number.

    Missing values (NaN) are left out in ``fit`` and stay what they are; infinity is refused. Outputs are float32 for
    float32 and float64 for everything else.

    References
    ----------
    Holzmüller, Grinsztajn, Steinwart: Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on Tabular Data,
    2024. https://arxiv.org/abs/2407.04491

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_tune.preprocessing import SmoothRobustScaler
    >>> X = np.array([[1.0], [2.0], [3.0], [4.0], [1000.0]])
    >>> SmoothRobustScaler().fit_transform(X).round(2)
    array([[-0.95],
           [-0.49],
           [ 0.  ],
           [ 0.49],
           [ 3.  ]])
    """

    _parameter_constraints: dict = {"limit": [Interval(Real, 0.0, None, closed="neither")]}

    def __init__(self, limit: float = 3.0) -> None:
        self.limit = limit

    @checks_parameters
    def fit(self, X: Any, y: Any = None) -> SmoothRobustScaler:
        """Find median and scale of each column.

        Parameters
        ----------
        X : array or table of shape (n_samples, n_features)
            Numbers, not sparse.
        y : None, default=None
            Not used.

        Returns
        -------
        self : SmoothRobustScaler
        """
        X = self._checked(X, reset=True)
        learnt = [_center_and_scale(column[~np.isnan(column)].astype(np.float64)) for column in X.T]
        self.center_, self.scale_ = np.array(learnt).T
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Scale.

        Parameters
        ----------
        X : array or table of shape (n_samples, n_features)

        Returns
        -------
        X_scaled : array of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        has_scale = self.scale_ > 0
        with np.errstate(over="ignore"):  # what is too large is bounded on the next line
            z = (X - self.center_) / np.where(has_scale, self.scale_, 1.0) / self.limit
        z = np.clip(z, -_ROUNDS_TO_LIMIT, _ROUNDS_TO_LIMIT)
        scaled = self.limit * (z / np.sqrt(1.0 + z**2))
        scaled[:, ~has_scale] *= 0.0  # and NaN stays NaN
        return scaled.astype(X.dtype, copy=False)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Undo the scaling.

        Rounding limits what can come back: of numbers that ``transform`` put next to the limit only the side. What is
        at the limit or beyond, as a prediction may be, counts as the last number before it.

        Parameters
        ----------
        X : array of shape (n_samples, n_features)

        Returns
        -------
        X_original : array of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        with explained(type(self).__name__, X, may_be_missing=True):
            X = check_array(X, dtype=[np.float64, np.float32], ensure_all_finite="allow-nan", input_name="X")
        if X.shape[1] != self.n_features_in_:
            raise ValueError(f"X has {X.shape[1]} columns, but {self.n_features_in_} were scaled.")
        last = 1.0 - np.finfo(X.dtype).epsneg
        share = np.clip(X / self.limit, -last, last)
        z = self.limit * (share / np.sqrt((1.0 - share) * (1.0 + share)))
        return (z * self.scale_ + self.center_).astype(X.dtype, copy=False)


def _center_and_scale(values: np.ndarray) -> tuple[float, float]:
    """Of one column without missing values; 0 and 0 if it has no values at all."""
    if not len(values):
        return 0.0, 0.0
    lowest, first, median, third, highest = np.quantile(values, [0.0, 0.25, 0.5, 0.75, 1.0])
    return median, third - first or (highest - lowest) / 2
