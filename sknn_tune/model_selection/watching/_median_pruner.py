"""Stop what is worse than the median."""

from __future__ import annotations

from numbers import Integral
from statistics import median

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import Interval, validate_parameter_constraints
from ._pruner import Curve, Pruner


class MedianPruner(Pruner):
    r"""Callback that stops fits of a search whose best is worse than the median of what others were on average.

    Most candidates of a random search are hopeless, and most of those show it early. Set on the search, this
    callback (of scikit-learn 1.9 or later) compares each fit after every epoch with those of other candidates
    in the same fold, also from other threads and processes (``n_jobs``), and stops it if

    .. math:: \min_{s \le t} v_s > \mathrm{median}_k \, \frac{1}{t} \sum_{s \le t} v_{ks}

    where :math:`v_s` is the monitored number after epoch :math:`s` (its negative if more of it is better),
    :math:`t` the present epoch, and :math:`k` runs over the fits that have come as far or are over; those
    that were stopped count with the epochs they had run. Against averages, a network that learns more slowly but
    overfits less is given time. Fits that are not stopped are the same, to the
    last bit, as without the callback.

    Once a candidate is stopped in one fold, its fits in the other folds stop after one epoch more. Stopped
    networks are scored as they are, and the mean and the rank in ``cv_results_`` are of these scores. But a
    candidate that was stopped in any fold is the best only where it scores more, as it is, than all that ran to their
    end: the rows that a fit holds out may rank candidates otherwise than the ``scoring`` of the search does. A warning
    names such candidates.

    It adds to ``cv_results_``: ``pruned`` (in any fold), ``split0_pruned``, …, and what `HistoryRecorder` adds: epochs
    run, sizes of the networks, curves.

    Parameters
    ----------
    n_startup_fits : int, default=5
        Smallest number of fits to take the median of. In each fold, the first so many candidates are never
        stopped. With more, the median is surer, and fewer epochs are saved.
    n_warmup_epochs : int, default=5
        Number of epochs that every fit runs before it may be stopped. Raise it for networks that start slowly; a
        tenth to a fifth of ``epochs`` is usual.
    monitor : str, default="val_loss"
        What to compare: any key of ``history_``. The networks need rows to validate on
        (``validation_split=0.1``, ``early_stopping=True``) for those that begin with ``val_``. Numbers of the
        training rows, such as ``"loss"``, can be monitored, but favour networks that overfit. Losses are compared
        without the penalties of weights and activations (``l1``, ``l2``, ``activity_l1``, ...), which early
        stopping has in them, and among candidates of one loss only: if some differ in ``loss``, ``class_weight`` or
        ``label_smoothing``, a warning says so, and a metric, such as ``"val_accuracy"`` or what is given as
        ``metrics``, compares all.
    mode : {"auto", "min", "max"}, default="auto"
        Whether less or more of it is better. "auto" goes by the name.
    address : str, default=None
        Where workers on other machines ask, as for `HistoryRecorder`.

    Attributes
    ----------
    pruned_ : DataFrame
        One row per fit that was stopped in the latest search: ``candidate``, ``fold``, ``n_epochs``.
    fits_ : tuple of FitRecord
        The same for all fits, with ``is_pruned``, ``n_parameters`` and ``history``.

    See Also
    --------
    SuccessiveHalvingPruner : Stops more, and earlier.
    search_results : What became of each candidate, as a DataFrame.

    Notes
    -----
    With ``n_jobs=1`` the same search stops the same fits. In parallel it depends on which fits happen to be
    over when another one is compared.

    It works with any estimator, alone or in a pipeline, that reports its epochs to scikit-learn's callbacks
    (``CallbackSupportMixin``) as tasks called "epoch" of its fit, keeps an attribute ``history_`` (a
    dict with a list per recorded number) up to date in the meantime, and stops where a callback says so. What its
    loss measures is read from its parameters; what a ``model`` function compiles by itself cannot be: if candidates
    differ in that, monitor a metric.

    References
    ----------
    .. [1] Golovin et al. (2017), "Google Vizier: A Service for Black-Box Optimization", section 3.2.2,
       https://doi.org/10.1145/3097983.3098043

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import RandomizedSearchCV
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.model_selection import MedianPruner
    >>> X, y = load_iris(return_X_y=True)
    >>> network = KerasClassifier(epochs=20, validation_split=0.2, random_state=0)
    >>> space = {"learning_rate": [0.03, 0.01, 0.003, 1e-5, 1e-6]}
    >>> search = RandomizedSearchCV(network, space, n_iter=5, cv=2, random_state=0)
    >>> pruner = MedianPruner(n_startup_fits=2, n_warmup_epochs=4)
    >>> _ = search.set_callbacks(pruner).fit(X, y)  # scikit-learn >= 1.9
    >>> bool(search.cv_results_["pruned"][search.best_index_])
    False
    >>> 0 < len(pruner.pruned_) < len(pruner.fits_)
    True
    """

    @names_the_nearest
    def __init__(
        self,
        *,
        n_startup_fits: int = 5,
        n_warmup_epochs: int = 5,
        monitor: str = "val_loss",
        mode: str = "auto",
        address: str | None = None,
    ) -> None:
        super().__init__(monitor, mode, address)
        validate_parameter_constraints(
            {
                "n_startup_fits": [Interval(Integral, 1, None, closed="left")],
                "n_warmup_epochs": [Interval(Integral, 0, None, closed="left")],
            },
            {"n_startup_fits": n_startup_fits, "n_warmup_epochs": n_warmup_epochs},
            caller_name=type(self).__name__,
        )
        self.n_startup_fits = n_startup_fits
        self.n_warmup_epochs = n_warmup_epochs

    def _falls_behind(self, own: Curve, rivals: list[Curve]) -> bool:
        # Without those that were stopped, the median would rise and rise, and good candidates fall below it.
        reached = [rival.mean(own.n_epochs) for rival in rivals if rival.is_over or rival.n_epochs >= own.n_epochs]
        if own.n_epochs <= self.n_warmup_epochs or len(reached) < self.n_startup_fits:
            return False
        return own.best() > median(reached)
