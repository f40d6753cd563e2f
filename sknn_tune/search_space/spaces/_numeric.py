"""Ranges of numbers, each uniform on a scale of its own."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..._compat.scikit_learn import Interval
from ._range import IntegerRange, Range


@dataclass(frozen=True, repr=False)
class uniform(Range):
    """Floats, all equally likely.

    For what acts in proportion to its value: dropout rates, fractions. Where 0.001 and 0.01 differ as
    much as 0.01 and 0.1, such as in learning rates and penalties, use `log_uniform`.

    Parameters
    ----------
    low : float
        Smallest value.
    high : float
        Largest value, included (unlike scipy's ``uniform(loc, scale)``, whose second number is a width).

    See Also
    --------
    log_uniform : Equally likely in every power of ten.

    Notes
    -----
    Random draws find good values with fewer trials than a grid, since a grid tries each value of an
    important parameter again for every value of the unimportant ones [1]_.

    References
    ----------
    .. [1] Bergstra & Bengio (2012), "Random Search for Hyper-Parameter Optimization",
       https://jmlr.org/papers/v13/bergstra12a.html

    Examples
    --------
    >>> from sknn_tune.search_space import uniform
    >>> dropout = uniform(0.0, 0.5)
    >>> 0.0 <= dropout.rvs(random_state=0) <= 0.5
    True
    >>> dropout.grid(3)
    [0.0, 0.25, 0.5]
    >>> dropout.narrow([0.2, 0.1])
    uniform(0.1, 0.2)
    """

    low: float
    high: float

    _ends = Interval(Real, -np.inf, np.inf, closed="neither")
    _type = float


@dataclass(frozen=True, repr=False)
class log_uniform(Range):
    """Floats whose logarithm is uniform: ``10 ** r``, with `r` uniform.

    For what acts by its order of magnitude: learning rates, penalties, the ``C`` of a linear model. From
    0.0001 to 0.1, a third of the draws lies below 0.001; of `uniform`, one in a hundred.

    Parameters
    ----------
    low : float
        Smallest value, above zero. The value itself (``1e-4``), not its exponent.
    high : float
        Largest value, included.

    See Also
    --------
    one_minus_log_uniform : For values just below one.
    int_log_uniform : The same for integers.

    References
    ----------
    .. [1] Bergstra & Bengio (2012), "Random Search for Hyper-Parameter Optimization",
       https://jmlr.org/papers/v13/bergstra12a.html

    Examples
    --------
    >>> from sknn_tune.search_space import log_uniform
    >>> learning_rate = log_uniform(1e-4, 1e-1)
    >>> learning_rate.grid(4)
    [0.0001, 0.001, 0.01, 0.1]
    >>> draws = learning_rate.rvs(size=1000, random_state=0)
    >>> round(float((draws < 1e-3).mean()), 1)
    0.3
    """

    low: float
    high: float

    _ends = Interval(Real, 0, np.inf, closed="neither")
    _type = float
    _advice = "Give the values themselves, such as log_uniform(1e-4, 1e-1), not their exponents."

    def _scale(self, values: Any) -> np.ndarray:
        # In base ten, round values stay round: 10 ** -3.0 is 0.001, exp(log(0.001)) is not.
        return np.log10(values)

    def _values(self, places: Any) -> Any:
        return 10.0**places


@dataclass(frozen=True, repr=False)
class one_minus_log_uniform(Range):
    """Floats just below one: ``1 - 10 ** r``, with `r` uniform.

    For the memory of moving averages: ``momentum``, ``beta_1``, ``beta_2``, ``rho``. An average with 0.9
    remembers about ``1 / (1 - 0.9)`` = 10 updates, with 0.99 100, with 0.999 1000, so what counts is the
    order of magnitude of the distance from one.

    Parameters
    ----------
    low : float
        Smallest value, at least zero. The value itself (``0.9``), not its distance from one.
    high : float
        Largest value, below one, included.

    See Also
    --------
    log_uniform : For values near zero.

    Examples
    --------
    >>> from sknn_tune.search_space import one_minus_log_uniform
    >>> momentum = one_minus_log_uniform(0.9, 0.999)
    >>> momentum.grid(3)
    [0.9, 0.99, 0.999]
    >>> draws = momentum.rvs(size=1000, random_state=0)
    >>> round(float((draws < 0.99).mean()), 1)
    0.5
    """

    low: float
    high: float

    _ends = Interval(Real, 0, 1, closed="left")
    _type = float
    _advice = "Give the values themselves, such as one_minus_log_uniform(0.9, 0.999)."

    def _scale(self, values: Any) -> np.ndarray:
        return -np.log10(1.0 - np.asarray(values, dtype=float))  # rises with the value

    def _values(self, places: Any) -> Any:
        return 1.0 - 10.0**-places


@dataclass(frozen=True, repr=False)
class int_uniform(IntegerRange):
    """Integers, all equally likely.

    For small counts: layers, epochs of patience, neighbours. For units and batch sizes, which act by their
    order of magnitude, use `int_log_uniform`.

    Parameters
    ----------
    low : int
        Smallest value.
    high : int
        Largest value, included (unlike scipy's ``randint``).

    See Also
    --------
    int_log_uniform : Equally likely in every doubling.

    Examples
    --------
    >>> from sknn_tune.search_space import int_uniform
    >>> patience = int_uniform(3, 7)
    >>> patience.grid(3)
    [3, 5, 7]
    >>> sorted(set(patience.rvs(size=100, random_state=0).tolist()))
    [3, 4, 5, 6, 7]
    """

    low: int
    high: int

    _ends = Interval(Integral, None, None, closed="neither")

    def _draw(self, count: int, random_state: np.random.RandomState) -> np.ndarray:
        return random_state.randint(self.low, self.high + 1, size=count, dtype=np.int64)


@dataclass(frozen=True, repr=False)
class int_log_uniform(IntegerRange):
    """Integers whose logarithm is uniform (as far as integers can be).

    For counts that act by their order of magnitude: units of a layer, batch sizes, numbers of trees. The
    integer `k` is drawn with a probability close to a multiple of ``1 / k``.

    Parameters
    ----------
    low : int
        Smallest value, at least one.
    high : int
        Largest value, included.

    See Also
    --------
    topology : Several layers at once.

    Notes
    -----
    A float is drawn with uniform logarithm from ``low - 0.5`` to ``high + 0.5`` and rounded, so that the
    ends are drawn as often as their neighbours; Optuna does the same.

    Examples
    --------
    >>> from sknn_tune.search_space import int_log_uniform
    >>> batch_size = int_log_uniform(16, 256)
    >>> batch_size.grid(5)
    [16, 32, 64, 128, 256]
    >>> 16 <= batch_size.rvs(random_state=0) <= 256
    True
    """

    low: int
    high: int

    _ends = Interval(Integral, 1, None, closed="left")
    _advice = "Give the values themselves, such as int_log_uniform(16, 256), not their exponents."

    def _scale(self, values: Any) -> np.ndarray:
        return np.log10(values)

    def _values(self, places: Any) -> Any:
        return 10.0**places
