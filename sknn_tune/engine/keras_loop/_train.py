"""Keras behind the entrance that all engines have: a job in, a `TrainingResult` out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .._devices import Placement
from .._job import Job, Observer
from .._result import TrainingResult
from .._tensorflow import check_place_of_call
from .._tensorflow_in_child import check_tensorflow_can_compute
from .._trained import TrainedNetwork
from ..loop import Course, KerasCallbacks, run_epochs
from ..models import as_model_takes, carried_over, copy_state, new_model, users_callbacks
from ._memory import release_after_fit
from ._model_fit import train_by_model_fit
from ._runner import KerasRunner
from ._shelf import SHELF, what_is_traced
from ._traced_model import TracedModel
from ._why_model_fit import why_model_fit


def train_by_keras(job: Job, *, reason: str, device: Placement) -> TrainingResult:
    """Train from ``job.start`` (or from initial weights) for ``job.training.epochs`` epochs at most."""
    check_tensorflow_can_compute()
    check_place_of_call()
    with device.for_tensorflow():
        model = _starting_model(job)
        data, validation = (as_model_takes(model, job.network, data) for data in (job.data, job.validation))
        job = replace(job, data=data, validation=validation)
        callbacks = users_callbacks(job.training)
        obstacle = why_model_fit(job, model, callbacks)
        try:
            if obstacle is None:
                how = "The updates run in one compiled function."
                course = _train_in_loop(job, model, callbacks, device.name)
            else:
                how = f"The updates run in keras.Model.fit because {obstacle}."
                course = train_by_model_fit(job, model, callbacks)
        finally:
            release_after_fit()
    trained = TrainedNetwork(job.network, job.training, job.seed, engine="keras", model=model)
    return TrainingResult.of(course, trained, reason=f"{reason} {how}", device=device.name)


def _starting_model(job: Job) -> Any:
    if job.start is None:
        return new_model(job.network, job.training, job.seed)
    old, old_specs = job.start.keras_model(), (job.start.network, job.start.training)
    frozen_anew = job.start.was_frozen_anew
    model = carried_over(old, old_specs, job.network, job.training, job.seed, frozen_anew=frozen_anew)
    if model is old and job.start_stays:
        job.start.without_model(old)
    return model


def _train_in_loop(job: Job, model: Any, users: list, device: str) -> Course:
    """Train ``model``, or another of the same kind in its place, whose steps are traced already."""
    key = what_is_traced(job, model, device)
    if key is None:
        return _course(job, TracedModel(model), users)
    traced = SHELF.take(key) or TracedModel(new_model(job.network, job.training, job.seed))
    copy_state(model, traced.model)
    course = _course(job, traced, users)
    copy_state(traced.model, model)
    SHELF.put_back(key, traced)
    return course


def _course(job: Job, traced: TracedModel, users: list) -> Course:
    runner, model = KerasRunner(job, traced), traced.model
    n_steps = job.training.steps_per_epoch(job.data.n_rows)
    n_epochs = job.first_epoch + job.training.epochs
    callbacks = KerasCallbacks(users, model, epochs=n_epochs, n_steps=n_steps)
    observers: list[Observer] = [callbacks, *job.observers]

    def snapshot() -> TrainedNetwork:
        return TrainedNetwork(job.network, job.training, job.seed, engine="keras", arrays=runner.arrays())

    course = run_epochs(job, runner, observers, snapshot)
    if not course.interrupted:
        callbacks.on_train_end(dict(course.history.epochs[-1]))
    return course
