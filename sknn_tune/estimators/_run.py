"""A run of training: the job of an engine, with what else decides where and whether it is done."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np

from .._copies import described
from .._forks import cached_property
from ..engine import Job, Observer, TrainingResult, can_go_on, circumstances, continued, epochs_to_go_on_from, train
from ..specs import ArrayData, CustomNetworkSpec, StreamData, TrainingSpec
from ._observers import FitObserver


@dataclass(frozen=True, eq=False)
class Run:
    """A training that is ready to start.

    Attributes
    ----------
    job : Job
    observers : sequence of FitObserver
        Those of the job.
    engine : {"auto", "numba", "keras"}
    device : str, sequence of str or None
    """

    job: Job
    observers: Sequence[FitObserver]
    engine: str
    device: str | Sequence[str] | None

    def watched_by(self, observers: Sequence[FitObserver]) -> Run:
        """The same with these looking on."""
        return replace(self, job=replace(self.job, observers=observers), observers=observers)

    def ended_by(self, observers: Sequence[Observer]) -> Run:
        """The same with these, which see nothing and may only end it."""
        return replace(self, job=replace(self.job, observers=observers))

    @property
    def beside_others(self) -> Run:
        """The same, as that of a member of a fit."""
        return replace(self, job=replace(self.job, is_member=True))

    def train(self, training: TrainingSpec, shorter: TrainingResult | None = None) -> TrainingResult:
        """What comes of ``training``; ``shorter`` is what came of fewer of its epochs, to go on from."""
        if shorter is not None and shorter.diverged_epoch is not None:
            return shorter
        epochs_before = 0 if shorter is None else len(shorter.history.epochs)
        job = replace(
            self.job,
            training=replace(training, epochs=training.epochs - epochs_before),
            start=self.job.start if shorter is None else shorter.trained,
            first_epoch=self.job.first_epoch + epochs_before,
        )
        result = train(job, engine=self.engine, device=self.device)
        return result if shorter is None else continued(shorter, result)

    @property
    def can_go_on(self) -> bool:
        """Whether going on from fewer epochs gives the same bits as training anew, and nobody wants to see them all."""
        return not self.observers and can_go_on(self.job, engine=self.engine, device=self.device)

    def epochs_to_go_on_from(self) -> Iterable[int]:
        """The numbers of epochs, largest first, after which going on gives the same bits as training anew."""
        if self.observers:  # they want to see every epoch
            return ()
        return epochs_to_go_on_from(self.job, engine=self.engine, device=self.device)

    @property
    def described_network(self) -> Any:
        """What decides what the network is."""
        network = self.job.network
        if isinstance(network, CustomNetworkSpec):
            return network.model, dict(network.arguments), dict(network.meta)
        return network

    @cached_property
    def digest(self) -> str:
        """Of everything that decides the outcome besides the training.

        To be asked for before it, which may change the weights of ``start``.
        """
        job = self.job
        goes_on = job.start is not None and job.first_epoch
        going_on_from = (job.start.arrays, job.start.trainable) if job.start is not None and goes_on else None
        rows = (_arrays(job.data), _arrays(job.validation))
        return joblib.hash(
            (
                described(self.described_network),
                rows,
                job.seed,
                job.is_member,
                going_on_from,
                job.first_epoch,
                self.engine,
            )
        )

    @property
    def where(self) -> tuple[str, str, Hashable]:
        """What besides the job decides the bits."""
        return circumstances(self.job, engine=self.engine, device=self.device)

    @property
    def is_whole(self) -> bool:
        """Whether nobody who looked on stopped it: then it is what its parameters and rows lead to."""
        return not any(observer.has_stopped for observer in self.observers)


def _arrays(data: ArrayData | StreamData | None) -> tuple[Any, ...]:
    if not isinstance(data, ArrayData):
        return ()
    arrays = (data.X, data.y, data.sample_weight)
    return tuple(np.ascontiguousarray(array) if isinstance(array, np.ndarray) else array for array in arrays)
