"""Training through compiled programs: the loop over epochs, with what Keras' callbacks would do.

Everything that happens between epochs (row order, validation, early stopping, observers) happens
here, in Python; everything within one happens in a program. Where nothing looks at single epochs,
one call runs several.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ..specs import ArrayData, NetworkSpec, TrainingHistory, TrainingSpec
from ..specs._vocabulary import canonical_name
from ._cost_model import should_compile
from ._fused_activations import ACTIVATIONS
from ._fused_callbacks import Change
from ._fused_dropout import dropout_keys
from ._fused_metrics import EpochMetrics
from ._fused_optimizers import MOMENTS, resolve_optimizer
from ._fused_predict import FusedPredictor
from ._fused_rows import EvaluationRows, TrainingRows, padded_batch_rows, steps_of_a_call
from ._fused_scope import why_not_fused
from ._fused_stopping import EarlyStopper
from ._fused_structure import (
    Numbers,
    closed,
    dropout_rates,
    flatten_weights,
    kernel_mask,
    layer_widths,
    restore_weights,
    training_structure,
    unflatten,
    weight_slots,
)
from ._isolated_program import current_device
from ._program import (
    TrainingArguments,
    build_evaluation_program,
    build_measuring_program,
    build_training_program,
)
from ._program_cache import PROGRAMS
from ._tensorflow import tf

__all__ = ["FusedResult", "train_fused", "why_not_fused"]


@dataclass(frozen=True, eq=False)
class FusedResult:
    """What came of a run of training.

    Attributes
    ----------
    weights, optimizer_variables : list of ndarray
        In the order of ``keras.Model.get_weights`` and ``keras.Optimizer.variables``.
    history : TrainingHistory
    n_steps : int
        Updates of this run.
    best_epoch : int
        Index into the history.
    diverged_epoch : int or None
        The epoch whose loss was not finite, counted from the start of all training.
    interrupted : bool
        Whether Ctrl-C ended it.
    reason : str
        What the cost model chose and why.
    """

    weights: list[np.ndarray]
    optimizer_variables: list[np.ndarray]
    history: TrainingHistory
    n_steps: int
    best_epoch: int
    diverged_epoch: int | None
    interrupted: bool
    reason: str


class State(NamedTuple):
    """A network in training. The tensors never change, so keeping one is keeping the state."""

    weights: Any
    moments: list
    moving: Any
    iterations: int
    u_product: float


def train_fused(
    network: NetworkSpec,
    training: TrainingSpec,
    data: ArrayData,
    validation: ArrayData | None,
    *,
    initial_weights: list[np.ndarray],
    initial_optimizer: list[np.ndarray] | None,
    row_order: Callable[[int], np.ndarray],
    dropout_seed: int,
    first_epoch: int = 0,
    observers=(),
    device: str | None = None,
    compiled: bool | None = None,
    keep_on_host: bool = False,
) -> FusedResult:
    """Train for ``training.epochs`` epochs at most.

    Parameters
    ----------
    initial_weights, initial_optimizer : list of ndarray
        In Keras' order; None for an optimizer that has made no update.
    row_order : callable
        Epoch, counted from the start of all training -> permutation of the rows.
    dropout_seed : int
        All dropout masks are derived from it and from the number of the update.
    first_epoch : int
        Epochs run before.
    observers : sequence
        Objects with ``on_epoch_begin(epoch)``, which may give a `Change`, and
        ``on_epoch_end(epoch, values, snapshot) -> bool``; ``snapshot()`` gives weights and optimizer
        variables.
    device : str or None
        A TensorFlow device; None leaves the choice to TensorFlow or to the ``tf.device`` around.
    compiled : bool or None
        Whether XLA compiles the program; None leaves it to the cost model.
    keep_on_host : bool
        Whether the device gets only the rows of one call at a time.
    """
    with tf.device(device) if device else contextlib.nullcontext():
        run = _Run(network, training, data, validation, row_order, dropout_seed, observers, compiled, keep_on_host)
        return run.train(run.initial_state(initial_weights, initial_optimizer), first_epoch)


class _Run:
    """One run of training: its programs, its data and the numbers that stay the same."""

    def __init__(self, network, training, data, validation, row_order, dropout_seed, observers, compiled, keep_on_host):
        self.network, self.training, self.observers = network, training, observers
        self.metrics = None if training.metrics is None else EpochMetrics(training)
        others = (validation, training.stopping, self.metrics)
        self.watches_epochs = bool(observers) or any(other is not None for other in others)
        self.row_order, self.dropout_seed = row_order, dropout_seed
        self.optimizer = resolve_optimizer(training)
        self.open_structure = training_structure(network, training)
        self.widths = layer_widths(network)
        n_updates = training.steps_per_epoch(data.n_rows) * training.epochs
        self.reason = f"compiled={compiled} was asked for."
        if compiled is None:
            compiled, self.reason = should_compile(
                self.open_structure.network, self.widths, training.batch_size, n_updates
            )
        self.slots = weight_slots(self.open_structure.network, self.widths)
        batch_rows = padded_batch_rows(training.batch_size) if compiled else training.batch_size
        rows_of_an_epoch = data.n_rows if self.watches_epochs else None
        self.call_steps = steps_of_a_call(batch_rows, self.widths[0], rows_of_an_epoch)
        self.structure = self.open_structure
        if compiled:
            self.structure = closed(self.open_structure, self.widths, batch_rows, self.call_steps)
        self.rows = TrainingRows(data, training.batch_size, batch_rows, network.dtype, keep_on_host=keep_on_host)
        self.validation = EvaluationRows(validation, network.dtype) if validation is not None else None
        self._make_constants(batch_rows)
        self._find_programs()

    def _make_constants(self, batch_rows: int) -> None:
        dtype = self.network.dtype
        mask = kernel_mask(self.slots, dtype) if self.structure.kernel_penalty else np.empty(0, dtype)
        self.rates = tf.constant(np.array(dropout_rates(self.network), dtype))
        self.numbers = tf.constant(np.array(Numbers.of(self.network, self.training), dtype))
        self.mask = tf.constant(mask)
        self.widths_tensor = tf.constant(self.widths, tf.int32)
        self.batch_rows = tf.constant(batch_rows, tf.int32)

    def _find_programs(self) -> None:
        kind = "compiled training" if self.structure.compiled else "training"
        self.program = PROGRAMS.get(kind, self.structure, build_training_program, current_device())
        # The optimizer has no say in these two, so fits that differ in nothing else share them.
        measured = replace(self.open_structure, optimizer_form="plain", clipping=None)
        self.measure = PROGRAMS.get("measuring", measured, build_measuring_program)
        if self.validation is not None:
            self.evaluate = PROGRAMS.get("evaluation", measured, build_evaluation_program)

    def initial_state(self, weights: list[np.ndarray], optimizer: list[np.ndarray] | None) -> State:
        dtype = self.network.dtype
        trained, moving = flatten_weights(weights, self.slots, dtype)
        n_moments = len(MOMENTS[self.optimizer.form])
        if optimizer is None:
            initial = np.full_like(trained, self.optimizer.initial_moment)
            moments, iterations, u_product = [initial] * n_moments, 0, 1.0
        else:
            moments, iterations, u_product = self.optimizer.read_variables(optimizer, dtype)
        return State(
            tf.constant(trained), [tf.constant(m) for m in moments], tf.constant(moving), iterations, u_product
        )

    def arrays(self, state: State) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Weights and optimizer variables of a state, in Keras' order."""
        weights = restore_weights(np.asarray(state.weights), np.asarray(state.moving), self.slots)
        shapes = [slot.shape for slot in self.slots if slot.is_trainable]
        moments = [unflatten(np.asarray(moment), shapes) for moment in state.moments]
        return weights, self.optimizer.write_variables(moments, state.iterations, state.u_product, self.network.dtype)

    def train(self, state: State, first_epoch: int) -> FusedResult:
        epochs: list[Mapping[str, float]] = []
        stopper = EarlyStopper(self.training.stopping, self.is_better_higher)
        before, interrupted, diverged_epoch = state.iterations, False, None
        last = first_epoch + self.training.epochs
        at_once = 1 if self.watches_epochs else max(self.call_steps // self.rows.n_steps, 1)
        try:
            for epoch in range(first_epoch, last, at_once):
                for observer in self.observers:
                    state = self.changed(state, observer.on_epoch_begin(epoch))
                new_state, found = self.run_epochs(state, epoch, min(at_once, last - epoch))
                state = new_state
                epochs += found
                diverged_epoch = _first_diverged(found, epoch)
                if diverged_epoch is not None:
                    del epochs[diverged_epoch - first_epoch + 1 :]
                stop = self.ends_epoch(epoch, epochs[-1], state, stopper)
                if stop or diverged_epoch is not None:
                    break
        except KeyboardInterrupt:
            if not epochs:
                raise
            interrupted = True
        best_epoch = len(epochs) - 1
        n_steps = state.iterations - before
        if stopper.best_epoch is not None and not interrupted:
            best_epoch = stopper.best_epoch - first_epoch
            if self.training.stopping.restore_best_weights:
                # As in Keras: the weights go back, the optimizer stays where it is.
                state = state._replace(weights=stopper.best_state.weights, moving=stopper.best_state.moving)
        weights, variables = self.arrays(state)
        history = TrainingHistory(tuple(epochs))
        return FusedResult(weights, variables, history, n_steps, best_epoch, diverged_epoch, interrupted, self.reason)

    def is_better_higher(self, name: str) -> bool:
        """Whether more of a recorded number is better."""
        if name in ("loss", "accuracy"):
            return name == "accuracy"
        direction = None if self.metrics is None else self.metrics.direction(name)
        if direction is None:
            monitor = self.training.stopping.monitor
            raise ValueError(
                f"The 'monitor' parameter is {monitor!r}, but Keras does not know whether more or less of it is "
                f"better. Monitor the loss, or stop by callbacks=[keras.callbacks.EarlyStopping({monitor!r}, "
                "mode='max')]."
            )
        return direction == "up"

    def changed(self, state: State, change: Change | None) -> State:
        """The state with what callbacks have put in its place between two epochs."""
        if change is None:
            return state
        if change.learning_rate is not None:
            self.optimizer = replace(self.optimizer, learning_rate=change.learning_rate)
        if change.weights is None:
            return state
        trained, moving = flatten_weights(change.weights, self.slots, self.network.dtype)
        return state._replace(weights=tf.constant(trained), moving=tf.constant(moving))

    def ends_epoch(self, epoch: int, values: Mapping[str, float], state: State, stopper: EarlyStopper) -> bool:
        """Tell everyone who watches; True if anyone wants to stop."""
        stopping = self.training.stopping
        if stopping is not None and stopping.monitor not in values:
            raise ValueError(
                f"The 'monitor' parameter is {stopping.monitor!r}, but the epochs record only: {', '.join(values)}. "
                "Choose one of these, or add the metric to the 'metrics' parameter."
            )
        answers = [observer.on_epoch_end(epoch, values, lambda: self.arrays(state)) for observer in self.observers]
        return stopper.sees(epoch, values, state) or any(answers)

    def run_epochs(self, state: State, epoch: int, n_epochs: int) -> tuple[State, list[dict]]:
        """Train for some epochs; numbers of each."""
        n_steps = self.rows.n_steps
        first = state.iterations
        positions = np.concatenate([self.rows.positions(self.row_order(epoch + i)) for i in range(n_epochs)])
        measured = []
        for start in range(0, len(positions), self.call_steps):
            piece = positions[start : start + self.call_steps]
            state, found = self.run_call(state, piece)
            measured.append(found[: len(piece)])
        per_epoch = np.concatenate(measured).reshape(n_epochs, n_steps, -1)
        means = np.einsum("esm,s->em", per_epoch, self.rows.rows_of_steps / self.rows.n_rows)
        rates = self.optimizer.rates(first, n_epochs * n_steps)[::n_steps]
        names = ("loss", "accuracy")[: means.shape[1]]
        epochs = []
        for row, rate in zip(means, rates, strict=True):
            values = {name: float(value) for name, value in zip(names, row, strict=True)}
            if self.metrics is not None:
                values |= self.metrics.result()
            if self.validation is not None:
                values |= self.validate(state, names)
            epochs.append({**values, "learning_rate": float(rate)})
        return state, epochs

    def run_call(self, state: State, positions: np.ndarray) -> tuple[State, np.ndarray]:
        """One call of the program: new state, and loss and accuracy of each update."""
        dtype, n_steps = self.network.dtype, len(positions)
        total = self.call_steps if self.structure.compiled else n_steps
        batch = self.rows.gather(positions, total)
        coefficients, u_product = self.optimizer.coefficients(state.iterations, n_steps, state.u_product)
        keys = dropout_keys(self.dropout_seed, state.iterations, total, self.structure.network.n_random)
        arguments = TrainingArguments(
            weights=state.weights,
            moments=state.moments,
            moving=state.moving,
            x=batch.x,
            y=batch.y,
            rows=batch.rows,
            coefficients=tf.constant(_filled(coefficients, total).astype(dtype)),
            keys=tf.constant(keys),
            rates=self.rates,
            numbers=self.numbers,
            mask=self.mask,
            n_steps=tf.constant(n_steps, tf.int32),
            widths=self.widths_tensor,
            batch_rows=self.batch_rows,
        )
        weights, moments, moving, z, penalties = self.program(*arguments)
        if self.metrics is not None:
            self.metrics.update(*self.outputs_of_call(positions, z))
        found = self.measure(z, batch.y, batch.rows, self.numbers, self.batch_rows).numpy()
        if self.structure.has_penalty:
            found[:, 0] += np.asarray(penalties)
        return State(weights, list(moments), moving, state.iterations + n_steps, u_product), found.astype(np.float64)

    def outputs_of_call(self, positions: np.ndarray, z) -> tuple[np.ndarray, Any]:
        """Targets and outputs of the rows of a call, without those that fill it up."""
        is_row = positions.ravel() >= 0
        z = tf.boolean_mask(tf.reshape(z, [-1, z.shape[-1]])[: len(is_row)], is_row)
        activation = ACTIVATIONS[canonical_name(self.network.output_activation)]
        return self.rows.targets(positions.ravel()[is_row]), activation.forward(z, self.network.negative_slope)

    def validate(self, state: State, names: tuple[str, ...]) -> dict[str, float]:
        if self.validation is None:
            return {}
        total: Any = sum(
            self.evaluate(state.weights, state.moving, *piece, self.mask, self.numbers, self.widths_tensor).numpy()
            for piece in self.validation.pieces
        )
        values = {name: float(value) for name, value in zip(names, total, strict=True)}
        if self.metrics is not None:
            weights, _ = self.arrays(state)
            data = self.validation.data
            self.metrics.update(data.y, FusedPredictor(self.network, weights)(data.X))
            values |= self.metrics.result()
        return {f"val_{name}": value for name, value in values.items()}


def _filled(rows: np.ndarray, n_rows: int) -> np.ndarray:
    return np.concatenate([rows, np.zeros((n_rows - len(rows), *rows.shape[1:]))]) if len(rows) < n_rows else rows


def _first_diverged(epochs: list[dict], first: int) -> int | None:
    return next((first + i for i, values in enumerate(epochs) if not math.isfinite(values["loss"])), None)
