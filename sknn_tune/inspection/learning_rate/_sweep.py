"""The loss for learning rates from far too small to far too large, and the range worth searching.

Problem: which rates are of the right order, before any search? Choice: a short training per rate, each from the
same initial weights and through the same order of rows. Not taken: the range test of Smith
(https://arxiv.org/abs/1506.01186), one training in which the rate rises with each update. It costs less than all of
these together, but what it shows at one rate depends on all rates before it (Adam's averages, too, go on from there),
its losses are those of single batches, which on a small table are mostly noise, and it begins to diverge some updates
after the rate that does it. Small networks, for which this package is made, train so fast that the price of the
clean comparison is a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from ..._compat.scikit_learn import Interval, validate_parameter_constraints
from ..._held_back import held_back
from ...exceptions import ConvergenceWarning
from ..handed_over import described, resamples
from ._range import LearningRateSweep, summarise

#: Half decades: close enough to see the valley, few enough to be quick.
DEFAULT_RATES = tuple(10.0 ** (exponent / 2) for exponent in range(-12, 3))
#: Fewer updates than this show the start only, at which the largest rates win.
N_UPDATES = 200
#: Fewer epochs make no curve.
MIN_EPOCHS = 3
#: No weight changes by an update with this rate.
_NO_RATE = 1e-20
#: What an estimator must have to be swept.
NEEDED = {"learning_rate", "batch_size", "epochs", "random_state", "early_stopping"}
#: What would change the rate, end a training early, keep it, or make it several.
_PLAIN = {
    "learning_rate_schedule": None,
    "early_stopping": False,
    "validation_split": None,
    "callbacks": None,
    "n_members": 1,
    "warm_start": False,
    "memory": None,
    "verbose": 0,
}


def learning_rate_sweep(
    estimator: Any, X: Any, y: Any, rates: Sequence[float] | np.ndarray | None = None, *, epochs: int | None = None
) -> LearningRateSweep:
    """Train a network shortly with each of many learning rates, all else being the same.

    The learning rate is the first parameter to tune, and its right order of magnitude depends on the optimizer, the
    batch size and the data. The sweep finds it in a second or so, and a search then need not try the rest: a rate
    that is far too small changes nothing, one that is far too large makes the loss jump or diverge.

    Every rate starts from the same initial weights, with an int as ``random_state`` those of the estimator's own
    ``fit``, and sees the rows in the same order. The given estimator is cloned and never changed. The rate is held
    constant, no rows are held out, and neither early stopping, callbacks nor ``memory`` take part.

    Parameters
    ----------
    estimator : KerasClassifier, KerasRegressor or Pipeline
        Fitted or not; a pipeline's last step is one of these. Its other steps are fitted once.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        Training rows. Some thousand are enough: give a sample of a large table.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    rates : sequence of float, default=None
        At least three learning rates, in any order. None: 15 from 1e-6 to 10, two for each power of ten.
    epochs : int, default=None
        Epochs of each training. None: as many as make 200 updates, but at least 3. More of them favour
        smaller rates, as a longer training does.

    Returns
    -------
    sweep : LearningRateSweep
        Rates, losses, curves, the best rate and the range worth searching, from which ``sweep.space()`` makes a space.

    Raises
    ------
    TypeError
        If the estimator (or last step) is not one of ours, or X is a ``tf.data.Dataset``.
    ValueError
        If the rates cannot be used, or have no effect because an optimizer object or a model's own optimizer has
        a rate of its own.

    See Also
    --------
    sknn_tune.display.LearningRateSweepDisplay : Draws the sweep.
    sknn_tune.search_space.default_space : What else to search.

    Notes
    -----
    The best rate is the smallest one whose loss is low enough,

        loss <= lowest loss + 0.01 * (starting loss - lowest loss),

    not simply that with the lowest: where classes can be told apart without error, larger and larger rates bring the
    training loss closer and closer to zero, which is worth nothing on other rows.

    The range worth searching ends at the best rate. Downwards it has every rate that reaches nine tenths of the largest
    gain (0.1 in place of 0.01), as long as all rates between it and the best do so, and one step more. It goes down
    only, because a whole training is longer than this one: it has the time for a smaller rate, and would be kept from
    settling by a larger one. If the best rate is the first or last of ``rates``, sweep further that way.

    Losses are measured on all training rows after each epoch, as in prediction (without dropout), with the penalties
    of ``l1`` and ``l2``. Overfitting does not show here, nor is it meant to: a rate that cannot lower the training loss
    is of no use anyway.

    The range test of Smith [1]_ asks the same with one training in which the rate rises. Separate trainings
    cost more, but what one rate shows does not depend on the rates before it.

    References
    ----------
    .. [1] Smith (2017), "Cyclical Learning Rates for Training Neural Networks", https://arxiv.org/abs/1506.01186

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.inspection import learning_rate_sweep
    >>> X, y = load_iris(return_X_y=True)
    >>> pipeline = make_pipeline(StandardScaler(), KerasClassifier(hidden_layer_sizes=(8,), random_state=0))
    >>> sweep = learning_rate_sweep(pipeline, X, y, rates=[1e-5, 1e-3, 0.1, 10])
    >>> sweep.best_rate
    0.1
    >>> sweep.space()
    log_uniform(0.001, 0.1)
    """
    constraints = {"rates": ["array-like", None], "epochs": [Interval(Integral, 1, None, closed="left"), None]}
    validate_parameter_constraints(constraints, {"rates": rates, "epochs": epochs}, caller_name="learning_rate_sweep")
    if hasattr(X, "element_spec"):
        raise TypeError(
            "X is a tf.data.Dataset, whose rows learning_rate_sweep cannot go through again and again in the same "
            "order: give some thousand of its rows as an array."
        )
    rates = _checked_rates(DEFAULT_RATES if rates is None else rates)
    network, X, y = _network_and_rows(estimator, X, y)
    epochs = epochs or _enough_epochs(network, np.shape(X)[0])
    start = _curve(network, X, y, rate=_NO_RATE, epochs=1)[0]
    curves = np.array([_curve(network, X, y, rate=rate, epochs=epochs) for rate in rates])
    if np.array_equal(curves, np.broadcast_to(curves[0], curves.shape)):  # not if all have diverged: NaN is no number
        raise ValueError(
            "All rates have led to exactly the same losses, so the 'learning_rate' parameter of "
            f"{type(network).__name__} has no effect: an 'optimizer' object and the optimizer of a compiled 'model' "
            "have rates of their own. Give the optimizer by its name, and return the model uncompiled."
        )
    return summarise(rates, curves, float(start))


def _checked_rates(rates: Any) -> np.ndarray:
    """The rates, rising; they are as many as it takes to have a best one between two others."""
    values = np.asarray(rates)
    usable = values.ndim == 1 and values.dtype.kind in "iuf" and len(values) >= 3
    if not usable or not (np.isfinite(values).all() and (values > 0).all() and len(np.unique(values)) == len(values)):
        raise ValueError(
            "The 'rates' parameter of learning_rate_sweep must be at least three different positive numbers, such as "
            f"[1e-4, 1e-3, 1e-2]. Got {rates!r} instead."
        )
    return np.sort(values.astype(float))


def _network_and_rows(estimator: Any, X: Any, y: Any) -> tuple[Any, Any, Any]:
    """A clone of the network, and the rows as the earlier steps of a pipeline hand them on."""
    if isinstance(estimator, Pipeline):
        earlier = [step for _, step in estimator.steps[:-1] if step is not None and step != "passthrough"]
        for step in earlier:
            if resamples(step):
                X, y = clone(step).fit_resample(X, y)
            else:
                X = clone(step).fit_transform(X, y)
        return _network_and_rows(estimator.steps[-1][1], X, y)
    if isinstance(estimator, type) or not hasattr(estimator, "get_params") or not set(estimator.get_params()) >= NEEDED:
        inner = next((name for name in ("best_estimator_", "estimator", "regressor") if hasattr(estimator, name)), None)
        raise TypeError(
            "learning_rate_sweep trains a KerasClassifier or KerasRegressor, or a Pipeline whose last step is one: an "
            f"estimator with the parameters {', '.join(sorted(NEEDED))}. Got {described(estimator)} instead."
            f"{f' Give its {inner}.' if inner else ''}{' Scale y as it does.' if inner == 'regressor' else ''}"
        )
    network = clone(estimator)
    names = set(network.get_params())
    plain, sharing = dict(_PLAIN), getattr(network, "share_weights", False)
    if sharing:  # those that share weights are one network
        plain["n_members"] = network.n_members if sharing is True else sharing
    network.set_params(**{name: value for name, value in plain.items() if name in names})
    if not isinstance(network.random_state, Integral):
        # A RandomState would move on from fit to fit, and None begin each fit elsewhere.
        network.set_params(random_state=check_random_state(network.random_state).randint(2**31 - 1))
    return network, X, y


def _enough_epochs(network: Any, n_rows: int) -> int:
    batch_size = network.batch_size or n_rows
    steps = 1 if batch_size == -1 else math.ceil(n_rows / batch_size)
    return max(math.ceil(N_UPDATES / steps), MIN_EPOCHS)


def _curve(network: Any, X: Any, y: Any, *, rate: float, epochs: int) -> np.ndarray:
    """Loss on all rows after each epoch; NaN once it has diverged."""
    with held_back(ConvergenceWarning):
        network.set_params(learning_rate=float(rate), epochs=int(epochs)).fit(X, y, X_val=X, y_val=y)
    losses = np.asarray(network.history_["val_loss"])
    losses = np.where(np.isfinite(losses), losses, np.nan)
    return np.concatenate([losses, np.full(epochs - len(losses), np.nan)])
