"""What an engine hands back."""

from __future__ import annotations

from dataclasses import dataclass

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
