"""The loop over epochs of the fused engine, with what Keras' callbacks would do.

Everything that happens between epochs (validation, early stopping, observers) happens here; what
happens within one is the business of a runner, of which there are two: `_jit_runner.py` trains by machine
code, `_program_runner.py` by TensorFlow programs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..specs import ArrayData, NetworkSpec, TrainingHistory, TrainingSpec
from ._blas_threads import one_blas_thread
from ._cost_model import Way
from ._fused_predict import fused_predictor
from ._fused_state import Job, State
from ._fused_stopping import EarlyStopper

if TYPE_CHECKING:
    from ._fused_callbacks import Change


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
    """

    weights: list[np.ndarray]
    optimizer_variables: list[np.ndarray]
    history: TrainingHistory
    n_steps: int
    best_epoch: int
    diverged_epoch: int | None
    interrupted: bool


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
    way: Way,
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
        All dropout masks are derived from it and from the number of the update or epoch.
    first_epoch : int
        Epochs run before.
    observers : sequence
        Objects with ``on_epoch_begin(epoch)``, which may give a `Change`, and
        ``on_epoch_end(epoch, values, snapshot) -> bool``; ``snapshot()`` gives weights and optimizer
        variables.
    way : {"numba", "compiled", "graph"}
        What runs the updates; TensorFlow's ways do so on the device of the ``tf.device`` around.
    keep_on_host : bool
        Whether the device gets only the rows of one call at a time.
    """
    metrics = _epoch_metrics(training)
    job = Job(network, training, data, validation, row_order, dropout_seed, metrics)
    watched = bool(observers) or any(other is not None for other in (validation, training.stopping, metrics))
    if way == "numba":
        from ._jit_runner import JitRunner

        runner: Any = JitRunner(job, watched)
    else:
        from ._program_runner import ProgramRunner

        compiled = way == "compiled"
        runner = ProgramRunner(job, compiled=compiled, watched=watched, keep_on_host=keep_on_host)
    run = _Run(network, training, validation, runner, observers, metrics)
    with one_blas_thread() if way == "numba" else nullcontext():
        return run.train(runner.initial_state(initial_weights, initial_optimizer), first_epoch)


def _epoch_metrics(training: TrainingSpec):
    if training.metrics is None:
        return None
    from ._fused_metrics import EpochMetrics

    return EpochMetrics(training)


class _Run:
    """One run of training, epoch by epoch."""

    def __init__(self, network, training, validation, runner, observers, metrics):
        self.network, self.training, self.validation = network, training, validation
        self.runner, self.observers, self.metrics = runner, observers, metrics

    def train(self, state: State, first_epoch: int) -> FusedResult:
        epochs: list[Mapping[str, float]] = []
        stopper = EarlyStopper(self.training.stopping, self.is_better_higher)
        before, interrupted, diverged_epoch = state.iterations, False, None
        last = first_epoch + self.training.epochs
        at_once = self.runner.epochs_at_once
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
                state = state.with_weights_of(stopper.best_state)
        weights, variables = self.runner.arrays(state)
        history = TrainingHistory(tuple(epochs))
        return FusedResult(weights, variables, history, n_steps, best_epoch, diverged_epoch, interrupted)

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
            self.runner.optimizer = replace(self.runner.optimizer, learning_rate=change.learning_rate)
        return state if change.weights is None else self.runner.with_weights(state, change.weights)

    def ends_epoch(self, epoch: int, values: Mapping[str, float], state: State, stopper: EarlyStopper) -> bool:
        """Tell everyone who watches; True if anyone wants to stop."""
        stopping = self.training.stopping
        if stopping is not None and stopping.monitor not in values:
            raise ValueError(
                f"The 'monitor' parameter is {stopping.monitor!r}, but the epochs record only: {', '.join(values)}. "
                "Choose one of these, or add the metric to the 'metrics' parameter."
            )
        answers = [
            observer.on_epoch_end(epoch, values, lambda: self.runner.arrays(state)) for observer in self.observers
        ]
        return stopper.sees(epoch, values, state) or any(answers)

    def run_epochs(self, state: State, epoch: int, n_epochs: int) -> tuple[State, list[dict]]:
        """Train for some epochs; numbers of each."""
        first = state.iterations
        state, found = self.runner.run_epochs(state, epoch, n_epochs)
        rates = self.runner.optimizer.rates(first, state.iterations - first)
        rates = rates[:: (state.iterations - first) // n_epochs]
        names = ("loss", "accuracy")[: len(found[0])]
        epochs = []
        for row, rate in zip(found, rates, strict=True):
            values = dict(zip(names, row, strict=True))
            if self.metrics is not None:
                values |= self.metrics.result()
            if self.validation is not None:
                values |= self.validate(state, names)
            epochs.append({**values, "learning_rate": float(rate)})
        return state, epochs

    def validate(self, state: State, names: tuple[str, ...]) -> dict[str, float]:
        """Numbers on the validation rows."""
        values = dict(zip(names, self.runner.validate(state), strict=True))
        if self.metrics is not None and self.validation is not None:
            weights, _ = self.runner.arrays(state)
            self.metrics.update(self.validation.y, fused_predictor(self.network, weights)(self.validation.X))
            values |= self.metrics.result()
        return {f"val_{name}": value for name, value in values.items()}


def _first_diverged(epochs: list[dict], first: int) -> int | None:
    return next((first + i for i, values in enumerate(epochs) if not math.isfinite(values["loss"])), None)
