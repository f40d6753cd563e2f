"""A run of training: what the engine is told, and what decides the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

from ..specs import ArrayData, CustomNetworkSpec, NetworkSpec, StreamData, TrainingSpec
from ._observers import Observer

if TYPE_CHECKING:  # loading the engine takes longer than constructing a hundred estimators
    from ..engine._trained import TrainedNetwork, TrainingResult


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is to be trained.

    Attributes
    ----------
    network, training : spec
    form : str
        How the targets are encoded.
    start : TrainedNetwork or None
        Where to go on from, or a model of the user's own with its initial weights.
    """

    network: NetworkSpec | CustomNetworkSpec
    training: TrainingSpec
    form: str
    start: TrainedNetwork | None


@dataclass(frozen=True, eq=False)
class Run:
    """A training that is ready to start.

    Attributes
    ----------
    prepared : Prepared
    data : ArrayData or StreamData
    validation : ArrayData, StreamData or None
    seed : int
        All random numbers are derived from it.
    first_epoch : int
        Epochs that were run before.
    observers : sequence of Observer
    engine : {"auto", "numba", "keras"}
    device : str, sequence of str or None
    """

    prepared: Prepared
    data: ArrayData | StreamData
    validation: ArrayData | StreamData | None
    seed: int
    first_epoch: int
    observers: Sequence[Observer]
    engine: str
    device: str | Sequence[str] | None

    def train(self, training: TrainingSpec, shorter: TrainingResult | None = None) -> TrainingResult:
        """What comes of ``training``; ``shorter`` is what came of fewer of its epochs, to go on from."""
        from ..engine._train import continued, train

        if shorter is not None and shorter.diverged_epoch is not None:
            return shorter
        epochs_before = 0 if shorter is None else len(shorter.history.epochs)
        result = train(
            self.prepared.network,
            replace(training, epochs=training.epochs - epochs_before),
            self.data,
            self.validation,
            seed=self.seed,
            start=self.prepared.start if shorter is None else shorter.trained,
            first_epoch=self.first_epoch + epochs_before,
            observers=self.observers,
            engine=self.engine,
            device=self.device,
        )
        return result if shorter is None else continued(shorter, result)

    def epochs_to_go_on_from(self) -> Iterable[int]:
        """The numbers of epochs, largest first, after which going on gives the same bits as training anew."""
        if self.observers:  # they want to see every epoch
            return ()
        from ..engine._train import epochs_to_go_on_from

        network, training = self.prepared.network, self.prepared.training
        return epochs_to_go_on_from(network, training, self.data, engine=self.engine, device=self.device)

    @cached_property
    def digest(self) -> str:
        """Of everything that decides the outcome besides the training.

        To be asked for before it, which changes the weights of ``start``.
        """
        network: Any = self.prepared.network
        if isinstance(network, CustomNetworkSpec):
            network = (network.model, dict(network.arguments), dict(network.meta))
        going_on_from = self.prepared.start.arrays if self.prepared.start and self.first_epoch else None
        rows = (_arrays(self.data), _arrays(self.validation))
        return joblib.hash((network, rows, self.seed, going_on_from, self.first_epoch, self.engine))

    @property
    def is_whole(self) -> bool:
        """Whether nobody who looked on stopped it: then it is what its parameters and rows lead to."""
        return not any(observer.has_stopped for observer in self.observers)


def _arrays(data: ArrayData | StreamData | None) -> tuple[Any, ...]:
    if not isinstance(data, ArrayData):
        return ()
    arrays = (data.X, data.y, data.sample_weight)
    return tuple(np.ascontiguousarray(array) if isinstance(array, np.ndarray) else array for array in arrays)
