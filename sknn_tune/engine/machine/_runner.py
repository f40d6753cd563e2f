"""Training by machine code that is compiled once for all networks: the way of nearly all fits on a CPU.

Problem: a search meets a new network with almost every candidate, and compiling a program for it takes longer than
training it. Choice: functions of Numba that read the network from arrays of numbers (see `_gradients`), with BLAS for
large products; they are compiled once for each installation. An epoch is one call, which releases Python's lock, so
fits in threads do not wait for each other. Not taken: the same operations one by one from Python, by NumPy, which
take two to ten times as long for the networks of a search, and threads that take turns.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...specs import NetworkSpec
from .._job import Change, Job
from .._network_arrays import NetworkArrays
from .._rows import target_columns
from .._seeding import derived_seed
from ..arrays import Metrics, RunningMeans
from ..formulas import (
    MOMENTS,
    Numbers,
    label_smoothing,
    layer_widths,
    resolve_optimizer,
    smoothed_targets,
    training_structure,
)
from ._sections import Section, sections_of
from ._state import Layout, State
from ._updates import Batches, Updates, Vectors
from ._validation import Validation

Array = np.ndarray

#: Operations in the products of one call at most, about a tenth of a second, after which Ctrl-C is heard.
_OPERATIONS_AT_ONCE = 10_000_000_000

#: Rows in the epochs of one call at most, whose outputs are kept until their loss is worked out.
_ROWS_AT_ONCE = 200_000


@dataclass
class _Epoch:
    """What becomes of an epoch while its sections are trained on."""

    means: RunningMeans
    keys: Callable[[int], Array]
    rate: float | None = None


class MachineRunner:
    """One run of training: its buffers, its data and the numbers that stay the same. A `Runner`.

    Parameters
    ----------
    job : Job
    start : NetworkArrays
        What training starts from.
    metrics : Metrics or None
        The user's own.
    watched : bool
        Whether anyone looks on after each epoch; if not, short epochs are run together.
    """

    def __init__(self, job: Job, start: NetworkArrays, *, metrics: Metrics | None, watched: bool):
        network, training = job.network, job.training
        assert isinstance(network, NetworkSpec)
        self._job, self._n_rows, self._metrics = job, job.data.n_rows, metrics
        self._dtype, self._widths = network.dtype, layer_widths(network)
        self._sections = sections_of(job)
        self._optimizer = resolve_optimizer(training)
        self._layout = Layout(network, training)
        self._state = self._layout.state(start, self._optimizer)
        self._structure = training_structure(network, training)
        self._n_members = network.n_members
        self._numbers = Numbers.of(network, training)
        self._is_smoothed = bool(label_smoothing(training))
        self._dropout_seed = derived_seed(job.seed, "dropout")
        self._vectors = self._new_vectors()
        parts = network, self._structure, self._numbers
        batch_rows, form = min(training.batch_size, self._n_rows), self._sections.form
        weighted, alone = self._sections.is_weighted, not job.is_member
        self._updates = Updates(*parts, self._vectors, batch_rows, form, weighted, in_parts=alone)
        if job.validation is not None:
            self._validation = Validation(training, *parts, self._layout.slots, job.validation, metrics)
        self._divide_work(watched)

    def _divide_work(self, watched: bool) -> None:
        """How many updates and epochs are run in one call."""
        training, n_rows = self._job.training, self._n_rows
        operations = self._updates.operations
        self._steps_at_once = max(_OPERATIONS_AT_ONCE // operations, 1)
        self.epochs_at_once = 1
        if not watched:
            most = _OPERATIONS_AT_ONCE // operations // training.steps_per_epoch(n_rows)
            most = min(most, _ROWS_AT_ONCE // (n_rows * self._n_members))
            self.epochs_at_once = max(min(most, training.epochs), 1)

    # --- the contract with the loop ------------------------------------------------------------------

    @property
    def n_updates(self) -> int:
        """Updates made in all training."""
        return self._state.iterations

    def run_epochs(self, epoch: int, n_epochs: int) -> list[dict[str, float]]:
        """Train for some epochs; what each records."""
        step, u_product = self._state.iterations, self._state.u_product
        recorded = [_Epoch(self._new_means(), self._keys_of(epoch + index)) for index in range(n_epochs)]
        self._load_vectors()
        for section in self._sections.of_epochs(epoch, n_epochs):
            n_steps = len(section.starts) - 1
            coefficients, u_product = self._optimizer.coefficients(step, n_steps, u_product)
            keys = [recorded[index].keys(len(range(n_steps)[steps])) for index, _, steps in section.of_epochs]
            with np.errstate(over="ignore"):  # of rates that grow without end; where that leads is said as divergence
                coefficients = coefficients.astype(self._dtype)
            batches = self._batches(section, coefficients, np.concatenate(keys))
            self._update(section, batches)
            with np.errstate(all="ignore"):
                self._measure(section, batches, step, recorded)
            step += n_steps
        self._state = self._read_vectors(step, u_product)
        with np.errstate(all="ignore"):
            return [self._found(each) for each in recorded]

    def validate(self) -> dict[str, float]:
        """What is recorded of the validation rows."""
        return self._validation.measured(self._layout.weights(self._state))

    def is_better_higher(self, name: str) -> bool | None:
        """Whether more of a recorded number is better."""
        if name in ("loss", "accuracy"):
            return name == "accuracy"
        return None if self._metrics is None else self._metrics.is_better_higher(name)

    def finish(self) -> None:
        """No optimizer of ours does anything then."""

    def arrays(self) -> NetworkArrays:
        """The network as it stands, in Keras' order."""
        return self._layout.arrays(self._state, self._optimizer)

    def save(self) -> State:
        """The state itself: its arrays never change."""
        return self._state

    def load(self, saved: State) -> None:
        """Be as it was then."""
        self._state = saved

    def load_weights(self, saved: State) -> None:
        """The weights go back, the optimizer stays where it is."""
        self._state = self._state.with_weights_of(saved)

    def change(self, change: Change) -> None:
        """Take over another learning rate or other weights."""
        if change.learning_rate is not None:
            self._optimizer = replace(self._optimizer, learning_rate=change.learning_rate)
        if change.weights is not None:
            self._state = self._layout.with_weights(self._state, change.weights)

    # --- rows ------------------------------------------------------------------------------------------

    def _batches(self, section: Section, coefficients: Array, keys: Array) -> Batches:
        """The rows of a section in their order, and places for what training fills in."""
        weight = section.weight
        return Batches(
            X=np.empty(0, np.intp),
            order=section.order,
            y=smoothed_targets(self._job.training, target_columns(section.y, self._dtype), self._widths[-1]),
            weight=np.empty(0, self._dtype) if weight is None else weight.astype(self._dtype, copy=False),
            coefficients=coefficients,
            keys=keys,
            outputs=np.empty((len(section.order), self._n_members * self._widths[-1]), self._dtype),
            starts=section.starts,
            penalties=np.empty(len(coefficients)),
        )

    def _update(self, section: Section, batches: Batches) -> None:
        """Make the updates of a section."""
        at_once, most = self._steps_at_once, section.table.rows_at_once
        if most is not None:
            at_once = max(most // max(self._job.training.batch_size, 1), 1)
        for start in range(0, len(batches.starts) - 1, at_once):
            some = batches.of_updates(start, start + at_once)
            rows = section.table.readable(some.order)
            self._updates(some._replace(X=rows.addresses, order=rows.order))

    def _keys_of(self, epoch: int) -> Callable[[int], Array]:
        """Gives the next keys of an epoch, one for each update, of which all its dropout follows.

        A fit that goes on draws what any other would.
        """
        if not self._structure.network.n_random:
            return lambda n_steps: np.zeros(n_steps, np.uint64)
        seed = np.random.SeedSequence([self._dropout_seed, zlib.crc32(b"dropout"), epoch])
        return np.random.SFC64(seed).random_raw

    # --- what is recorded --------------------------------------------------------------------------------

    def _new_means(self) -> RunningMeans:
        n_rows = self._n_rows * self._n_members
        return RunningMeans(self._structure, self._numbers.huber_delta, n_rows, self._metrics)

    def _measure(self, section: Section, batches: Batches, step: int, recorded: list[_Epoch]) -> None:
        """Add the loss, accuracy and the user's metrics of a section to those of its epochs, over all members."""
        n_members = self._n_members
        for index, rows, steps in section.of_epochs:
            y, outputs, epoch = batches.y[rows], batches.outputs[rows], recorded[index]
            weight = batches.weight[rows] if batches.weight.size else None
            given = section.y[rows]
            # Without smoothing these are the targets.
            labels = target_columns(given, self._dtype) if self._is_smoothed else y
            targets = None if self._metrics is None else given
            y, weight, labels, targets = (_repeated(each, n_members) for each in (y, weight, labels, targets))
            values = outputs.reshape(len(outputs) * n_members, -1)
            epoch.means.add(values, y, weight, labels=labels, targets=targets)
            epoch.means.add_penalty(batches.penalties[steps].sum(), n_members)
            if epoch.rate is None:
                epoch.rate = float(self._optimizer.rates(step + (steps.start or 0), 1)[0])

    def _found(self, epoch: _Epoch) -> dict[str, float]:
        values = epoch.means.result()
        if self._metrics is not None:
            values |= self._metrics.result()
        assert epoch.rate is not None
        return {**values, "learning_rate": epoch.rate}

    # --- what machine code changes ---------------------------------------------------------------------

    def _new_vectors(self) -> Vectors:
        n_trained, dtype = self._layout.n_trained, self._dtype
        moments = {name: np.zeros(n_trained, dtype) for name in MOMENTS[self._optimizer.form]}
        none = np.empty(0, dtype)
        return Vectors(
            weights=np.empty(n_trained, dtype),
            moving=np.empty(self._layout.n_moving, dtype),
            m=moments.get("m", none),
            v=moments.get("v", none),
        )

    def _moments(self) -> list[Array]:
        return [getattr(self._vectors, name) for name in MOMENTS[self._optimizer.form]]

    def _load_vectors(self) -> None:
        own = [self._vectors.weights, self._vectors.moving, *self._moments()]
        for vector, given in zip(own, [self._state.weights, self._state.moving, *self._state.moments], strict=True):
            np.copyto(vector, given)

    def _read_vectors(self, iterations: int, u_product: float) -> State:
        moments = [moment.copy() for moment in self._moments()]
        return State(self._vectors.weights.copy(), moments, self._vectors.moving.copy(), iterations, u_product)


def _repeated(array: Array | None, n_members: int) -> Any:
    """Each row for each member."""
    return array if array is None or n_members == 1 else np.repeat(array, n_members, axis=0)
