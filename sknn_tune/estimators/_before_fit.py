"""What is refused, or warned of, before a fit looks at its rows: parameters that do not go together."""

from __future__ import annotations

import warnings
from collections.abc import Container
from typing import Any

from .resolve import (
    Parameters,
    check_no_stray_arguments,
    check_sharing,
    predict_arguments,
    warn_of_logits,
    warn_of_unused,
)


def check_parameters_together(
    parameters: Parameters, searched: Container[str], *, watches: bool, streams: bool
) -> None:
    """Refuse parameters that no fit can have; warn of those that have no effect, unless a search has set what decides.

    ``watches`` says whether `fit` got ``X_val``, ``streams`` whether X is a dataset of batches.
    """
    check_sharing(parameters)
    warn_of_unused(parameters, searched, watches=watches, streams=streams)
    warn_of_logits(parameters)
    predict_arguments(parameters, parameters.estimator)  # refused now, not after the training
    check_no_stray_arguments(parameters)
    _check_callbacks(parameters["callbacks"], parameters.estimator)


def warn_of_schedule_without_end(parameters: Parameters) -> None:
    """Say that a rate which falls until the last update does so in the first call of partial_fit already."""
    schedule, steps = parameters["learning_rate_schedule"], parameters["decay_steps"]
    is_cosine = isinstance(schedule, str) and schedule == "cosine" and isinstance(steps, str)
    if not is_cosine and not (isinstance(schedule, str) and schedule == "piecewise"):
        return
    instead = "Give decay_steps, the updates of all calls together" if is_cosine else "Give it as a Keras schedule"
    warnings.warn(
        f"The 'learning_rate_schedule' parameter of {parameters.estimator} is {schedule!r}, which falls until the last "
        "update, but which that is partial_fit cannot know: in each call the rate falls as if it were the last. "
        f"{instead}, or take a schedule without an end, 'exponential' or 'inverse_time'.",
        UserWarning,
        stacklevel=5,
    )


def _check_callbacks(callbacks: Any, estimator: str) -> None:
    given = list(callbacks.values()) if isinstance(callbacks, dict) else callbacks
    for callback in given if isinstance(given, list | tuple) else [] if given is None else [given]:
        if hasattr(callback, "on_fit_task_end"):
            raise TypeError(
                f"The 'callbacks' parameter of {estimator} takes Keras callbacks, but "
                f"{type(callback).__name__} is one of scikit-learn's: register it with set_callbacks(...)."
            )
        if isinstance(callback, list | tuple | dict):  # those of an entry, as SciKeras takes them
            _check_callbacks(callback, estimator)
        elif not hasattr(callback, "on_epoch_end"):
            raise TypeError(
                f"The 'callbacks' parameter of {estimator} takes Keras callbacks, as objects or classes, "
                f"but has {callback!r}."
            )
