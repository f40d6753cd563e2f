"""The one entrance: which engine trains, on which device."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any

from ..specs import CustomNetworkSpec, TrainingHistory, TrainingSpec
from ._devices import placed_on
from ._job import Job
from ._result import TrainingResult
from ._trained import TrainedNetwork
from ._way import Engine, choose_engine
from .formulas import resolve_optimizer
from .loop import Course


def train(job: Job, *, engine: str = "auto", device: Any = None) -> TrainingResult:
    """Train a network.

    Parameters
    ----------
    job : Job
    engine : {"auto", "numba", "keras"}
    device : str, sequence of str or None
    """
    with placed_on(device) as placement:
        chosen, reason = choose_engine(engine, job.network, job.training, placement, job.start)
        if chosen == "numba":
            from .machine import train_by_machine_code  # loads Numba

            return train_by_machine_code(job, reason=reason, device=placement.processor)
        from .keras_loop import train_by_keras  # loads TensorFlow, Keras and SciKeras

        return train_by_keras(job, reason=reason, device=placement)


def circumstances(job: Job, *, engine: str = "auto", device: Any = None) -> tuple[Engine, str, Hashable]:
    """What besides a job decides the bits: the engine, the kind of device ("CPU" or "GPU"), Keras' global settings."""
    with placed_on(device) as placement:
        chosen, _ = choose_engine(engine, job.network, job.training, placement, job.start)
        if chosen == "numba":
            return chosen, "CPU", None
        from .models import global_settings

        return chosen, "GPU" if placement.on_gpu else "CPU", global_settings()


def epochs_to_go_on_from(job: Job, *, engine: str, device: Any) -> Iterator[int]:
    """Yield, largest first, the numbers of epochs from which going on has the same bits as training anew."""
    if can_go_on(job, engine=engine, device=device):
        yield from range(job.training.epochs - 1, 0, -1)


def can_go_on(job: Job, *, engine: str, device: Any) -> bool:
    """Whether going on from fewer epochs has the same bits as training anew."""
    training = job.training
    # What looks back over the epochs, and Nadam's product, which Keras keeps in single precision.
    if training.stopping is not None or training.callbacks is not None:
        return False
    chosen, *_ = circumstances(job, engine=engine, device=device)
    return chosen == "numba" and resolve_optimizer(training).name != "nadam"


def continued(before: TrainingResult, after: TrainingResult) -> TrainingResult:
    """Two runs, the second of which went on from the first, as one."""
    after.trained.training = replace(
        after.trained.training, epochs=before.trained.training.epochs + len(after.history.epochs)
    )
    return replace(
        after,
        history=before.history.extended(after.history),
        n_steps=before.n_steps + after.n_steps,
        best_epoch=len(before.history.epochs) + after.best_epoch,
    )


def check_metrics(training: TrainingSpec) -> None:
    """Refuse metrics that cannot be recorded; ``training.taught`` says what they are to measure."""
    if training.metrics is None and "weighted_metrics" not in dict(training.compile_arguments):
        return
    from .models import check_metrics_of  # loads TensorFlow, which metrics need anyway

    check_metrics_of(training)


def untrained(job: Job, *, device: Any = None) -> TrainingResult:
    """What comes of no training: the network with its initial weights."""
    from .models import new_model

    with placed_on(device) as placement, placement.for_tensorflow():
        trained = job.start
        if trained is None:
            model = new_model(job.network, job.training, job.seed)
            trained = TrainedNetwork(job.network, job.training, job.seed, engine="keras", model=model)
    course = Course(history=TrainingHistory(), n_steps=0, best_epoch=0, diverged_epoch=None, interrupted=False)
    return TrainingResult.of(course, trained, reason="Keras has built it; it was not trained.", device=placement.name)


def prepare_custom(
    network: CustomNetworkSpec, training: TrainingSpec, *, seed: int, n_columns: int | None, n_classes: int | None
) -> tuple[TrainedNetwork, str | None]:
    """The user's model with its initial weights, and how it wants its class labels (None for regression).

    ``n_columns`` are those of y as rows; None where only an encoder of the user's knows.
    """
    from .models import check_output_units, new_model, target_form, warn_of_linear_output

    model = new_model(network, training, seed)
    if n_columns is not None:
        check_output_units(model, network, n_columns)
    warn_of_linear_output(model)
    form = None if n_classes is None else target_form(model, network)
    return TrainedNetwork(network, training, seed, engine="keras", model=model), form
