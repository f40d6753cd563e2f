"""Training by machine code that is compiled once for all networks: the way of nearly all fits on a CPU.

Problem: a search meets a new network with almost every candidate, and compiling a program for it takes longer than
training it. Choice: functions of Numba that read the network from arrays of numbers (see `_gradients`), with BLAS for
the products; they are compiled once for each installation. An epoch is one call, which releases Python's lock, so
fits in threads do not wait for each other. Not taken: the same operations one by one from Python, by NumPy, which
take two to ten times as long for the networks of a search, and threads that take turns.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import numpy as np

from ...specs import ArrayData, ChosenRows, NetworkSpec
from .._job import Change, Job
from .._network_arrays import NetworkArrays
from .._rows import dense_rows, target_columns
from .._seeding import derived_seed
from ..arrays import Metrics, RunningMeans
from ..formulas import (
    MOMENTS,
    Numbers,
    layer_widths,
    product_operations,
    resolve_optimizer,
    smoothed_targets,
    training_structure,
)
from ._state import Layout, State
from ._updates import Batches, Updates, Vectors
from ._validation import Validation

Array = np.ndarray

#: Operations in the products of one call at most, about a tenth of a second, after which Ctrl-C is heard.
_OPERATIONS_AT_ONCE = 10_000_000_000

#: Rows in the epochs of one call at most, whose outputs are kept until their loss is worked out.
_ROWS_AT_ONCE = 200_000

#: Values that are made dense for one call, where rows cannot be read as they are.
_VALUES_AT_ONCE = 1_000_000


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
        network, training, data = job.network, job.training, job.data
        assert isinstance(network, NetworkSpec) and isinstance(data, ArrayData)
        self._job, self._data, self._metrics = job, data, metrics
        self._dtype, self._batch_size, self._widths = network.dtype, training.batch_size, layer_widths(network)
        self._optimizer = resolve_optimizer(training)
        self._layout = Layout(network, training)
        self._state = self._layout.state(start, self._optimizer)
        self._structure = training_structure(network, training)
        self._n_members = network.n_members
        self._numbers = Numbers.of(network, training)
        self._labels = target_columns(data.y, self._dtype)
        self._targets = smoothed_targets(training, self._labels, self._widths[-1])
        self._dropout_seed = derived_seed(job.seed, "dropout")
        self._vectors = self._new_vectors()
        parts = network, self._structure, self._numbers
        is_weighted = data.sample_weight is not None
        batch_rows = min(training.batch_size, data.n_rows)
        self._updates = Updates(*parts, self._vectors, batch_rows, is_weighted=is_weighted)
        if job.validation is not None:
            assert isinstance(job.validation, ArrayData)
            self._validation = Validation(training, *parts, self._layout.slots, job.validation, metrics)
        self._divide_work(watched)

    def _divide_work(self, watched: bool) -> None:
        """How many updates and epochs are run in one call."""
        n_rows, training = self._data.n_rows, self._job.training
        self._reads_rows = _reads(_table(self._data.X), self._dtype)
        self._steps_of_an_epoch = training.steps_per_epoch(n_rows)
        operations = product_operations(self._widths, self._batch_size * self._n_members)
        self._steps_at_once = max(_OPERATIONS_AT_ONCE // operations, 1)
        self.epochs_at_once = 1
        if not watched:
            most = min(self._steps_at_once // self._steps_of_an_epoch, _ROWS_AT_ONCE // (n_rows * self._n_members))
            self.epochs_at_once = max(min(most, training.epochs), 1)
        if not self._reads_rows:
            self._steps_at_once = max(_VALUES_AT_ONCE // (self._widths[0] * self._batch_size), 1)

    # --- the contract with the loop ------------------------------------------------------------------

    @property
    def n_updates(self) -> int:
        """Updates made in all training."""
        return self._state.iterations

    def run_epochs(self, epoch: int, n_epochs: int) -> list[dict[str, float]]:
        """Train for some epochs; what each records."""
        first, n_steps = self._state.iterations, self._steps_of_an_epoch * n_epochs
        coefficients, u_product = self._optimizer.coefficients(first, n_steps, self._state.u_product)
        order = np.concatenate([self._job.row_order(each) for each in range(epoch, epoch + n_epochs)])
        with np.errstate(over="ignore"):  # of rates that grow without end; where that leads is said as divergence
            coefficients = coefficients.astype(self._dtype)
        rows = self._batches(order, range(epoch, epoch + n_epochs), coefficients)
        self._load_vectors()
        for start in range(0, n_steps, self._steps_at_once):
            self._updates(self._readable(rows.of_updates(start, start + self._steps_at_once)))
        self._state = self._read_vectors(first + n_steps, u_product)
        rates = self._optimizer.rates(first, n_steps)[:: self._steps_of_an_epoch]
        with np.errstate(all="ignore"):
            return [
                {**self._measured(rows, order, index), "learning_rate": float(rate)} for index, rate in enumerate(rates)
            ]

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

    def _batches(self, order: Array, epochs: range, coefficients: Array) -> Batches:
        """The rows of some epochs in their order, and places for what training fills in."""
        data = self._data
        weight = data.sample_weight
        return Batches(
            X=_table(data.X),
            order=data.X.numbers[order] if isinstance(data.X, ChosenRows) else order,
            y=self._targets[order],
            weight=np.empty(0, self._dtype) if weight is None else weight[order].astype(self._dtype, copy=False),
            coefficients=coefficients,
            keys=np.concatenate([self._keys(epoch) for epoch in epochs]),
            outputs=np.empty((len(order), self._n_members * self._widths[-1]), self._dtype),
            starts=self._starts(len(epochs)),
            penalties=np.empty(len(coefficients)),
        )

    def _starts(self, n_epochs: int) -> Array:
        """The first row of each update, and the end; an epoch ends with what is left of its rows."""
        n_rows = self._data.n_rows
        within = np.arange(self._steps_of_an_epoch) * self._batch_size
        return np.append((np.arange(n_epochs)[:, None] * n_rows + within).ravel(), n_epochs * n_rows)

    def _readable(self, batches: Batches) -> Batches:
        """With rows that machine code reads as they are."""
        if self._reads_rows:
            return batches
        X = np.ascontiguousarray(dense_rows(batches.X, batches.order), self._dtype)
        return batches._replace(X=X, order=np.arange(len(X)))

    def _keys(self, epoch: int) -> Array:
        """One for each update, of which all its dropout follows: a fit that goes on draws what any other would."""
        if not self._structure.network.n_random:
            return np.zeros(self._steps_of_an_epoch, np.uint64)
        seed = np.random.SeedSequence([self._dropout_seed, zlib.crc32(b"dropout"), epoch])
        return np.random.SFC64(seed).random_raw(self._steps_of_an_epoch)

    def _measured(self, rows: Batches, order: Array, index: int) -> dict[str, float]:
        """Loss, accuracy and the user's metrics of one of the epochs, over the rows of every member."""
        n_rows, n_steps, n_members = self._data.n_rows, self._steps_of_an_epoch, self._n_members
        own, steps = (slice(index * n, (index + 1) * n) for n in (n_rows, n_steps))
        means = RunningMeans(self._structure, self._numbers.huber_delta, n_rows * n_members, self._metrics)
        y, order = rows.y[own], order[own]
        weight = rows.weight[own] if rows.weight.size else None
        labels = y if self._targets is self._labels else self._labels[order]
        targets = None if self._metrics is None else self._data.y[order]
        y, weight, labels, targets = (_repeated(each, n_members) for each in (y, weight, labels, targets))
        means.add(rows.outputs[own].reshape(n_rows * n_members, -1), y, weight, labels=labels, targets=targets)
        means.add_penalty(rows.penalties[steps].sum(), n_members)
        values = means.result()
        return values if self._metrics is None else values | self._metrics.result()

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


def _table(X: Any) -> Any:
    """What rows are taken from."""
    return X.table if isinstance(X, ChosenRows) else X


def _reads(X: Any, dtype: str) -> bool:
    """Whether machine code reads the rows as they are."""
    return isinstance(X, np.ndarray) and X.dtype == dtype and X.flags.c_contiguous and X.flags.aligned


def _repeated(array: Array | None, n_members: int) -> Any:
    """Each row for each member."""
    return array if array is None or n_members == 1 else np.repeat(array, n_members, axis=0)
