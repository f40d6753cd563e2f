"""Training by NumPy: nothing to compile, so the cheapest way for most fits of a search on a CPU.

Problem: a search meets a new network with almost every candidate, and compiling its program takes
longer than training it. Choice: the same forward and backward passes as operations of NumPy on
buffers made once, whose products BLAS computes. An update of a small network takes as long as in a
compiled program, give or take a third. Not taken: TensorFlow's operations one by one, which take two
to three times as long each.

Python's lock is the price: of two threads only one gets on, and handing the lock over after every
operation costs more than the other core gains. So threads take turns, an epoch at a time (see
`_blas_threads`). Processes do not meet here. Only an update of a large network is long enough to be shared
by two threads (see `_numpy_halves`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ._blas_threads import in_turn
from ._fused_optimizers import MOMENTS, resolve_optimizer
from ._fused_state import Job, State
from ._fused_structure import (
    Numbers,
    by_kind,
    dropout_rates,
    layer_widths,
    training_structure,
    weight_slots,
)
from ._numpy_batch import BatchNetwork
from ._numpy_dropout import bits_of_epoch
from ._numpy_halves import HalvedBatch, is_worth_halving
from ._numpy_inference import infer
from ._numpy_measure import RunningMeans, target_rows
from ._numpy_optimizers import Step, steps, update
from ._numpy_penalties import KernelPenalty, activity_penalty, clip
from ._numpy_weights import VectorLayout
from ._row_blocks import dense_rows, rows_at_a_time

if TYPE_CHECKING:
    from ._fused_metrics import EpochMetrics

Array = np.ndarray

#: Values that are gathered for a stretch of updates.
_VALUES_AT_ONCE = 1_000_000


class NumpyRunner:
    """One run of training: its buffers, its data and the numbers that stay the same."""

    def __init__(self, job: Job):
        network, training, data = job.network, job.training, job.data
        self.optimizer = resolve_optimizer(training)
        self.epochs_at_once = 1
        self._structure = training_structure(network, training)
        self._job, self._dtype = job, network.dtype
        self._batch_size = training.batch_size
        self._numbers, self._rates = Numbers.of(network, training), dropout_rates(network)
        widths = layer_widths(network)
        self._n_inputs = widths[0]
        self._widths = widths
        self._slots = weight_slots(self._structure.network, widths)
        self._layout = VectorLayout(self._structure.network, widths)
        self._targets = target_rows(data.y, self._structure.loss, self._dtype)
        if job.validation is not None:
            self._validation_targets = target_rows(job.validation.y, self._structure.loss, self._dtype)
        vector = np.zeros(self._layout.size, self._dtype)
        self._weights, self._gradient, self._scratch = vector, vector.copy(), vector.copy()
        self._moving = [np.zeros(slot.shape, self._dtype) for slot in self._slots if not slot.is_trainable]
        self._moments = [vector.copy() for _ in MOMENTS[self.optimizer.form]]
        steps = max(_VALUES_AT_ONCE // (self._n_inputs + 1) // self._batch_size, 1)
        self._rows_at_once = min(steps * self._batch_size, data.n_rows)
        self._rows = np.ones((self._rows_at_once, self._n_inputs + 1), self._dtype)
        self._batches: dict[int, BatchNetwork | HalvedBatch] = {}
        self._shared = False  # whether a second core is free, which may change from epoch to epoch
        self._penalty = None
        if self._structure.kernel_penalty:
            self._penalty = KernelPenalty(self._layout, self._numbers, self._dtype)

    def initial_state(self, weights: list[Array], optimizer: list[Array] | None) -> State:
        """From arrays in Keras' order; None for an optimizer that has made no update."""
        trained, moving = self._by_kind(weights)
        if optimizer is None:
            moments = [np.full_like(trained, self.optimizer.initial_moment) for _ in self._moments]
            return State(trained, moments, moving, 0, 1.0)
        lists, iterations, u_product = self.optimizer.read_variables(optimizer)
        return State(
            trained, [self._layout.pack(moment, self._dtype) for moment in lists], moving, iterations, u_product
        )

    def arrays(self, state: State) -> tuple[list[Array], list[Array]]:
        """Weights and optimizer variables of a state, in Keras' order."""
        trained, moving = iter(self._layout.unpack(state.weights)), iter(state.moving)
        weights = [next(trained) if slot.is_trainable else next(moving).copy() for slot in self._slots]
        moments = [self._layout.unpack(moment) for moment in state.moments]
        return weights, self.optimizer.write_variables(moments, state.iterations, state.u_product, self._dtype)

    def with_weights(self, state: State, weights: list[Array]) -> State:
        """The state with other weights."""
        trained, moving = self._by_kind(weights)
        return state._replace(weights=trained, moving=moving)

    def run_epochs(self, state: State, epoch: int, n_epochs: int) -> tuple[State, list[tuple[float, ...]]]:
        """Train for some epochs; loss and accuracy of each."""
        found = []
        for number in range(epoch, epoch + n_epochs):
            with in_turn() as self._shared, np.errstate(all="ignore"):
                state, values = self._run_epoch(state, number)
            found.append(values)
        return state, found

    def validate(self, state: State) -> tuple[float, ...]:
        """Loss and accuracy on the validation rows."""
        assert self._job.validation is not None
        data, layers = self._job.validation, self._layout.views(state.weights)
        targets = self._validation_targets
        means = self._means(data.n_rows)
        size = rows_at_a_time(data.X)
        with in_turn(), np.errstate(all="ignore"):
            for start in range(0, data.n_rows, size):
                rows = slice(start, start + size)
                x = np.asarray(dense_rows(data.X, rows), self._dtype)
                z, active = infer(self._structure.network, layers, state.moving, x, self._numbers)
                weight = None if data.sample_weight is None else data.sample_weight[rows]
                means.add(z.T, targets[:, rows], weight)
                if self._structure.activity_penalty:
                    means.add_penalty(sum(activity_penalty(each, self._numbers) for each in active), 1)
            if self._penalty is not None:
                means.add_penalty(self._penalty.of(state.weights), data.n_rows)
        return means.result()

    def _by_kind(self, weights: list[Array]) -> tuple[Array, list[Array]]:
        trained, moving = by_kind(weights, self._slots)
        return self._layout.pack(trained, self._dtype), [np.array(array, self._dtype) for array in moving]

    def _means(self, n_rows: int, metrics: EpochMetrics | None = None) -> RunningMeans:
        return RunningMeans(self._structure, self._numbers.huber_delta, n_rows, metrics)

    def _batch_of(self, n_rows: int) -> BatchNetwork | HalvedBatch:
        if n_rows not in self._batches:
            self._batches[n_rows] = self._new_batch(n_rows)
        return self._batches[n_rows]

    def _new_batch(self, n_rows: int) -> BatchNetwork | HalvedBatch:
        def network(gradient: Array, n_own_rows: int) -> BatchNetwork:
            return BatchNetwork(
                self._structure,
                self._layout,
                self._weights,
                gradient,
                self._moving,
                self._numbers,
                self._rates,
                self._n_inputs,
                n_own_rows,
                of_rows=n_rows,
            )

        if not is_worth_halving(self._structure, self._widths, n_rows):
            return network(self._gradient, n_rows)
        return HalvedBatch(network, n_rows, self._gradient, is_shared=lambda: self._shared)

    def _run_epoch(self, state: State, epoch: int) -> tuple[State, tuple[float, ...]]:
        self._load(state)
        n_rows, order = self._job.data.n_rows, self._job.row_order(epoch)
        bits = bits_of_epoch(self._job.dropout_seed, epoch) if self._rates else None
        means = self._means(n_rows, self._job.metrics)
        n_steps = -(-n_rows // self._batch_size)
        coefficients, u_product = self.optimizer.coefficients(state.iterations, n_steps, state.u_product)
        remaining = steps(coefficients, self._dtype)
        for start in range(0, n_rows, self._rows_at_once):
            self._run_rows(order[start : start + self._rows_at_once], remaining, bits, means)
        return self._kept(state.iterations + n_steps, u_product), means.result()

    def _run_rows(self, order: Array, remaining: Iterator[Step], bits, means: RunningMeans) -> None:
        """Updates over some rows, which are gathered together: one by one that would cost as much as a layer."""
        data, structure, form = self._job.data, self._structure, self.optimizer.form
        x, targets = self._rows[: len(order)], self._targets[:, order]
        x[:, :-1] = dense_rows(data.X, order)
        weights = None if data.sample_weight is None else data.sample_weight[order]
        measured = []
        for start in range(0, len(order), self._batch_size):
            rows = slice(start, start + self._batch_size)
            inputs, y, weight = x[rows], targets[:, rows], None if weights is None else weights[rows]
            batch = self._batch_of(len(inputs))
            if bits is not None:
                batch.draw(bits)
            measured.append(batch.gradients(inputs, y, weight))
            if structure.activity_penalty:
                means.add_penalty(batch.activity_penalty, len(inputs))
            if self._penalty is not None:
                means.add_penalty(self._penalty.add(self._weights, self._gradient, self._scratch), len(inputs))
            clip(structure.clipping, self._gradient, self._numbers.clip)
            update(form, self._weights, self._moments, self._gradient, self._scratch, next(remaining))
        z = np.concatenate(measured, axis=1)
        means.add(z, targets, weights, None if self._job.metrics is None else data.y[order])

    def _load(self, state: State) -> None:
        np.copyto(self._weights, state.weights)
        for own, given in zip([*self._moments, *self._moving], [*state.moments, *state.moving], strict=True):
            np.copyto(own, given)

    def _kept(self, iterations: int, u_product: float) -> State:
        moments, moving = ([array.copy() for array in arrays] for arrays in (self._moments, self._moving))
        return State(self._weights.copy(), moments, moving, iterations, u_product)
