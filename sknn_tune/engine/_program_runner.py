"""Training by TensorFlow programs, compiled by XLA or run by TensorFlow's executor.

Everything within an epoch happens in a program; where nothing looks at single epochs, one call runs
several.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..specs._vocabulary import canonical_name
from ._fused_activations import ACTIVATIONS
from ._fused_dropout import dropout_keys
from ._fused_optimizers import MOMENTS, resolve_optimizer
from ._fused_rows import EvaluationRows, TrainingRows, padded_batch_rows, steps_of_a_call
from ._fused_state import Job, State
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


class ProgramRunner:
    """One run of training: its programs, its data and the numbers that stay the same.

    Parameters
    ----------
    job : Job
    compiled : bool
        Whether XLA compiles the program for these shapes, or TensorFlow runs one for any.
    watched : bool
        Whether anything looks at single epochs, so that a call must end with each.
    keep_on_host : bool
        Whether the device gets only the rows of one call at a time.
    """

    def __init__(self, job: Job, *, compiled: bool, watched: bool, keep_on_host: bool):
        network, training, data = job.network, job.training, job.data
        self.network, self.metrics = network, job.metrics
        self.row_order, self.dropout_seed = job.row_order, job.dropout_seed
        self.optimizer = resolve_optimizer(training)
        self.structure = self.open_structure = training_structure(network, training)
        self.widths = layer_widths(network)
        self.slots = weight_slots(self.open_structure.network, self.widths)
        batch_rows = padded_batch_rows(training.batch_size) if compiled else training.batch_size
        self.call_steps = steps_of_a_call(batch_rows, self.widths[0], data.n_rows if watched else None)
        if compiled:
            self.structure = closed(self.open_structure, self.widths, batch_rows, self.call_steps)
        self.rows = TrainingRows(data, training.batch_size, batch_rows, network.dtype, keep_on_host=keep_on_host)
        self.epochs_at_once = 1 if watched else max(self.call_steps // self.rows.n_steps, 1)
        self.validation = None if job.validation is None else EvaluationRows(job.validation, network.dtype)
        self._make_constants(batch_rows, Numbers.of(network, training))
        self._find_programs()

    def _make_constants(self, batch_rows: int, numbers: Numbers) -> None:
        dtype = self.network.dtype
        mask = kernel_mask(self.slots, dtype) if self.structure.kernel_penalty else np.empty(0, dtype)
        self.rates = tf.constant(np.array(dropout_rates(self.network), dtype))
        self.numbers = tf.constant(np.array(numbers, dtype))
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
            lists, iterations, u_product = self.optimizer.read_variables(optimizer)
            moments = [np.concatenate([np.asarray(array, dtype).ravel() for array in moment]) for moment in lists]
        return State(
            tf.constant(trained), [tf.constant(m) for m in moments], tf.constant(moving), iterations, u_product
        )

    def arrays(self, state: State) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Weights and optimizer variables of a state, in Keras' order."""
        weights = restore_weights(np.asarray(state.weights), np.asarray(state.moving), self.slots)
        shapes = [slot.shape for slot in self.slots if slot.is_trainable]
        moments = [unflatten(np.asarray(moment), shapes) for moment in state.moments]
        return weights, self.optimizer.write_variables(moments, state.iterations, state.u_product, self.network.dtype)

    def with_weights(self, state: State, weights: list[np.ndarray]) -> State:
        """The state with other weights."""
        trained, moving = flatten_weights(weights, self.slots, self.network.dtype)
        return state._replace(weights=tf.constant(trained), moving=tf.constant(moving))

    def run_epochs(self, state: State, epoch: int, n_epochs: int) -> tuple[State, list[tuple[float, ...]]]:
        """Train for some epochs; loss and accuracy of each."""
        positions = np.concatenate([self.rows.positions(self.row_order(epoch + i)) for i in range(n_epochs)])
        measured = []
        for start in range(0, len(positions), self.call_steps):
            piece = positions[start : start + self.call_steps]
            state, found = self.run_call(state, piece)
            measured.append(found[: len(piece)])
        per_epoch = np.concatenate(measured).reshape(n_epochs, self.rows.n_steps, -1)
        means = np.einsum("esm,s->em", per_epoch, self.rows.rows_of_steps / self.rows.n_rows)
        return state, [tuple(row) for row in means.tolist()]

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
        activation = ACTIVATIONS[canonical_name(str(self.network.output_activation))]
        return self.rows.targets(positions.ravel()[is_row]), activation.forward(z, self.network.negative_slope)

    def validate(self, state: State) -> tuple[float, ...]:
        """Loss and accuracy on the validation rows."""
        assert self.validation is not None
        total: Any = sum(
            self.evaluate(state.weights, state.moving, *piece, self.mask, self.numbers, self.widths_tensor).numpy()
            for piece in self.validation.pieces
        )
        return tuple(total.tolist())


def _filled(rows: np.ndarray, n_rows: int) -> np.ndarray:
    return np.concatenate([rows, np.zeros((n_rows - len(rows), *rows.shape[1:]))]) if len(rows) < n_rows else rows
