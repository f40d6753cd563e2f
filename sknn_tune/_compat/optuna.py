"""Optuna: what of it is known by more than its public names. Nothing of it is imported here."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

from .._held_back import held_back


def experiments_allowed(optuna: ModuleType) -> AbstractContextManager[None]:
    """Within, Optuna does not warn of what is experimental: what is made there is tested here."""
    return held_back(optuna.exceptions.ExperimentalWarning)


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
    with an error when it goes on, and a shared search at its first candidate. What samplers look up in a study is kept
    from one ``Study.ask`` to the next, as ``_thread_local.cached_all_trials`` in the same versions; else they would not
    see what has been finished since.
    """
    study._thread_local.cached_all_trials = None
    return optuna.trial.Trial(study, trial._trial_id)


def says_nothing_is_left(error: RuntimeError) -> bool:
    """Whether ``Study.tell`` raised it because the sampler has gone through all that there is to propose.

    Such samplers (``BruteForceSampler``, ``GridSampler``) call ``Study.stop``, which refuses outside of
    ``Study.optimize``, after the trial has been stored. Known by the text, from Optuna 4.0 to 5.0; with another one, a
    search through a finite list ends with this error instead of its results.
    """
    return "Study.stop" in str(error)


def claim(optuna: ModuleType, study: Any, trial: Any) -> bool:
    """Make a waiting stored trial a running one, and say whether it was this call that did.

    ``Study.ask`` does the same, but with the first that waits. ``BaseStorage.set_trial_state_values`` is documented to
    return False if the trial was running already, whoever asks; its arguments, ``_storage`` and ``_trial_id`` are the
    same from 4.0 to 5.0. If they change, a shared search ends with an error at its first candidate.
    """
    try:
        return study._storage.set_trial_state_values(trial._trial_id, state=optuna.trial.TrialState.RUNNING)
    except optuna.exceptions.UpdateFinishedTrialError:
        return False


def take_from_holder(optuna: ModuleType, study: Any, trial: Any) -> bool:
    """End a running stored trial as failed for whoever runs it, and say whether it was this call that did.

    A storage ends a trial once, and refuses all later attempts, those of who runs it too. State and value go into it
    together, in one transaction or one entry of a journal. A failed trial has no value otherwise, so that `was_taken`
    can tell it from one whose own process has ended it so. ``Study.tell`` refuses such a value; the storages keep it,
    from 4.0 to 5.0. If one does not, a worker that was slow and one that took over may both count.
    """
    failed = optuna.trial.TrialState.FAIL
    try:
        return study._storage.set_trial_state_values(trial._trial_id, state=failed, values=[0.0])
    except optuna.exceptions.UpdateFinishedTrialError:
        return False


def was_taken(optuna: ModuleType, trial: Any) -> bool:
    """Whether `take_from_holder` has ended this stored trial."""
    return trial.state == optuna.trial.TrialState.FAIL and trial.values is not None


def write_attribute(optuna: ModuleType, study: Any, trial: Any, key: str, value: Any) -> bool:
    """Set a user attribute of a stored trial, from any thread; False if the trial has ended.

    ``Trial.set_user_attr`` is for the thread that runs the trial. The storage's method is documented; ``_storage`` and
    ``_trial_id`` are the same from 4.0 to 5.0. If they change, a shared search ends with an error at its first
    candidate.
    """
    try:
        study._storage.set_trial_user_attr(trial._trial_id, key, value)
    except optuna.exceptions.UpdateFinishedTrialError:
        return False
    return True
