"""A study of Optuna that knows all that ``cv_results_`` needs: opened, asked, told, and read back.

A candidate is finished when its trial has the outcome of all its fits as user attribute. That is written
before the state, so a process may be killed between any two steps: what is finished counts, and of what is
not, the parameters are queued and asked first by the next process.
"""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from ..._compat.optuna import says_nothing_is_left
from ..._forks import ForkSafeLock
from ..._optional import import_optional
from ...search_space.translations import stored_params, suggest_params
from ._fingerprint import differences

#: User attribute of a trial: its value, and the scores, seconds and error of each fit.
OUTCOME = "outcome"
#: User attribute of the first trial: what it was to begin with.
QUEUED = "present settings"
#: User attribute of the study: what it is about.
FACTS = "belongs to"
#: So that the same call finds the same study again.
DEFAULT_NAME = "bayesian_search"

#: The level of Optuna's messages belongs to the process.
_logging_lock = ForkSafeLock()


class StudyOfCandidates:
    """A study whose trials are candidates of a search.

    Parameters
    ----------
    param_distributions : dict or list of dict
        The space.
    storage : str, storage of Optuna or None
        Where the study is kept. None: in memory.
    study_name : str or None
        Its name there.
    sampler : sampler of Optuna or None
        Who proposes. It is copied. None: `default_sampler`, made anew for each candidate.
    seed : int
        For the default sampler. One and the same seed proposes the same, whether or not the search was
        interrupted, since each candidate has a seed of its own, made from this one and its place.
    together : bool
        Whether several trials run at the same time.
    """

    def __init__(
        self, param_distributions: Any, storage: Any, study_name: str | None, sampler: Any, seed: int, together: bool
    ) -> None:
        self._optuna = import_optional("optuna", extra="bayes", purpose="BayesianSearchCV")
        self._space = param_distributions
        self._seed = seed
        self._together = together
        self._uses_default_sampler = sampler is None
        with _quiet(self._optuna):
            self.study = self._optuna.create_study(
                storage=storage,
                study_name=study_name or (None if storage is None else DEFAULT_NAME),
                direction="maximize",
                load_if_exists=storage is not None,
                sampler=self._sampler(0) if sampler is None else copy.deepcopy(sampler),
                pruner=self._optuna.pruners.NopPruner(),
            )
        if not self._uses_default_sampler and self.study.trials:
            self.study.sampler.reseed_rng()  # or it would propose what it began with

    def claim(self, facts: dict[str, str]) -> None:
        """Write down what the study is about, or raise if it is about something else."""
        known = self.study.user_attrs.get(FACTS)
        name = f"The study {self.study.study_name!r} in the given 'storage'"
        advice = "Give another 'study_name' or 'storage' to begin a new search."
        if self.study.direction != self._optuna.study.StudyDirection.MAXIMIZE:
            raise ValueError(f"{name} looks for a minimum, but scores are to be as high as possible. {advice}")
        if known is None:
            if any(trial.state != self._optuna.trial.TrialState.WAITING for trial in self.study.trials):
                raise ValueError(f"{name} has trials that do not come from BayesianSearchCV. {advice}")
            self.study.set_user_attr(FACTS, facts)
        elif found := differences(known, facts):
            raise ValueError(
                f"{name} belongs to another search: {'; '.join(found)}. {advice} To go on with this one, make the "
                "call that it was made with."
            )

    def begin_with(self, params: dict, chosen: int) -> None:
        """Queue these parameters, of the dict with this number, in a study that has not asked for any yet.

        Names may be missing: they are proposed. A process that was killed before it asked has queued them already.
        """
        waiting = self._optuna.trial.TrialState.WAITING
        if params and all(trial.state == waiting for trial in self.study.trials):
            with _quiet(self._optuna):
                stored = stored_params(params, chosen, self._space)
                self.study.enqueue_trial(stored, user_attrs={QUEUED: stored}, skip_if_exists=True)

    def recover(self) -> list[tuple[dict, list[dict]]]:
        """All finished candidates and their fits, in order; what was running is queued to be asked again."""
        finished = []
        for trial in self.study.trials:
            outcome = trial.user_attrs.get(OUTCOME)
            if outcome is not None:
                fits = [_read(fit) for fit in outcome["fits"]]
                finished.append((suggest_params(trial, self._space), fits))
            if trial.state == self._optuna.trial.TrialState.RUNNING:
                if outcome is None:
                    self._finish(trial.number, math.nan)
                    # Killed while it was asked, it does not have all of them yet.
                    self.study.enqueue_trial({**trial.user_attrs.get(QUEUED, {}), **trial.params})
                else:
                    self._finish(trial.number, float(outcome["value"]))
        return finished

    def ask(self, place: int) -> tuple[Any, dict]:
        """A new trial and its parameters, for the candidate at this place of all."""
        if self._uses_default_sampler:
            self.study.sampler = self._sampler(place)
        trial = self.study.ask()
        return trial, suggest_params(trial, self._space)

    def tell(self, trial: Any, value: float, fits: list[dict]) -> bool:
        """Keep the outcome of a candidate. Return False if the sampler has nothing left to propose."""
        trial.set_user_attr(OUTCOME, {"value": _storable(value), "fits": [_written(fit) for fit in fits]})
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=together)


@contextmanager
def _quiet(optuna: ModuleType) -> Iterator[None]:
    """No message that a study was created. Within, nothing may take long: others wait."""
    with _logging_lock:
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(max(before, optuna.logging.WARNING))
        try:
            yield
        finally:
            optuna.logging.set_verbosity(before)


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
