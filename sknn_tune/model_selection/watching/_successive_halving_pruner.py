"""Stop all but the best fraction, again and again."""

from __future__ import annotations

from numbers import Integral

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import Interval, validate_parameter_constraints
from ._pruner import Curve, Pruner


class SuccessiveHalvingPruner(Pruner):
    """Callback that lets only the best fraction of the fits of a search go on, at a few milestones.

    After ``min_epochs`` epochs, and whenever their number has grown by ``reduction_factor``, a fit goes on only if it
    is among the best ``1 / reduction_factor`` of those that have come as far before it, in the same fold. This is
    asynchronous successive halving: nobody waits for others, so it suits any ``n_jobs``. While fewer than
    ``2 * reduction_factor`` have come that far, only one better than all before it goes on, so the first fits
    decide much. It saves more epochs than `MedianPruner`, and more easily stops a good candidate that starts
    slowly.

    What is compared, what becomes of stopped candidates and what is recorded is as for `MedianPruner`.

    Parameters
    ----------
    min_epochs : int, default=5
        The first milestone. With 5 and a factor of 3: after 5, 15, 45, … epochs.
    reduction_factor : int, default=3
        At each milestone, one of this many fits goes on. Larger values stop more, at fewer milestones.
    monitor : str, default="val_loss"
        What to compare: any key of ``history_``; losses without penalties, as for `MedianPruner`.
    mode : {"auto", "min", "max"}, default="auto"
        Whether less or more of it is better. "auto" goes by the name.
    address : str, default=None
        Where workers on other machines ask, as for `HistoryRecorder`.

    Attributes
    ----------
    pruned_ : DataFrame
        A row per fit that was stopped in the latest search: ``candidate``, ``fold``, ``n_epochs``.
    fits_ : tuple of FitRecord
        The same for all fits, with ``is_pruned``, ``n_parameters`` and ``history``.

    See Also
    --------
    MedianPruner : More careful, with details and an example.
    HyperbandSearchCV : Rung by rung, scored by cross-validation instead of a loss.
    sklearn.model_selection.HalvingRandomSearchCV : Round by round, each candidate trained anew.

    References
    ----------
    .. [1] Li et al. (2020), "A System for Massively Parallel Hyperparameter Tuning",
       https://arxiv.org/abs/1810.05934

    Examples
    --------
    >>> from sknn_tune.model_selection import SuccessiveHalvingPruner
    >>> pruner = SuccessiveHalvingPruner(min_epochs=2, reduction_factor=2)  # for search.set_callbacks(pruner)
    """

    @names_the_nearest
    def __init__(
        self,
        *,
        min_epochs: int = 5,
        reduction_factor: int = 3,
        monitor: str = "val_loss",
        mode: str = "auto",
        address: str | None = None,
    ) -> None:
        super().__init__(monitor, mode, address)
        validate_parameter_constraints(
            {
                "min_epochs": [Interval(Integral, 1, None, closed="left")],
                "reduction_factor": [Interval(Integral, 2, None, closed="left")],
            },
            {"min_epochs": min_epochs, "reduction_factor": reduction_factor},
            caller_name=type(self).__name__,
        )
        self.min_epochs = min_epochs
        self.reduction_factor = reduction_factor

    def _falls_behind(self, own: Curve, rivals: list[Curve]) -> bool:
        n_epochs = own.n_epochs
        if not self._is_milestone(n_epochs):
            return False
        # A fit that ended by itself before this milestone has reached what it can.
        ended = [rival for rival in rivals if rival.is_over and not rival.is_pruned and rival.n_epochs < n_epochs]
        arrived = [rival for rival in rivals if rival.n_epochs >= n_epochs] + ended
        n_better = sum(rival.best(n_epochs) < own.best() for rival in arrived)
        return n_better >= max(1, (len(arrived) + 1) // self.reduction_factor)

    def _is_milestone(self, n_epochs: int) -> bool:
        milestone = self.min_epochs
        while milestone < n_epochs:
            milestone *= self.reduction_factor
        return milestone == n_epochs
