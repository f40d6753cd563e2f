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

#: Rows in the epochs of one call at most, whose outputs are kept until their loss is worked out.
_ROWS_AT_ONCE = 200_000

#: Values that are made dense for one call, where rows cannot be read as they are.
_VALUES_AT_ONCE = 1_000_000


class JitRunner:
    """One run of training: its buffers, its data and the numbers that stay the same.

    Parameters
    ----------
    job : Job
    watched : bool
        Whether anyone looks on after each epoch; if not, short epochs are run together.
    """

    def __init__(self, job: Job, watched: bool):
        network, training, data = job.network, job.training, job.data
        self.optimizer = resolve_optimizer(training)
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
        self._steps_of_an_epoch = training.steps_per_epoch(data.n_rows)
        operations = product_operations(widths, self._batch_size)
        self._steps_at_once = max(_OPERATIONS_AT_ONCE // operations, 1)
        self.epochs_at_once = 1
        if not watched:
            most = min(self._steps_at_once // self._steps_of_an_epoch, _ROWS_AT_ONCE // data.n_rows)
            self.epochs_at_once = max(min(most, training.epochs), 1)
        if not self._reads_rows:
            self._steps_at_once = max(_VALUES_AT_ONCE // (widths[0] * self._batch_size), 1)

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
        self._load(state)
        data, n_steps = self._job.data, self._steps_of_an_epoch
        numbers = range(epoch, epoch + n_epochs)
        order = np.concatenate([self._job.row_order(number) for number in numbers])
        coefficients, u_product = self.optimizer.coefficients(state.iterations, n_steps * n_epochs, state.u_product)
        none = np.empty(0, self._dtype)
        rows = Batches(
            X=data.X,
            order=order,
            y=self._targets[order],
            weight=none if data.sample_weight is None else data.sample_weight[order].astype(self._dtype, copy=False),
            coefficients=coefficients.astype(self._dtype),
            keys=np.concatenate([self._keys(number) for number in numbers]),
            outputs=np.empty((len(order), self._widths[-1]), self._dtype),
            starts=self._starts(n_epochs),
            penalties=np.empty(n_steps * n_epochs),
        )
        for start in range(0, len(rows.keys), self._steps_at_once):
            self._updates(self._readable(rows.of_updates(start, start + self._steps_at_once)))
        with np.errstate(all="ignore"):
            found = [self._measured(rows, i) for i in range(n_epochs)]
        return self._kept(state.iterations + n_steps * n_epochs, u_product), found

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

    def _starts(self, n_epochs: int) -> Array:
        """The first row of each update, and the end; an epoch ends with what is left of its rows."""
        n_rows = self._job.data.n_rows
        within = np.arange(self._steps_of_an_epoch) * self._batch_size
        return np.append((np.arange(n_epochs)[:, None] * n_rows + within).ravel(), n_epochs * n_rows)

    def _readable(self, batches: Batches) -> Batches:
        """With rows that machine code reads as they are."""
        if self._reads_rows:
            return batches
        X = np.ascontiguousarray(dense_rows(batches.X, batches.order), self._dtype)
        return batches._replace(X=X, order=np.arange(len(X)))

    def _measured(self, rows: Batches, index: int) -> tuple[float, ...]:
        """Loss and accuracy of one of the epochs."""
        n_rows, n_steps = self._job.data.n_rows, self._steps_of_an_epoch
        own, steps = (slice(index * n, (index + 1) * n) for n in (n_rows, n_steps))
        means = self._means(n_rows, self._job.metrics)
        users_targets = None if self._job.metrics is None else self._job.data.y[rows.order[own]]
        means.add(rows.outputs[own], rows.y[own], rows.weight[own] if rows.weight.size else None, users_targets)
        means.add_penalty(rows.penalties[steps].sum())
        return means.result()

    def _keys(self, epoch: int) -> Array:
        """One for each update, of which all its dropout follows: a fit that goes on draws what any other would."""
        if not self._has_dropout:
            return np.zeros(self._steps_of_an_epoch, np.uint64)
        seed = np.random.SeedSequence([self._job.dropout_seed, zlib.crc32(b"dropout"), epoch])
        return np.random.SFC64(seed).random_raw(self._steps_of_an_epoch)

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
