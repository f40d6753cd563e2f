"""Training by NumPy: nothing to compile, so the cheapest way for most fits of a search on a CPU.

Problem: a search meets a new network with almost every candidate, and compiling its program takes
longer than training it. Choice: the same forward and backward passes as operations of NumPy on
buffers made once, whose products BLAS computes. An update of a small network takes as long as in a
compiled program, give or take a third. Not taken: TensorFlow's operations one by one, which take two
to three times as long each.

Python's lock is the price: of two threads only one gets on, and handing the lock over after every
operation costs more than the other core gains. So threads take turns, an epoch at a time (see
`_blas_threads`). Processes do not meet here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..specs import ArrayData, NetworkSpec, TrainingSpec
from ._blas_threads import alone_on_one_thread
from ._fused_optimizers import MOMENTS, Coefficients, resolve_optimizer
from ._fused_state import State
from ._fused_structure import Numbers, by_kind, dropout_rates, layer_widths, training_structure, weight_slots
from ._numpy_batch import BatchNetwork
from ._numpy_dropout import bits_of_epoch
from ._numpy_inference import infer, outputs_of
from ._numpy_losses import accuracy_of_rows, loss_of_rows
from ._numpy_optimizers import update
from ._numpy_weights import VectorLayout
from ._row_blocks import dense_rows, rows_at_a_time

if TYPE_CHECKING:
    from ._fused_metrics import EpochMetrics

Array = np.ndarray

#: Values that are gathered for a stretch of updates.
_VALUES_AT_ONCE = 1_000_000


class NumpyRunner:
    """One run of training: its buffers, its data and the numbers that stay the same.

    Parameters
    ----------
    network, training : NetworkSpec, TrainingSpec
    data, validation : ArrayData; validation may be None
    row_order : callable
        Epoch -> permutation of the rows.
    dropout_seed : int
    metrics : EpochMetrics or None
    """

    def __init__(
        self,
        network: NetworkSpec,
        training: TrainingSpec,
        data: ArrayData,
        validation: ArrayData | None,
        row_order: Callable[[int], Array],
        dropout_seed: int,
        metrics: EpochMetrics | None,
    ):
        self.optimizer = resolve_optimizer(training)
        self.epochs_at_once = 1
        self._structure = training_structure(network, training)
        self._data, self._validation, self._metrics = data, validation, metrics
        self._row_order, self._dropout_seed, self._dtype = row_order, dropout_seed, network.dtype
        self._batch_size = training.batch_size
        self._numbers, self._rates = Numbers.of(network, training), dropout_rates(network)
        widths = layer_widths(network)
        self._n_inputs = widths[0]
        self._slots = weight_slots(self._structure.network, widths)
        self._layout = VectorLayout(self._structure.network, widths)
        self._targets = _target_rows(data.y, self._structure.loss, self._dtype)
        vector = np.zeros(self._layout.size, self._dtype)
        self._weights, self._gradient, self._scratch = vector, vector.copy(), vector.copy()
        self._moving = [np.zeros(slot.shape, self._dtype) for slot in self._slots if not slot.is_trainable]
        self._moments = [vector.copy() for _ in MOMENTS[self.optimizer.form]]
        steps = max(_VALUES_AT_ONCE // (self._n_inputs + 1) // self._batch_size, 1)
        self._rows_at_once = min(steps * self._batch_size, data.n_rows)
        self._rows = np.ones((self._rows_at_once, self._n_inputs + 1), self._dtype)
        self._networks: dict[int, BatchNetwork] = {}
        if self._structure.kernel_penalty:
            mask = self._layout.kernel_mask(self._dtype)
            self._l1, self._l2 = mask * mask.dtype.type(network.l1), mask * mask.dtype.type(2 * network.l2)

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
            with alone_on_one_thread(), np.errstate(all="ignore"):
                state, values = self._run_epoch(state, number)
            found.append(values)
        return state, found

    def validate(self, state: State) -> tuple[float, ...]:
        """Loss and accuracy on the validation rows."""
        assert self._validation is not None
        data, layers = self._validation, self._layout.views(state.weights)
        targets = _target_rows(data.y, self._structure.loss, self._dtype)
        means = _Means(self, data.n_rows)
        size = rows_at_a_time(data.X)
        with alone_on_one_thread(), np.errstate(all="ignore"):
            for start in range(0, data.n_rows, size):
                rows = slice(start, start + size)
                x = np.asarray(dense_rows(data.X, rows), self._dtype)
                z, active = infer(self._structure.network, layers, state.moving, x, self._numbers)
                weight = None if data.sample_weight is None else data.sample_weight[rows]
                means.add(z.T, targets[:, rows], weight, None)
                if self._structure.activity_penalty:
                    means.add_penalty(sum(self._activity_penalty(each) for each in active), 1)
            if self._structure.kernel_penalty:
                means.add_penalty(self._kernel_penalty(state.weights), data.n_rows)
        return means.result()

    def _activity_penalty(self, active: Array) -> float:
        numbers = self._numbers
        return float(numbers.activity_l1 * np.abs(active).sum() + numbers.activity_l2 * np.vdot(active, active))

    def _by_kind(self, weights: list[Array]) -> tuple[Array, list[Array]]:
        trained, moving = by_kind(weights, self._slots)
        return self._layout.pack(trained, self._dtype), [np.array(array, self._dtype) for array in moving]

    def _network_of(self, n_rows: int) -> BatchNetwork:
        if n_rows not in self._networks:
            self._networks[n_rows] = BatchNetwork(
                self._structure,
                self._layout,
                self._weights,
                self._gradient,
                self._moving,
                self._numbers,
                self._rates,
                self._n_inputs,
                n_rows,
            )
        return self._networks[n_rows]

    def _run_epoch(self, state: State, epoch: int) -> tuple[State, tuple[float, ...]]:
        self._load(state)
        n_rows, order = self._data.n_rows, self._row_order(epoch)
        bits = bits_of_epoch(self._dropout_seed, epoch) if self._rates else None
        means = _Means(self, n_rows)
        n_steps = -(-n_rows // self._batch_size)
        coefficients, u_product = self.optimizer.coefficients(state.iterations, n_steps, state.u_product)
        remaining = itertools.starmap(Coefficients, coefficients.tolist())
        for start in range(0, n_rows, self._rows_at_once):
            self._run_rows(order[start : start + self._rows_at_once], remaining, bits, means)
        return self._kept(state.iterations + n_steps, u_product), means.result()

    def _run_rows(self, order: Array, coefficients: Iterator[Coefficients], bits, means: _Means) -> None:
        """Updates over some rows, which are gathered together: one by one that would cost as much as a layer."""
        data, structure = self._data, self._structure
        x, targets = self._rows[: len(order)], self._targets[:, order]
        x[:, :-1] = dense_rows(data.X, order)
        weights = None if data.sample_weight is None else data.sample_weight[order]
        measured = []
        for start in range(0, len(order), self._batch_size):
            rows = slice(start, start + self._batch_size)
            inputs, y, weight = x[rows], targets[:, rows], None if weights is None else weights[rows]
            batch = self._network_of(len(inputs))
            measured.append(batch.gradients(inputs, y, weight, bits))
            if structure.activity_penalty:
                means.add_penalty(batch.activity_penalty, len(inputs))
            if structure.kernel_penalty:
                means.add_penalty(self._kernel_penalty(self._weights, self._gradient), len(inputs))
            if structure.clipping:
                self._clip()
            update(
                self.optimizer.form,
                self._weights,
                self._moments,
                self._gradient,
                self._scratch,
                next(coefficients),
            )
        z = np.concatenate(measured, axis=1)
        means.add(z, targets, weights, None if self._metrics is None else data.y[order])

    def _load(self, state: State) -> None:
        np.copyto(self._weights, state.weights)
        for own, given in zip([*self._moments, *self._moving], [*state.moments, *state.moving], strict=True):
            np.copyto(own, given)

    def _kept(self, iterations: int, u_product: float) -> State:
        moments, moving = ([array.copy() for array in arrays] for arrays in (self._moments, self._moving))
        return State(self._weights.copy(), moments, moving, iterations, u_product)

    def _kernel_penalty(self, weights: Array, gradient: Array | None = None) -> float:
        """The penalty on the kernels; its gradient is added to ``gradient``."""
        total = 0.0
        for strength, slope, share in (
            (self._numbers.l2, lambda: np.multiply(weights, self._l2, out=self._scratch), 0.5),
            (self._numbers.l1, lambda: np.multiply(np.sign(weights), self._l1, out=self._scratch), 1.0),
        ):
            if strength:
                slope()
                total += share * float(np.dot(self._scratch, weights))
                if gradient is not None:
                    np.add(gradient, self._scratch, out=gradient)
        return total

    def _clip(self) -> None:
        limit, gradient = self._numbers.clip, self._gradient
        if self._structure.clipping == "norm":
            norm = float(np.sqrt(np.dot(gradient, gradient)))
            if not norm <= limit:
                np.multiply(gradient, limit / norm, out=gradient)
        elif self._structure.clipping == "value":
            np.clip(gradient, -limit, limit, out=gradient)


class _Means:
    """Loss and accuracy over the rows of an epoch."""

    def __init__(self, runner: NumpyRunner, n_rows: int):
        self._runner, self._n_rows = runner, n_rows
        self._sums = np.zeros(1 if runner._structure.accuracy is None else 2)

    def add_penalty(self, penalty: float, n_rows: int) -> None:
        """That of an update of so many rows."""
        self._sums[0] += penalty * n_rows

    def add(self, z: Array, y: Array, weight: Array | None, targets: Array | None) -> None:
        """Weighted sums of the output layer for some rows, and their targets in both forms."""
        structure, metrics = self._runner._structure, self._runner._metrics
        losses = loss_of_rows(structure.loss, y, z, self._runner._numbers.huber_delta)
        if weight is not None:
            losses = losses * weight
        self._sums[0] += losses.sum(dtype=np.float64)
        if structure.accuracy:
            self._sums[1] += accuracy_of_rows(structure.accuracy, y, z).sum(dtype=np.float64)
        if metrics is not None and targets is not None:
            metrics.update(targets, outputs_of(structure.network.output_activation, z.T))

    def result(self) -> tuple[float, ...]:
        """The means."""
        return tuple((self._sums / self._n_rows).tolist())


def _target_rows(y: Array, loss: str, dtype: str) -> Array:
    """Targets as (outputs, rows); class numbers as one row of integers."""
    y = np.asarray(y, np.intp if loss == "sparse_categorical_crossentropy" else dtype)
    return np.ascontiguousarray((y[:, None] if y.ndim == 1 else y).T)
