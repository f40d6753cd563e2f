"""What a fit asks of an engine, and the contract between the loop over epochs and what runs an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from .._forks import cached_property
from ..specs import ArrayData, CustomNetworkSpec, NetworkSpec, Piece, StreamData, TrainingSpec
from ._mixing import mixed
from ._network_arrays import NetworkArrays
from ._seeding import derived_seed, order_generator, row_orders
from ._trained import TrainedNetwork


class Change(NamedTuple):
    """What someone who looks on changed between two epochs; None where it was left alone."""

    learning_rate: float | None
    weights: list[np.ndarray] | None


class Observer(Protocol):
    """Who looks on from epoch to epoch."""

    def on_epoch_begin(self, epoch: int) -> Change | None:
        """Before an epoch, counted from the start of all training."""

    def on_epoch_end(self, epoch: int, values: dict[str, float], snapshot: Callable[[], TrainedNetwork]) -> bool:
        """After it, with what it recorded; True asks to stop. ``snapshot()`` gives the network as it stands."""


@dataclass(frozen=True, eq=False)
class Job:
    """One run of training, whichever engine does it.

    Attributes
    ----------
    network : NetworkSpec or CustomNetworkSpec
    training : TrainingSpec
    data, validation : ArrayData or StreamData; validation may be None
    seed : int
        Initial weights, row order and dropout are derived from it.
    start : TrainedNetwork or None
        Go on from its weights and optimizer state instead of initial ones.
    start_stays : bool
        Whether others predict with ``start`` meanwhile: then it does not change.
    first_epoch : int
        Epochs run before: the row order goes on from there.
    is_member : bool
        Whether others train beside it in one fit, so that machine code finds no core free for a part of an update.
    observers : sequence of Observer
    """

    network: NetworkSpec | CustomNetworkSpec
    training: TrainingSpec
    data: ArrayData | StreamData
    validation: ArrayData | StreamData | None
    seed: int
    start: TrainedNetwork | None = None
    start_stays: bool = False
    first_epoch: int = 0
    is_member: bool = False
    observers: Sequence[Observer] = ()

    @cached_property
    def _rows_seed(self) -> int:
        return derived_seed(self.seed, "rows")

    def row_orders(self, epoch: int) -> Iterator[np.ndarray]:
        """The order in which an epoch, counted from the start of all training, visits the rows, some at a time."""
        n_rows, buffer = self.data.n_rows, self.training.shuffle_buffer
        if self.training.shuffle:
            return row_orders(self._rows_seed, epoch, n_rows, buffer)
        return (np.arange(start, min(start + buffer, n_rows)) for start in range(0, n_rows, buffer))

    def pieces(self, epoch: int) -> Iterator[Piece]:
        """The rows of a stream in the order of an epoch, in pieces each of which is cut into batches by itself."""
        data, training = self.data, self.training
        assert isinstance(data, StreamData)
        if data.keeps_batches:
            return data.pieces()
        generator = order_generator(self._rows_seed, epoch) if training.shuffle else None
        return mixed(data.pieces(), training.batch_size, training.shuffle_buffer, generator)

    def row_order(self, epoch: int) -> np.ndarray:
        """The whole of it."""
        return np.concatenate(list(self.row_orders(epoch)))


class Runner(Protocol):
    """A network in training, and all that the loop over epochs knows of it.

    Attributes
    ----------
    epochs_at_once : int
        How many epochs one call may run because nobody looks on in between.
    """

    epochs_at_once: int

    @property
    def n_updates(self) -> int:
        """Updates made in all training, those before this run included."""

    def run_epochs(self, epoch: int, n_epochs: int) -> list[dict[str, float]]:
        """Train; what each epoch records: ``loss``, metrics, and last the learning rate of its first update."""

    def validate(self) -> dict[str, float]:
        """Loss and metrics on the validation rows."""

    def is_better_higher(self, name: str) -> bool | None:
        """Whether more of a recorded number is better; None if it is not known."""

    def finish(self) -> None:
        """Training ends: what an optimizer does with the weights then."""

    def arrays(self) -> NetworkArrays:
        """The network as it stands."""

    def save(self) -> Any:
        """The same in a form of the runner's own, to come back to."""

    def load(self, saved: Any) -> None:
        """Be as it was when ``saved`` was made."""

    def load_weights(self, saved: Any) -> None:
        """The weights go back, the optimizer stays where it is: what Keras means by restoring weights."""

    def change(self, change: Change) -> None:
        """Take over what someone who looks on has changed."""
