"""A study of Optuna that knows all that ``cv_results_`` needs: opened, asked, told, and read back.

A candidate is finished when its trial has the outcome of all its fits as user attribute. That is written
before the state, so a process may be killed between any two steps: what is finished counts, and what is
not is evaluated first by the next process.

Optuna writes down each parameter of a candidate as soon as it is drawn, so a process may also leave half of one.
Queued, that half would be fixed, the other one drawn by random numbers meant for the first, and the search would go
another way than without the interruption. So only whole candidates are queued. Half of one is dropped, and the next
process draws it anew from the same seed: it is the same. Only with a sampler of the user's own, which has no seed for
it and may count what it has proposed (``GridSampler``), is the very trial gone on with.
"""

from __future__ import annotations

import copy
import math
from types import ModuleType
from typing import Any

import numpy as np

from ..._compat.optuna import experiments_allowed, go_on_with, queued_params, says_nothing_is_left, was_taken
from ...search_space.translations import stored_params, suggest_params
from ._places import AGAIN, OUTCOME
from ._study_of_data import quiet, study_of_data


class StudyOfCandidates:
    """A study whose trials are candidates of a search.

    Parameters
    ----------
    param_distributions : dict or list of dict
        The space.
    storage : storage of Optuna or None
        Where the study is kept. None: in memory.
    study_name : str or None
        What the search is called there.
    facts : dict or None
        What decides about the scores. Needed for a storage.
    sampler : sampler of Optuna or None
        Who proposes. It is copied. None: `default_sampler`, made anew for each candidate.
    seed : int
        For the default sampler. One and the same seed proposes the same, whether or not the search was
        interrupted, since each candidate has a seed of its own, made from this one and its place.
    together : bool
        Whether several trials run at the same time.
    """

    def __init__(
        self,
        optuna: ModuleType,
        param_distributions: Any,
        storage: Any,
        study_name: str | None,
        facts: dict[str, str] | None,
        sampler: Any,
        seed: int,
        together: bool,
    ) -> None:
        self._optuna = optuna
        self._space = param_distributions
        self._seed = seed
        self._together = together
        self._uses_default_sampler = sampler is None
        self._begun: list = []
        sampler = self._sampler(0) if sampler is None else copy.deepcopy(sampler)
        self.study = self._open(storage, study_name, facts, sampler)
        if not self._uses_default_sampler and self.study.trials:
            self.study.sampler.reseed_rng()  # or it would propose what it began with

    def _open(self, storage: Any, name: str | None, facts: dict[str, str] | None, sampler: Any) -> Any:
        options = {"sampler": sampler, "pruner": self._optuna.pruners.NopPruner()}
        if storage is not None and facts is not None:
            return study_of_data(self._optuna, storage, name, facts, **options)
        with quiet(self._optuna):
            return self._optuna.create_study(study_name=name, direction="maximize", **options)

    def begin_with(self, params: dict, chosen: int) -> None:
        """Queue these parameters, of the dict with this number, in a study that has not asked for any yet.

        Names may be missing: they are proposed. A process that was killed before it asked has queued them already.
        A grid of Optuna has no use for them: it tries all of its points, and fails with queued ones.
        """
        if isinstance(self.study.sampler, self._optuna.samplers.GridSampler):
            return
        waiting = self._optuna.trial.TrialState.WAITING
        if params and all(trial.state == waiting for trial in self.study.trials):
            with quiet(self._optuna):
                stored = stored_params(params, chosen, self._space)
                self.study.enqueue_trial(stored, skip_if_exists=True)

    def recover(self) -> list[tuple[dict, list[dict]]]:
        """All finished candidates and their fits, in order; what was running is asked again."""
        finished, trials = [], self.study.trials
        waiting = self._optuna.trial.TrialState.WAITING
        is_queue = any(trial.state == waiting and AGAIN not in trial.user_attrs for trial in trials)
        for trial in trials:
            outcome = trial.user_attrs.get(OUTCOME)
            if was_taken(self._optuna, trial):  # by a worker that shared this study
                self._queue_again(trial)
            elif outcome is not None:
                finished.append(self._read_back(trial))
            if trial.state == self._optuna.trial.TrialState.RUNNING:
                if outcome is None:
                    self._begin_again(trial, is_queue)
                else:
                    self._finish(trial.number, float(outcome["value"]))
        return finished

    def _begin_again(self, trial: Any, is_queue: bool) -> None:
        """Go on with a candidate that was interrupted, or queue it again; see above about half of one.

        Behind a queue of the user's it would be evaluated late: then the very trial is gone on with.
        """
        queued = queued_params(trial)
        is_whole = self._is_whole(trial)
        nothing_is_drawn = len(queued) > 0 and trial.params.keys() <= queued.keys()
        if not self._uses_default_sampler or (is_queue and (is_whole or nothing_is_drawn)):
            self._begun.append(trial)
            return
        self._queue_again(trial)
        self._finish(trial.number, math.nan)

    def _queue_again(self, trial: Any) -> None:
        """What is known of the parameters of this stored trial is to be asked for once more."""
        params = trial.params if self._is_whole(trial) else queued_params(trial)
        is_queued = any(other.user_attrs.get(AGAIN) == trial.number for other in self.study.trials)
        if params and not is_queued:  # killed between this step and the next, a process has queued it
            self.study.enqueue_trial(params, user_attrs={AGAIN: trial.number})

    def _read_back(self, trial: Any) -> tuple[dict, list[dict]]:
        """The parameters of a stored trial that has an outcome, and its fits."""
        fits = [_read(fit) for fit in trial.user_attrs[OUTCOME]["fits"]]
        return suggest_params(trial, self._space), fits

    def _is_whole(self, trial: Any) -> bool:
        try:
            suggest_params(trial, self._space)
        except ValueError:  # a stored trial has no value for a parameter
            return False
        return True

    def ask(self, place: int) -> tuple[Any, dict]:
        """A new trial and its parameters, for the candidate at this place of all."""
        if self._uses_default_sampler:
            self.study.sampler = self._sampler(place)
        trial = go_on_with(self._optuna, self.study, self._begun.pop(0)) if self._begun else self.study.ask()
        return trial, suggest_params(trial, self._space)

    def tell(self, trial: Any, value: float, fits: list[dict]) -> bool:
        """Keep the outcome of a candidate. Return False if the sampler has nothing left to propose."""
        trial.set_user_attr(OUTCOME, written_outcome(value, fits))
        return self._finish(trial.number, value)

    def _finish(self, number: int, value: float) -> bool:
        state = self._optuna.trial.TrialState
        try:
            if math.isnan(value):
                self.study.tell(number, state=state.FAIL)
            else:
                self.study.tell(number, value)
        except RuntimeError as error:
            if not says_nothing_is_left(error):
                raise
            return False
        return True

    def _sampler(self, place: int) -> Any:
        seed = int(np.random.SeedSequence([self._seed, place]).generate_state(1)[0])
        return default_sampler(self._optuna, seed, self._together)


def default_sampler(optuna: ModuleType, seed: int, together: bool) -> Any:
    """Tree-structured Parzen estimator that sees parameters together, also those that not every trial has.

    ``multivariate``: learning rate and batch size, say, depend on each other. ``group``: a topology of two
    layers has one width more than one of a single layer, and conditional spaces have parameters of their own;
    without it, whatever is not in every trial would be drawn independently.
    """
    with experiments_allowed(optuna):
        return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=together)


def written_outcome(value: float, fits: list[dict]) -> dict:
    """What a trial keeps of its candidate."""
    return {"value": _storable(value), "fits": [_written(fit) for fit in fits]}


def _written(fit: dict) -> dict:
    return {
        key: {name: _storable(score) for name, score in value.items()} if isinstance(value, dict) else _storable(value)
        for key, value in fit.items()
    }


def _storable(value: Any) -> Any:
    """A value that JSON has; NaN and the infinities go as texts."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    return number if math.isfinite(number) else repr(number)


def _read(fit: dict) -> dict:
    return {
        key: {name: float(score) for name, score in value.items()}
        if isinstance(value, dict)
        else value
        if key == "fit_error"
        else float(value)
        for key, value in fit.items()
    }
