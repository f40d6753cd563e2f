"""Learning rates that follow a schedule."""

from __future__ import annotations

import numpy as np

from ...specs import ScheduleSpec


def learning_rates(learning_rate: float, schedule: ScheduleSpec | None, steps: np.ndarray) -> np.ndarray:
    """Keras' formulas, for many updates at once. (They are in the docstring of `ScheduleSpec`.)."""
    if schedule is None:
        return np.full(len(steps), learning_rate, np.float64)
    if schedule.kind == "piecewise":
        # A boundary belongs to the stretch before it, as in keras' PiecewiseConstantDecay.
        passed = np.searchsorted(np.asarray(schedule.boundaries), steps, side="left")
        return learning_rate * float(schedule.decay_rate) ** passed
    progress = steps / schedule.decay_steps
    if schedule.kind == "cosine":
        return learning_rate * (1 + np.cos(np.pi * np.minimum(progress, 1.0))) / 2
    if schedule.staircase:
        progress = np.floor(progress)
    if schedule.kind == "exponential":
        return learning_rate * float(schedule.decay_rate) ** progress
    return learning_rate / (1 + schedule.decay_rate * progress)
