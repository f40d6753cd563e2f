"""Training through ``keras.Model.fit``: the reference for all numbers, and the way of what only it can do."""

from __future__ import annotations

from typing import Any

from ...specs import TrainingHistory, TrainingSpec, is_loss_without_penalty
from .._job import Job
from .._tensorflow import keras
from .._trained import TrainedNetwork
from ..loop import Course
from ..models import loss_without_penalty, n_updates, read_arrays, write_arrays
from ._batches import training_batches, validation_batches
from ._recorder import LossesWithoutPenalty, Recorder


def train_by_model_fit(job: Job, model: Any, callbacks: list) -> Course:
    """Train ``model`` for ``job.training.epochs`` epochs at most, with the user's callbacks."""

    def snapshot() -> TrainedNetwork:
        return TrainedNetwork(job.network, job.training, job.seed, engine="keras", arrays=read_arrays(model))

    recorder = Recorder(job.training, job.observers, snapshot)
    early_stopping = _early_stopping(job.training)
    before, interrupted = n_updates(model.optimizer), False
    try:
        alone = LossesWithoutPenalty(loss_without_penalty(model))
        _fit(job, model, [alone, *callbacks, recorder, *early_stopping])
    except KeyboardInterrupt:
        if recorder.last_snapshot is None:
            raise
        write_arrays(model, recorder.last_snapshot.arrays)
        interrupted = True
    return Course(
        history=TrainingHistory(tuple(recorder.epochs)),
        n_steps=n_updates(model.optimizer) - before,
        best_epoch=_best_epoch(early_stopping, recorder, job.first_epoch, interrupted),
        diverged_epoch=recorder.diverged_epoch,
        interrupted=interrupted,
    )


def _fit(job: Job, model: Any, callbacks: list) -> None:
    training = job.training
    arguments = dict(training.fit_arguments)
    validation_batch_size = arguments.pop("validation_batch_size", None)
    if validation_batch_size == -1 and job.validation is not None:
        validation_batch_size = job.validation.n_rows
    model.fit(
        training_batches(job),
        validation_data=None if job.validation is None else validation_batches(job.validation, validation_batch_size),
        initial_epoch=job.first_epoch,
        epochs=job.first_epoch + training.epochs,
        callbacks=callbacks,
        shuffle=False,  # `training_batches` has done it, without a global seed
        verbose=0,
        **arguments,
    )


def _early_stopping(training: TrainingSpec) -> list:
    stopping = training.stopping
    if stopping is None:
        return []
    return [
        keras.callbacks.EarlyStopping(
            monitor=stopping.monitor,
            mode="min" if is_loss_without_penalty(stopping.monitor) else "auto",
            patience=stopping.patience,
            min_delta=stopping.min_delta,
            restore_best_weights=stopping.restore_best_weights,
        )
    ]


def _best_epoch(early_stopping: list, recorder: Recorder, first_epoch: int, interrupted: bool) -> int:
    """Index within this run."""
    last = len(recorder.epochs) - 1
    if not early_stopping or interrupted or early_stopping[0].best is None:
        return last
    return early_stopping[0].best_epoch - first_epoch
