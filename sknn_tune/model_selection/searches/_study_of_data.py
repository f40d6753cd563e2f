"""The study of a search in its storage: one for each data set, under one name.

Inside of ``cross_val_score`` a search is fitted once per fold, on other rows each time, and each of these fits is a
search of its own. So the first data set has the study of the given name, and every further one a study whose name says
in brackets which data it is of. Everything else that decides about scores (space, folds, estimator, ...) belongs to the
call: where that differs, the study is of another search, and is refused.

Several processes may begin at the same time (``cross_val_score(n_jobs=2)``). Only one of them can create the study of a
name, which is what a storage decides; it writes at once what it is about, and the others wait for that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ..._forks import ForkSafeLock
from ._fingerprint import data_hash, differences

#: User attribute of the study: what it is about.
FACTS = "belongs to"
#: So that the same call finds the same study again.
DEFAULT_NAME = "bayesian_search"
#: How long to wait for whoever has created a study to say what it is about. Then it was killed in between.
_CLAIM_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 0.05

#: The level of Optuna's messages belongs to the process.
_logging_lock = ForkSafeLock()


def study_of_data(optuna: ModuleType, storage: Any, name: str | None, facts: Mapping[str, str], **options: Any) -> Any:
    """Open the study of these data, and write down what it is about, or raise if that is something else.

    Parameters
    ----------
    optuna : module
        Optuna.
    storage : storage of Optuna
        Where it is kept.
    name : str or None
        What the search is called. None: `DEFAULT_NAME`.
    facts : dict
        What decides about the scores: `fingerprint`.
    **options : dict
        Sampler and pruner of the study.

    Returns
    -------
    study : optuna.study.Study
    """

    def created(named: str) -> Any:
        return _create(optuna, storage, named, options)

    def stored(named: str) -> Any:
        with quiet(optuna):
            return optuna.load_study(study_name=named, storage=storage, **options)

    name = name or DEFAULT_NAME
    its_own = f"{name} [{data_hash(facts)}]"
    if its_own in optuna.get_all_study_names(storage):
        study = stored(its_own)
    elif (study := created(name)) is None and not _is_for(optuna, study := stored(name), facts):
        study = created(its_own) or stored(its_own)
    _claim(optuna, study, facts)
    return study


def _create(optuna: ModuleType, storage: Any, name: str, options: Mapping[str, Any]) -> Any:
    """A new study; None if the storage has one of this name."""
    try:
        with quiet(optuna):
            return optuna.create_study(storage=storage, study_name=name, direction="maximize", **options)
    except optuna.exceptions.DuplicatedStudyError:
        return None


def _is_for(optuna: ModuleType, study: Any, facts: Mapping[str, str]) -> bool:
    """Whether the study is one of these data, or of none yet."""
    known = _known(study)
    deadline = time.monotonic() + _CLAIM_SECONDS
    # One with candidates was queued or made by hand. An empty one may have been created this very moment.
    while known is None and not study.trials and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_SECONDS)
        known = _known(study)
    if known is None:
        _claim(optuna, study, facts)
        time.sleep(2 * _LOOK_AGAIN_SECONDS)  # others may have waited just as long, and the last one has it
        known = _known(study)
    return known is not None and data_hash(known) == data_hash(facts)


def _known(study: Any) -> dict[str, str] | None:
    return study.user_attrs.get(FACTS)


def _claim(optuna: ModuleType, study: Any, facts: Mapping[str, str]) -> None:
    """Write down what the study is about, or raise if it is about something else."""
    known = _known(study)
    name = f"The study {study.study_name!r} in the given 'storage'"
    advice = "Give another 'study_name' or 'storage' to begin a new search."
    if study.direction != optuna.study.StudyDirection.MAXIMIZE:
        raise ValueError(f"{name} looks for a minimum, but scores are to be as high as possible. {advice}")
    if known is None:
        if any(trial.state != optuna.trial.TrialState.WAITING for trial in study.trials):
            raise ValueError(f"{name} has trials that do not come from BayesianSearchCV. {advice}")
        study.set_user_attr(FACTS, dict(facts))
    elif found := differences(known, facts):
        raise ValueError(
            f"{name} belongs to another search: {'; '.join(found)}. {advice} To go on with this one, make the "
            "call that it was made with."
        )


@contextmanager
def quiet(optuna: ModuleType) -> Iterator[None]:
    """No message that a study was created. Within, nothing may take long: others wait."""
    with _logging_lock:
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(max(before, optuna.logging.WARNING))
        try:
            yield
        finally:
            optuna.logging.set_verbosity(before)
