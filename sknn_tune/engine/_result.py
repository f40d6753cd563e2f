"""What an engine hands back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..specs import LOSS_WITHOUT_PENALTY, TrainingHistory
from ._ensemble import Ensemble
from ._trained import TrainedNetwork
from .loop import Course


@dataclass(frozen=True, eq=False)
class TrainingResult(Course):
    """What came of a run of training, and the network.

    Attributes
    ----------
    history, n_steps, best_epoch, diverged_epoch, interrupted
        As in `Course`.
    trained : TrainedNetwork
    engine, reason, device : str
    """

    trained: TrainedNetwork
    engine: str
    reason: str
    device: str

    @classmethod
    def of(cls, course: Course, trained: TrainedNetwork, *, reason: str, device: str) -> TrainingResult:
        """The course of a training together with the network."""
        return cls(**vars(course), trained=trained, engine=trained.engine, reason=reason, device=device)


@dataclass(frozen=True, eq=False)
class EnsembleResult(Course):
    """What came of runs that make one fit, as if it were one run.

    Attributes
    ----------
    history : TrainingHistory
        The mean of those of the members, of each epoch over those that have run it.
    n_steps : int
        Of all members together.
    best_epoch : int
        Of the mean history; each member has its own.
    diverged_epoch, interrupted
        As in `Course`, of the first member that has diverged, or of any that was interrupted.
    trained : Ensemble
    engine, reason, device : str
    """

    trained: Ensemble
    engine: str
    reason: str
    device: str

    @classmethod
    def of(cls, results: Sequence[TrainingResult], trained: Ensemble, *, interrupted: bool) -> EnsembleResult:
        """The results of the members, put together; ``interrupted`` if some have none."""
        history = TrainingHistory.mean_of([result.history for result in results])
        diverged = [result.diverged_epoch for result in results if result.diverged_epoch is not None]
        first = results[0]
        return cls(
            history=history,
            n_steps=sum(result.n_steps for result in results),
            best_epoch=_best_epoch(history, results),
            diverged_epoch=min(diverged, default=None),
            interrupted=interrupted or any(result.interrupted for result in results),
            trained=trained,
            engine=first.engine,
            reason=first.reason,
            device=first.device,
        )


def _best_epoch(history: TrainingHistory, results: Sequence[TrainingResult]) -> int:
    """The epoch of the mean history that is best by what early stopping watched; the last one without it."""
    stopping = results[0].trained.training.stopping
    if stopping is None:
        return len(history.epochs) - 1
    values = [epoch.get(stopping.monitor, math.nan) for epoch in history.epochs]
    finite = [epoch for epoch, value in enumerate(values) if math.isfinite(value)]
    if not finite:
        return len(values) - 1
    best = max if _more_is_better(stopping.monitor, results) else min
    return best(finite, key=lambda epoch: values[epoch])


def _more_is_better(monitor: str, results: Sequence[TrainingResult]) -> bool:
    """Whether the best epochs of the members have more of it than their others: they know the rule of each number."""
    if monitor.removeprefix("val_") in ("loss", "accuracy", LOSS_WITHOUT_PENALTY):
        return monitor.endswith("accuracy")
    lead = 0.0
    for result in results:
        values = [epoch[monitor] for epoch in result.history.epochs]
        lead += values[result.best_epoch] - sum(values) / len(values)
    return lead > 0
