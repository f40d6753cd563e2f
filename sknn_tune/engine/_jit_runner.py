"""Training by machine code that is compiled once for all networks: the way of nearly all fits on a CPU.

Problem: a search meets a new network with almost every candidate, and compiling a program for it takes longer than
training it. Choice: functions of Numba that read the network from arrays of numbers (see `_jit_update`), with BLAS for
the products; they are compiled once for each installation. An epoch is one call, which releases Python's lock, so
fits in threads do not wait for each other. Not taken: the same operations one by one from Python, by NumPy, which
take two to ten times as long for the networks of a search, and threads that take turns.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from ._fused_optimizers import MOMENTS, resolve_optimizer
from ._fused_state import Job, State
from ._fused_structure import (
    Numbers,
    flatten_weights,
    layer_widths,
    product_operations,
    restore_weights,
    training_structure,
    unflatten,
    weight_slots,
)
from ._jit_updates import Batches, Updates, Vectors
from ._numpy_activations import ACTIVATIONS
from ._numpy_inference import infer
from ._numpy_losses import is_combined
from ._numpy_measure import RunningMeans
from ._row_blocks import dense_rows, rows_at_a_time, target_columns

if TYPE_CHECKING:
    from ._fused_metrics import EpochMetrics

Array = np.ndarray

#: Operations in the products of one call at most, about a tenth of a second, after which Ctrl-C is heard.
_OPERATIONS_AT_ONCE = 10_000_000_000

#: Values that are made dense for one call, where rows cannot be read as they are.
_VALUES_AT_ONCE = 1_000_000


class JitRunner:
    """One run of training: its buffers, its data and the numbers that stay the same."""

    def __init__(self, job: Job):
        network, training, data = job.network, job.training, job.data
        self.optimizer = resolve_optimizer(training)
        self.epochs_at_once = 1
        self._job, self._dtype, self._batch_size = job, network.dtype, training.batch_size
        self._structure = training_structure(network, training)
        widths = layer_widths(network)
        self._widths = widths
        self._slots = weight_slots(self._structure.network, widths)
        self._trained_shapes = [slot.shape for slot in self._slots if slot.is_trainable]
        self._numbers = Numbers.of(network, training)
        self._targets = target_columns(data.y, self._dtype)
        if job.validation is not None:
            self._validation_targets = target_columns(job.validation.y, self._dtype)
        self._has_dropout = self._structure.network.n_random > 0
        self._vectors = self._new_vectors()
        self._updates = Updates(
            network,
            self._structure,
            self._numbers,
            self._vectors,
            min(training.batch_size, data.n_rows),
            is_weighted=data.sample_weight is not None,
        )
        self._reads_rows = _reads(data.X, self._dtype)

    def initial_state(self, weights: list[Array], optimizer: list[Array] | None) -> State:
        """From arrays in Keras' order; None for an optimizer that has made no update."""
        trained, moving = flatten_weights(weights, self._slots, self._dtype)
        n_moments = len(MOMENTS[self.optimizer.form])
        if optimizer is None:
            moments = [np.full_like(trained, self.optimizer.initial_moment) for _ in range(n_moments)]
            return State(trained, moments, moving, 0, 1.0)
        lists, iterations, u_product = self.optimizer.read_variables(optimizer)
        moments = [np.concatenate([np.ravel(array) for array in arrays], dtype=self._dtype) for arrays in lists]
        return State(trained, moments, moving, iterations, u_product)

    def arrays(self, state: State) -> tuple[list[Array], list[Array]]:
        """Weights and optimizer variables of a state, in Keras' order."""
        moments = [unflatten(moment, self._trained_shapes) for moment in state.moments]
        variables = self.optimizer.write_variables(moments, state.iterations, state.u_product, self._dtype)
        return restore_weights(state.weights, state.moving, self._slots), variables

    def with_weights(self, state: State, weights: list[Array]) -> State:
        """The state with other weights."""
        trained, moving = flatten_weights(weights, self._slots, self._dtype)
        return state._replace(weights=trained, moving=moving)

    def run_epochs(self, state: State, epoch: int, n_epochs: int) -> tuple[State, list[tuple[float, ...]]]:
        """Train for some epochs; loss and accuracy of each."""
        found = []
        for number in range(epoch, epoch + n_epochs):
            with np.errstate(all="ignore"):
                state, values = self._run_epoch(state, number)
            found.append(values)
        return state, found

    def validate(self, state: State) -> tuple[float, ...]:
        """Loss and accuracy on the validation rows."""
        assert self._job.validation is not None
        data, structure = self._job.validation, self._structure
        weights = restore_weights(state.weights, state.moving, self._slots)
        targets = self._validation_targets
        means = self._means(data.n_rows)
        size = rows_at_a_time(data.X)
        with np.errstate(all="ignore"):
            for start in range(0, data.n_rows, size):
                rows = slice(start, start + size)
                x = np.asarray(dense_rows(data.X, rows), self._dtype)
                z, active = infer(structure.network, weights, x, self._numbers)
                if not is_combined(structure.loss, structure.network.output_activation):
                    z = ACTIVATIONS[structure.network.output_activation](z, self._numbers.negative_slope)
                means.add(z, targets[rows], None if data.sample_weight is None else data.sample_weight[rows])
                if structure.activity_penalty:
                    means.add_penalty(sum(self._activity_penalty(each) for each in active))
            if structure.kernel_penalty:
                means.add_penalty(self._kernel_penalty(weights), data.n_rows)
        return means.result()

    def _activity_penalty(self, active: Array) -> float:
        return float(
            self._numbers.activity_l1 * np.abs(active).sum() + self._numbers.activity_l2 * np.vdot(active, active)
        )

    def _kernel_penalty(self, weights: list[Array]) -> float:
        kernels = [array for array, slot in zip(weights, self._slots, strict=True) if slot.role == "kernel"]
        return float(sum(self._numbers.l1 * np.abs(k).sum() + self._numbers.l2 * np.vdot(k, k) for k in kernels))

    def _means(self, n_rows: int, metrics: EpochMetrics | None = None) -> RunningMeans:
        return RunningMeans(self._structure, self._numbers.huber_delta, n_rows, metrics)

    def _run_epoch(self, state: State, epoch: int) -> tuple[State, tuple[float, ...]]:
        self._load(state)
        data, order = self._job.data, self._job.row_order(epoch)
        n_steps = -(-data.n_rows // self._batch_size)
        coefficients, u_product = self.optimizer.coefficients(state.iterations, n_steps, state.u_product)
        coefficients = coefficients.astype(self._dtype)
        keys = self._keys(epoch, n_steps)
        weight = np.empty(0, self._dtype)
        if data.sample_weight is not None:
            weight = data.sample_weight[order].astype(self._dtype, copy=False)
        targets = self._targets[order]
        outputs = np.empty((data.n_rows, self._widths[-1]), self._dtype)
        penalties, steps_at_once = 0.0, self._steps_at_once()
        for start in range(0, n_steps, steps_at_once):
            steps = slice(start, start + steps_at_once)
            rows = slice(start * self._batch_size, (start + steps_at_once) * self._batch_size)
            X, own = data.X, order[rows]
            if not self._reads_rows:
                X, own = np.ascontiguousarray(dense_rows(X, own), self._dtype), np.arange(len(own))
            batches = Batches(X, own, targets[rows], weight[rows], coefficients[steps], keys[steps], outputs[rows])
            penalties += self._updates(batches)
        means = self._means(data.n_rows, self._job.metrics)
        means.add(outputs, targets, weight if weight.size else None, self._users_targets(order))
        means.add_penalty(penalties)
        return self._kept(state.iterations + n_steps, u_product), means.result()

    def _users_targets(self, order: Array) -> Array | None:
        return None if self._job.metrics is None else self._job.data.y[order]

    def _steps_at_once(self) -> int:
        steps = _OPERATIONS_AT_ONCE // product_operations(self._widths, self._batch_size)
        if not self._reads_rows:
            steps = min(steps, _VALUES_AT_ONCE // (self._widths[0] * self._batch_size))
        return max(steps, 1)

    def _keys(self, epoch: int, n_steps: int) -> Array:
        """One for each update, of which all its dropout follows: a fit that goes on draws what any other would."""
        if not self._has_dropout:
            return np.zeros(n_steps, np.uint64)
        seed = np.random.SeedSequence([self._job.dropout_seed, zlib.crc32(b"dropout"), epoch])
        return np.random.SFC64(seed).random_raw(n_steps)

    def _new_vectors(self) -> Vectors:
        sizes = {True: 0, False: 0}
        for slot in self._slots:
            sizes[slot.is_trainable] += slot.size
        moments = {name: np.zeros(sizes[True], self._dtype) for name in MOMENTS[self.optimizer.form]}
        none = np.empty(0, self._dtype)
        return Vectors(
            weights=np.empty(sizes[True], self._dtype),
            moving=np.empty(sizes[False], self._dtype),
            m=moments.get("m", none),
            v=moments.get("v", none),
        )

    def _moments(self) -> list[Array]:
        return [getattr(self._vectors, name) for name in MOMENTS[self.optimizer.form]]

    def _load(self, state: State) -> None:
        own = [self._vectors.weights, self._vectors.moving, *self._moments()]
        for vector, given in zip(own, [state.weights, state.moving, *state.moments], strict=True):
            np.copyto(vector, given)

    def _kept(self, iterations: int, u_product: float) -> State:
        moments = [moment.copy() for moment in self._moments()]
        return State(self._vectors.weights.copy(), moments, self._vectors.moving.copy(), iterations, u_product)


def _reads(X, dtype: str) -> bool:
    """Whether machine code reads the rows as they are."""
    return isinstance(X, np.ndarray) and X.dtype == dtype and X.flags.c_contiguous and X.flags.aligned
