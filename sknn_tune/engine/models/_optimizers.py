"""Makes the Keras optimizer of a `TrainingSpec`, with its learning rate or schedule."""

from __future__ import annotations

from ..._accepted import check_accepted
from ..._compat.keras import without_all_reduce
from ..._copies import copy_of
from ...specs import ScheduleSpec, TrainingSpec
from .._tensorflow import keras


def make_optimizer(spec: TrainingSpec) -> keras.optimizers.Optimizer:
    """A new optimizer for one fit. The user's instance is copied, never used itself."""
    if isinstance(spec.optimizer, keras.optimizers.Optimizer):
        optimizer = copy_of(spec.optimizer)
    else:
        optimizer_class = _optimizer_class(spec.optimizer)
        arguments = {"learning_rate": make_learning_rate(spec), **dict(spec.optimizer_arguments)}
        what = f"The optimizer {optimizer_class.__name__}"
        check_accepted(what, optimizer_class, arguments, "optimizer", base=keras.optimizers.Optimizer)
        try:
            optimizer = optimizer_class(**arguments)
        except (TypeError, ValueError) as error:
            raise _cannot_be_made(optimizer_class.__name__, spec, error) from error
    return without_all_reduce(optimizer)


def _cannot_be_made(name: str, spec: TrainingSpec, error: Exception) -> Exception:
    """What an optimizer says of its own settings, with what it was given."""
    given = ", ".join(f"{argument}={value!r}" for argument, value in spec.optimizer_arguments)
    names = " or ".join(repr(argument) for argument, _ in spec.optimizer_arguments) or "learning_rate"
    kind = TypeError if isinstance(error, TypeError) else ValueError
    return kind(
        f"The 'optimizer' parameter is {name}, which cannot be made with {given or 'its defaults'}: "
        f"{str(error).rstrip('.')}. Change {names} (a parameter of that name, or 'optimizer__' before it)."
    )


def make_learning_rate(spec: TrainingSpec) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """The rate itself, or Keras' schedule for it."""
    schedule = spec.schedule
    if schedule is None:
        return spec.learning_rate
    if not isinstance(schedule, ScheduleSpec):
        return copy_of(schedule)
    schedules = keras.optimizers.schedules
    if schedule.kind == "cosine":
        return schedules.CosineDecay(spec.learning_rate, schedule.decay_steps)
    if schedule.kind == "piecewise":
        values = [spec.learning_rate * schedule.decay_rate**i for i in range(len(schedule.boundaries) + 1)]
        return schedules.PiecewiseConstantDecay(list(schedule.boundaries), values)
    kinds = {"inverse_time": schedules.InverseTimeDecay, "exponential": schedules.ExponentialDecay}
    return kinds[schedule.kind](
        spec.learning_rate, schedule.decay_steps, schedule.decay_rate, staircase=schedule.staircase
    )


def n_updates(optimizer: keras.optimizers.Optimizer) -> int:
    """Updates that it has made."""
    return int(keras.ops.convert_to_numpy(optimizer.iterations))


def current_learning_rate(optimizer: keras.optimizers.Optimizer) -> float:
    """The rate that the next update will use."""
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def _optimizer_class(given: str | type[keras.optimizers.Optimizer]) -> type[keras.optimizers.Optimizer]:
    return given if isinstance(given, type) else type(keras.optimizers.get(given))
