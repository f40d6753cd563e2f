"""The places of a shared study: which trial stands for which candidate, read from the trials alone.

Workers that look at the same trials must come to the same answer, without a word to each other. What a storage does
once and for all, whoever asks, is little: it numbers trials as they are created, lets a waiting trial be claimed once,
and ends a running one once. So that is all that is built on:

- A candidate has a **place**: the how-manieth it is among the trials that were not created in place of another.
  Nothing is taken from this order later, so a place never changes, and it decides about the seed.
- Places are created as **waiting trials**, and claimed as such. A search of `n_iter` candidates claims places below
  `n_iter` only. Those that too many workers have created at the same time wait for a larger `n_iter`.
- A trial belongs to one worker all its life. What a dead worker has left is **ended** by one other, and a new waiting
  trial is created that says for which it stands (`AGAIN`). If that is done twice, or if two workers begin with the
  present settings (`PRESENT`) at the same time, the one with the lowest number counts, for everybody: the others are
  superfluous.
- **Finished** is a trial with an outcome that its own worker has ended. One that was taken away is not, even if its
  worker has written the outcome at the same moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ..._compat.optuna import was_taken

#: User attribute of a trial: its value, and the scores, seconds and error of each fit.
OUTCOME = "outcome"
#: User attribute of a trial that was queued for one that a killed process has left: the number of that one.
AGAIN = "again"
#: User attribute of the trial that a shared study begins with: the settings that the estimator has now.
PRESENT = "present settings"


@dataclass(frozen=True)
class Places:
    """What trials mean.

    Attributes
    ----------
    trials : list of FrozenTrial
        For each place the trial that stands for it.
    superfluous : list of FrozenTrial
        Trials that wait for nothing.
    """

    trials: list[Any]
    superfluous: list[Any]


def places_of(optuna: ModuleType, trials: Sequence[Any]) -> Places:
    """Read the places from all trials of a study, in the order of their numbers."""
    successors: dict[int, Any] = {}
    roots: list[Any] = []
    superfluous: list[Any] = []
    begins_with_present = False
    for trial in trials:
        replaced = trial.user_attrs.get(AGAIN)
        if replaced is not None and replaced not in successors:
            successors[replaced] = trial
        elif replaced is not None or (PRESENT in trial.user_attrs and begins_with_present):
            superfluous.append(trial)
        else:
            begins_with_present |= PRESENT in trial.user_attrs
            roots.append(trial)
    standing = [_last(trial, successors) for trial in roots]
    waiting = optuna.trial.TrialState.WAITING
    return Places(
        [trial for trial in standing if not _was_dropped(optuna, trial)],
        [trial for trial in superfluous if trial.state == waiting],
    )


def is_finished(optuna: ModuleType, trial: Any) -> bool:
    """Whether its outcome counts."""
    return OUTCOME in trial.user_attrs and trial.state.is_finished() and not was_taken(optuna, trial)


def _last(trial: Any, successors: dict[int, Any]) -> Any:
    while trial.number in successors:
        trial = successors[trial.number]
    return trial


def _was_dropped(optuna: ModuleType, trial: Any) -> bool:
    """By a search that was alone: it proposes such a candidate anew, as the next one."""
    return trial.state.is_finished() and OUTCOME not in trial.user_attrs and not was_taken(optuna, trial)
