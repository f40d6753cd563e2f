"""A study that several workers search at the same time; `_places` says what its trials mean, `_lease` who is alive."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

from ..._compat.optuna import claim, go_on_with, queued_params, take_from_holder, was_taken, write_attribute
from ...search_space.translations import stored_params, suggest_params
from ._lease import Lease, Observer
from ._optuna_bridge import StudyOfCandidates, written_outcome
from ._places import AGAIN, OUTCOME, PRESENT, Places, is_finished, places_of
from ._study_of_data import quiet

#: User attribute of a running trial: the lease of its worker.
LEASE = "lease"
#: User attribute of the study: that its sampler has nothing left to propose.
_NOTHING_LEFT = "nothing left to propose"
#: In the outcome: what was seen of the fits while they ran.
_WATCHED = "watched"


@dataclass(frozen=True)
class Claimed:
    """A candidate that is this worker's, until its lease is over.

    Attributes
    ----------
    place : int
        Which of all candidates of the search it is.
    trial : optuna.trial.Trial
        Its running trial.
    params : dict
        What to evaluate.
    lease : Lease
        Renewed until it is ended.
    """

    place: int
    trial: Any
    params: dict
    lease: Lease


class Finished(NamedTuple):
    """A finished candidate: its parameters, the outcome of each fit, and what was seen of the fits while they ran."""

    params: dict
    fits: list[dict]
    watched: list[dict]


class SharedStudy(StudyOfCandidates):
    """A study whose candidates are claimed one by one by whoever is free.

    Parameters
    ----------
    lease : float
        Seconds after which a worker that gives no sign of life is taken for dead.
    **options : dict
        As for `StudyOfCandidates`.
    """

    def __init__(self, optuna: ModuleType, param_distributions: Any, *, lease: float, **options: Any) -> None:
        super().__init__(optuna, param_distributions, **options, together=True)
        self._seconds = lease
        self._observer = Observer(lease)
        self._mine: set[int] = set()
        self._read: dict[int, Finished] = {}
        self._has_own_numbers = bool(self.study.trials)  # a sampler of the user's was given new ones then

    def begin_with(self, params: dict, chosen: int) -> None:
        """Queue these parameters as the first candidate, if nobody has asked for one yet."""
        trials = self.study.get_trials(deepcopy=False)
        if params and all(trial.state == self._states.WAITING and PRESENT not in trial.user_attrs for trial in trials):
            with quiet(self._optuna):
                stored = stored_params(params, chosen, self._space)
                self.study.enqueue_trial(stored, user_attrs={PRESENT: True}, skip_if_exists=True)

    def claim(self, n_iter: int) -> Claimed | None:
        """Claim one of the first ``n_iter`` candidates; None if all are finished or at work."""
        while True:
            trials = self._tidied().trials
            may_propose = self._has_something_left()
            waiting = [
                (place, trial)
                for place, trial in enumerate(trials[:n_iter])
                if trial.state == self._states.WAITING and (may_propose or queued_params(trial))
            ]
            for place, trial in waiting:
                if claim(self._optuna, self.study, trial):
                    if claimed := self._begin(place, trial):
                        return claimed
                    break  # this process was stopped for so long that another has taken it away
            else:
                if len(trials) >= n_iter or not may_propose:
                    return None
                self.study.add_trial(self._optuna.trial.create_trial(state=self._states.WAITING))

    def _begin(self, place: int, trial: Any) -> Claimed | None:
        write = partial(write_attribute, self._optuna, self.study, trial, LEASE)
        lease = Lease(write, self._seconds).begin()
        self._mine.add(trial.number)
        try:
            running = go_on_with(self._optuna, self._proposing(place), trial)
            return Claimed(place, running, suggest_params(running, self._space), lease)
        except self._optuna.exceptions.UpdateFinishedTrialError:
            self._leave(trial.number, lease, say=False)
            return None
        except BaseException:
            self._leave(trial.number, lease, say=True)
            raise

    def _proposing(self, place: int) -> Any:
        """The study with a sampler that draws what no other worker draws."""
        if self._uses_default_sampler:
            self.study.sampler = self._sampler(place)
        elif not self._has_own_numbers and place > 0:
            self.study.sampler.reseed_rng()
        self._has_own_numbers = True
        return self.study

    def hand_in(self, claimed: Claimed, value: float, fits: list[dict], watched: list[dict]) -> bool:
        """Keep the outcome of a candidate, unless somebody else has taken it over. Return whether it was kept."""
        number = claimed.trial.number
        try:
            claimed.trial.set_user_attr(OUTCOME, {**written_outcome(value, fits), _WATCHED: watched})
            self._end(number, value)
        except self._optuna.exceptions.UpdateFinishedTrialError:
            # Somebody has taken it for dead: has he thrown it away, or ended it with this very outcome?
            return is_finished(self._optuna, self.study.get_trials(deepcopy=False)[number])
        else:
            return True
        finally:
            self._leave(number, claimed.lease, say=False)

    def give_back(self, claimed: Claimed) -> None:
        """Let others have a candidate that was not evaluated to its end."""
        self._leave(claimed.trial.number, claimed.lease, say=True)

    def _leave(self, number: int, lease: Lease, say: bool) -> None:
        self._mine.discard(number)
        lease.end(say)

    def _end(self, number: int, value: float) -> None:
        """End a running trial, or raise `UpdateFinishedTrialError` if it has ended."""
        try:
            if not self._finish(number, value):
                self.study.set_user_attr(_NOTHING_LEFT, True)
        except ValueError as error:  # Optuna looks at the state first, and has another error then
            if self.study.get_trials(deepcopy=False)[number].state.is_finished():
                raise self._optuna.exceptions.UpdateFinishedTrialError from error
            raise

    def finished(self) -> dict[int, Finished]:
        """All finished candidates of all workers, by their places."""
        trials = places_of(self._optuna, self.study.get_trials(deepcopy=False)).trials
        return {place: self._candidate(trial) for place, trial in enumerate(trials) if is_finished(self._optuna, trial)}

    def is_over(self, n_iter: int) -> bool:
        """Whether so many candidates are finished, or all that there are."""
        trials = self._tidied().trials
        if sum(is_finished(self._optuna, trial) for trial in trials) >= n_iter:
            return True
        return not self._has_something_left() and not any(
            trial.state == self._states.RUNNING or (trial.state == self._states.WAITING and queued_params(trial))
            for trial in trials[:n_iter]
        )

    def _candidate(self, trial: Any) -> Finished:
        if trial.number not in self._read:
            self._read[trial.number] = Finished(*self._read_back(trial), trial.user_attrs[OUTCOME].get(_WATCHED, []))
        return self._read[trial.number]

    def _has_something_left(self) -> bool:
        """A grid of the user's own may have come to its end."""
        return self._uses_default_sampler or _NOTHING_LEFT not in self.study.user_attrs

    def _tidied(self) -> Places:
        """The places, after what dead workers have left is up for others."""
        while True:
            read_at = time.monotonic()
            places = places_of(self._optuna, self.study.get_trials(deepcopy=False))
            left = [trial for trial in places.trials if self._is_left(trial, read_at)]
            for trial in left:
                self._take_over(trial)
            for trial in places.superfluous:
                if claim(self._optuna, self.study, trial):
                    self._finish(trial.number, math.nan)
            if not left:
                return places

    def _is_left(self, trial: Any, read_at: float) -> bool:
        if trial.state != self._states.RUNNING or trial.number in self._mine:
            return was_taken(self._optuna, trial)
        return self._observer.is_over(trial.number, trial.user_attrs.get(LEASE), read_at)

    def _take_over(self, trial: Any) -> None:
        """End what a dead worker was at, or hand in for it what it had worked out."""
        if was_taken(self._optuna, trial):
            params = trial.params if self._is_whole(trial) else queued_params(trial)
            self._queue(params, {AGAIN: trial.number})
        elif OUTCOME not in trial.user_attrs:
            take_from_holder(self._optuna, self.study, trial)
        else:
            with suppress(self._optuna.exceptions.UpdateFinishedTrialError):
                self._end(trial.number, float(trial.user_attrs[OUTCOME]["value"]))

    def _queue(self, params: dict, attributes: dict) -> None:
        with quiet(self._optuna):
            if params:
                self.study.enqueue_trial(params, user_attrs=attributes)
            else:  # as enqueue_trial would, but all is to be proposed
                self.study.add_trial(self._optuna.trial.create_trial(state=self._states.WAITING, user_attrs=attributes))

    @property
    def _states(self) -> Any:
        return self._optuna.trial.TrialState
