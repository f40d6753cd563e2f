"""Machine code behind the entrance that all engines have: a job in, a `TrainingResult` out."""

from __future__ import annotations

from typing import Any

from ...specs import ArrayData, NetworkSpec, StreamData, TrainingSpec
from .._job import Job, Observer
from .._network_arrays import NetworkArrays, check_same_shapes
from .._result import TrainingResult
from .._rows import dense_rows
from .._trained import TrainedNetwork
from ..arrays import Metrics
from ..formulas import rate_as_variable, resolve_optimizer, why_optimizer_needs_keras
from ..loop import run_epochs
from ._blas_threads import one_blas_thread
from ._initial_weights import initial_weights
from ._runner import MachineRunner


def train_by_machine_code(job: Job, *, reason: str, device: str) -> TrainingResult:
    """Train from ``job.start`` (or from initial weights) for ``job.training.epochs`` epochs at most."""
    training, keras_callbacks = job.training, _keras_callbacks(job)
    observers: list[Observer] = [*([] if keras_callbacks is None else [keras_callbacks]), *job.observers]
    metrics = _epoch_metrics(training)
    watched = bool(observers) or any(other is not None for other in (job.validation, training.stopping, metrics))
    runner = MachineRunner(job, _starting_arrays(job), metrics=metrics, watched=watched)

    def trained(arrays: NetworkArrays) -> TrainedNetwork:
        return TrainedNetwork(job.network, training, job.seed, engine="numba", arrays=arrays)

    with one_blas_thread():
        course = run_epochs(job, runner, observers, lambda: trained(runner.arrays()))
    arrays = runner.arrays()
    if keras_callbacks is not None and not course.interrupted:
        weights = keras_callbacks.last_weights(arrays, dict(course.history.epochs[-1]))
        arrays = NetworkArrays(weights, arrays.optimizer, None)
    return TrainingResult.of(course, trained(arrays), reason=reason, device=device)


def _epoch_metrics(training: TrainingSpec) -> Metrics | None:
    if training.metrics is None:
        return None
    from ..models import EpochMetrics  # loads TensorFlow

    return EpochMetrics(training)


def _keras_callbacks(job: Job) -> Any:
    """The user's Keras callbacks with a model of their own to look at, or None."""
    if job.training.callbacks is None:
        return None
    from ..loop import KerasCallbacksOnCopy
    from ..models import new_model, users_callbacks, write_arrays

    callbacks = users_callbacks(job.training)
    if not callbacks:
        return None
    from ..._compat.keras import make_variables_of_compilation

    model = new_model(job.network, job.training, job.seed)
    if job.start is not None:
        write_arrays(model, job.start.arrays)
    # Callbacks ask the model's metrics whether more of them is better; Keras makes these from a first batch.
    make_variables_of_compilation(model, *_first_row(job.data), None)
    n_steps = job.training.steps_per_epoch(job.data.n_rows)
    return KerasCallbacksOnCopy(callbacks, model, epochs=job.first_epoch + job.training.epochs, n_steps=n_steps)


def _first_row(data: ArrayData | StreamData) -> tuple[Any, Any]:
    if isinstance(data, ArrayData):
        return dense_rows(data.X, slice(1)), data.y[:1]
    x, y, _ = next(data.pieces())
    return x[:1], y[:1]


def _starting_arrays(job: Job) -> NetworkArrays:
    """Weights, and the state of the optimizer if it is of the same kind."""
    assert isinstance(job.network, NetworkSpec)
    fresh = initial_weights(job.network, job.seed)
    if job.start is None:
        return NetworkArrays(fresh, None, None)
    arrays = job.start.arrays
    check_same_shapes(arrays.weights, fresh)
    if arrays.optimizer is None or why_optimizer_needs_keras(job.start.training) is not None:
        return NetworkArrays(arrays.weights, None, None)
    old, new = resolve_optimizer(job.start.training), resolve_optimizer(job.training)
    if (old.name, old.form) != (new.name, new.form):  # other momenta, or none: they start from their own
        return NetworkArrays(arrays.weights, None, None)
    leading = [arrays.optimizer[0], rate_as_variable(job.training.learning_rate)]
    optimizer = [*leading[: new.n_leading_variables], *arrays.optimizer[old.n_leading_variables :]]
    return NetworkArrays(arrays.weights, optimizer, None)
