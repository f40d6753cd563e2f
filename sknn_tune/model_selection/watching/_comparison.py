"""The curves of all fits of a running search in one place, and who is stopped.

A fit is compared with the fits of other candidates in the same fold, since folds differ in difficulty. A
candidate that was stopped in one fold is lost, and its fits in the other folds stop after their next
epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, NamedTuple

from ..results import differing
from ._fit_of_search import FitOfSearch
from ._search_watcher import FitEnded, Watch


class EpochEnded(NamedTuple):
    """A message: the monitored number of an epoch, less is better. The answer is True if the fit is to stop.

    ``measured`` decides what this number measures; fits in which it differs cannot be compared.
    """

    fit: FitOfSearch
    loss: float
    is_last: bool
    measured: Mapping[str, str] = {}


@dataclass
class Curve:
    """The monitored numbers of a fit; less is better.

    Attributes
    ----------
    values : list of float
        One per epoch run.
    is_over : bool
        Whether the fit has ended, by itself or because it was stopped.
    is_pruned : bool
        Whether it was stopped.
    """

    values: list[float] = field(default_factory=list)
    is_over: bool = False
    is_pruned: bool = False
    #: Every rival asks for the same ones.
    _means: dict[int, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def n_epochs(self) -> int:
        """Epochs run."""
        return len(self.values)

    def best(self, n_epochs: int | None = None) -> float:
        """Of the first ``n_epochs``, or of fewer if it ended before."""
        return min(self.values[:n_epochs])

    def mean(self, n_epochs: int | None = None) -> float:
        """Of the first ``n_epochs``, or of fewer if it ended before."""
        n = self.n_epochs if n_epochs is None else min(n_epochs, self.n_epochs)
        if n not in self._means:
            self._means[n] = fmean(self.values[:n])
        return self._means[n]


class Comparison(Watch):
    """The curves of all fits of a running search.

    Parameters
    ----------
    search : estimator
    context : sklearn.callback.CallbackContext
        Its task.
    falls_behind : callable
        ``falls_behind(own, rivals)``: whether the fit with the curve ``own`` is to stop.
    losses : callable
        ``losses(history)``: the monitored numbers, less is better.
    measures : callable
        ``measures(measured)``: what of the parameters that decide about a loss decides about the monitored number.
    """

    def __init__(
        self,
        search: Any,
        context: Any,
        falls_behind: Callable[[Curve, list[Curve]], bool],
        losses: Callable[[Mapping], list[float]],
        measures: Callable[[Mapping[str, str]], Mapping[str, str]],
    ):
        super().__init__(search, context)
        self.falls_behind = falls_behind
        self.losses = losses
        self.measures = measures
        self.curves: dict[FitOfSearch, Curve] = {}
        self.pruned: set[FitOfSearch] = set()
        self.measured: dict[FitOfSearch, Mapping[str, str]] = {}

    def answer(self, message: Any) -> Any:
        if isinstance(message, FitEnded):
            self._ended(message)
            return super().answer(message)
        with self.lock:
            return self._stops(message)

    def is_pruned(self, fit: FitOfSearch) -> bool:
        return fit in self.pruned

    def is_pruned_in(self, round_: tuple[int, ...], task: int) -> bool:
        with self.lock:
            return any((fit.round, fit.task) == (round_, task) for fit in self.pruned)

    def _stops(self, message: EpochEnded) -> bool:
        fit, n_folds = message.fit, self.search.n_splits_
        own = self.curves.setdefault(fit, Curve())
        self.measured[fit] = message.measured
        own.values.append(message.loss)
        if message.is_last:
            return False
        candidate, contest = fit.candidate(n_folds), self._contest(fit)
        rivals = [curve for other, curve in self.curves.items() if self._contest(other) == contest and other != fit]
        is_lost = any((other.round, other.candidate(n_folds)) == (fit.round, candidate) for other in self.pruned)
        if is_lost or self.falls_behind(own, rivals):
            self.pruned.add(fit)
            return True
        return False

    def not_compared_for(self) -> list[str]:
        """The parameters that keep fits from being compared, since their numbers mean different things."""
        contests: dict[tuple, list[Mapping[str, str]]] = {}
        for fit, measured in self.measured.items():
            contests.setdefault(self._place(fit), []).append(measured)
        return sorted({name for measured in contests.values() for name in differing(measured)})

    def _contest(self, fit: FitOfSearch) -> tuple:
        """Fits with the same are compared."""
        return (*self._place(fit), sorted(self.measured[fit].items()))

    def _place(self, fit: FitOfSearch) -> tuple:
        """Rounds of a halving search train for longer each, or on more rows."""
        rounds_differ = hasattr(self.search, "resource")
        return fit.round if rounds_differ else (), fit.step, fit.fold(self.search.n_splits_)

    def _ended(self, message: FitEnded) -> None:
        """Also of a fit that was read back from ``memory``, and so had no epochs to report."""
        with self.lock:
            if values := self.losses(message.history):
                self.measured[message.fit] = self.measures(message.measured)
                self.curves[message.fit] = Curve(values, is_over=True, is_pruned=self.is_pruned(message.fit))
