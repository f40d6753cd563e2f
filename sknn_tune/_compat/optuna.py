"""Optuna: what of it is known by more than its public names. Nothing of it is imported here."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def queued_params(trial: Any) -> dict[str, Any]:
    """The parameters with which ``Study.enqueue_trial`` has made this stored trial; empty if it was not queued.

    Kept as ``system_attrs["fixed_params"]``, from Optuna 4.0 to 5.0. If that is gone, a candidate that was queued by
    hand and killed before it had any parameters is not evaluated.
    """
    return trial.system_attrs.get("fixed_params", {})


def go_on_with(optuna: ModuleType, study: Any, trial: Any) -> Any:
    """The running trial behind a stored one, to ask it for the parameters that it does not have yet.

    ``Study.ask`` only begins new ones. The class is public, and its arguments and ``_trial_id`` are the same from 4.0
    to 5.0. If they change, a search with a sampler of the user's own that was killed while it proposed a candidate ends
    with an error when it goes on.
    """
    return optuna.trial.Trial(study, trial._trial_id)


def says_nothing_is_left(error: RuntimeError) -> bool:
    """Whether ``Study.tell`` raised it because the sampler has gone through all that there is to propose.

    Such samplers (``BruteForceSampler``, ``GridSampler``) call ``Study.stop``, which refuses outside of
    ``Study.optimize``, after the trial has been stored. Known by the text, from Optuna 4.0 to 5.0; with another one, a
    search through a finite list ends with this error instead of its results.
    """
    return "Study.stop" in str(error)
