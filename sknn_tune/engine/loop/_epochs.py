"""The loop over epochs, for every runner: validation, early stopping, and who looks on.

Problem: machine code and Keras must agree on all that happens between two epochs, down to which epoch's weights are
restored. Choice: one loop, which knows of a runner no more than the contract in `_job`. Not taken: Keras' own loop for
Keras, of which a callback of ours would have to undo half.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..._nearest import did_you_mean
from ...specs import TrainingHistory, TrainingSpec, comparable_name, is_loss_without_penalty
from .._job import Job, Observer, Runner
from .._trained import TrainedNetwork
from ._stopping import EarlyStopper


@dataclass(frozen=True, eq=False)
class Course:
    """What came of a run of training, but for the network itself, which the runner holds.

    Attributes
    ----------
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

    history: TrainingHistory
    n_steps: int
    best_epoch: int
    diverged_epoch: int | None
    interrupted: bool


def run_epochs(
    job: Job, runner: Runner, observers: Sequence[Observer], snapshot: Callable[[], TrainedNetwork]
) -> Course:
    """Train for ``job.training.epochs`` epochs at most.

    Parameters
    ----------
    observers : sequence of Observer
        Those of the job, and Keras' callbacks.
    snapshot : callable
        Gives the network as it stands.
    """
    loop = _Loop(job, runner, observers, snapshot)
    before, interrupted = runner.n_updates, False
    try:
        loop.run()
    except KeyboardInterrupt:
        if not loop.epochs:
            raise
        interrupted = True
    best_epoch, stopper = len(loop.epochs) - 1, loop.stopper
    n_steps = runner.n_updates - before
    if not interrupted:
        runner.finish()
    if stopper.best_epoch is not None and not interrupted:
        best_epoch = stopper.best_epoch - job.first_epoch
        if stopper.best is not None:
            runner.load_weights(stopper.best)
    history = TrainingHistory(tuple(loop.epochs))
    return Course(history, n_steps, best_epoch, loop.diverged_epoch, interrupted)


class _Loop:
    """One run, epoch by epoch."""

    def __init__(self, job: Job, runner: Runner, observers: Sequence[Observer], snapshot: Callable[[], TrainedNetwork]):
        self.job, self.runner, self.observers, self.snapshot = job, runner, observers, snapshot
        self.epochs: list[dict[str, float]] = []
        self.diverged_epoch: int | None = None
        # Of the runner, not of this loop: a circle would keep the table until Python's collector comes by.
        self.stopper = EarlyStopper(job.training.stopping, functools.partial(_is_better_higher, runner))

    def run(self) -> None:
        last = self.job.first_epoch + self.job.training.epochs
        at_once = self.runner.epochs_at_once
        for epoch in range(self.job.first_epoch, last, at_once):
            for observer in self.observers:
                change = observer.on_epoch_begin(epoch)
                if change is not None:
                    self.runner.change(change)
            found = self.run_some(epoch, min(at_once, last - epoch))
            self.diverged_epoch = _first_diverged(found, epoch)
            if self.diverged_epoch is not None:
                del found[self.diverged_epoch - epoch + 1 :]
            self.epochs += found
            stop = self.ends_epoch(epoch + len(found) - 1, found[-1])
            if stop or self.diverged_epoch is not None:
                return

    def run_some(self, epoch: int, n_epochs: int) -> list[dict[str, float]]:
        """Numbers of some epochs. If something ends them half-way, the network is as it was before."""
        before = self.runner.save()
        try:
            epochs = self.runner.run_epochs(epoch, n_epochs)
            if self.job.validation is not None:
                found = {f"val_{name}": value for name, value in self.runner.validate().items()}
                rate = epochs[-1].pop("learning_rate")
                epochs[-1] |= {**found, "learning_rate": rate}
            epochs[-1] = with_monitored(self.job.training, epochs[-1])
        except BaseException:
            self.runner.load(before)
            raise
        return epochs

    def ends_epoch(self, epoch: int, values: dict[str, float]) -> bool:
        """Tell everyone who looks on; True if anyone wants to stop."""
        check_monitor(self.job.training, values)
        # Each hears of every epoch, whatever another answers.
        answers = [observer.on_epoch_end(epoch, values, self.snapshot) for observer in self.observers]
        return self.stopper.sees(epoch, values, self.runner.save) or any(answers)


def _is_better_higher(runner: Runner, monitor: str) -> bool:
    """Whether more of a recorded number is better."""
    name = monitor.removeprefix("val_")
    if is_loss_without_penalty(name):
        return False
    is_higher = runner.is_better_higher(name)
    if is_higher is None:
        raise ValueError(
            f"The 'monitor' parameter is {monitor!r}, but Keras does not know whether more or less of it is "
            f"better. Monitor the loss, or stop by callbacks=[keras.callbacks.EarlyStopping({monitor!r}, "
            "mode='max')]."
        )
    return is_higher


def with_monitored(training: TrainingSpec, values: dict[str, float]) -> dict[str, float]:
    """The numbers of an epoch, with a loss without penalty that is watched though the network has no penalties."""
    watched = None if training.stopping is None else training.stopping.monitor
    if watched is None or watched in values or comparable_name(values, watched) not in values:
        return values
    return {**values, watched: values[comparable_name(values, watched)]}


def check_monitor(training: TrainingSpec, values: dict[str, float]) -> None:
    """Early stopping needs the number that it watches."""
    if training.stopping is None or training.stopping.monitor in values:
        return
    monitor = training.stopping.monitor
    numbered = next((name for name in values if re.fullmatch(rf"{re.escape(monitor)}_\d+", name)), None)
    raise ValueError(
        f"The 'monitor' parameter is {monitor!r}{did_you_mean(monitor, values)}, but the epochs record only: "
        f"{', '.join(values)}. Choose one of these, or add the metric to the 'metrics' parameter."
        + (
            f" Keras has numbered {numbered!r} because that metric object was made without a name: give it one, "
            f"name={monitor.removeprefix('val_')!r}, or give its class."
            if numbered
            else ""
        )
    )


def _first_diverged(epochs: list[dict[str, float]], first: int) -> int | None:
    """A model with a training step of its own may record no loss."""
    return next((first + i for i, values in enumerate(epochs) if not math.isfinite(values.get("loss", 0.0))), None)
