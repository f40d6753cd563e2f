"""A study that one search has to itself: a second one gets an error instead of the candidates of the first.

A search that is alone takes every running trial for what a killed process has left, and begins it again. So it must be
known that the process is gone. It leaves its name in the study, with a lease.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ._lease import ENDED, Lease, Observer, holder_has_ended
from ._shared_study import LEASE

#: User attribute of the study: the lease of the search that has it to itself.
_ALONE = "searched alone by"
_LOOK_AGAIN_SECONDS = 0.2


@contextmanager
def alone_in(optuna: ModuleType, study: Any, seconds: float) -> Iterator[Callable[[], None]]:
    """Have a study to oneself, or raise if it is being searched.

    Parameters
    ----------
    optuna : module
        Optuna.
    study : optuna.study.Study
        The study.
    seconds : float
        How long another machine is to believe that this search goes on.

    Yields
    ------
    require : callable
        Raises if another search has come at the same moment.
    """
    _wait_for_silence(
        study, Observer(math.inf), lambda: {None: study.user_attrs.get(_ALONE), **_running(optuna, study)}
    )

    def known() -> Mapping[str, Any]:
        return study.user_attrs.get(_ALONE) or ENDED

    def write(value: Mapping[str, Any]) -> bool:
        if value.get("renewal") != 0 and known().get("holder") != lease.holder:
            return False
        study.set_user_attr(_ALONE, value)
        return True

    def require() -> None:
        if lease.is_lost:
            raise RuntimeError(_is_searched(study, known()))

    lease = Lease(write, seconds)
    lease.begin()
    try:
        yield require
    except optuna.exceptions.UpdateFinishedTrialError as error:
        raise RuntimeError(_is_searched(study, known())) from error
    finally:
        lease.end()


def refuse_who_is_alone(study: Any) -> Callable[[], None]:
    """Return a function that raises if a search that does not share has this study to itself."""
    observer = Observer(math.inf)

    def require() -> None:
        _wait_for_silence(study, observer, lambda: {None: study.user_attrs.get(_ALONE)})

    return require


def _running(optuna: ModuleType, study: Any) -> dict[int, Any]:
    """The leases of workers that share the study."""
    running = optuna.trial.TrialState.RUNNING
    return {
        trial.number: trial.user_attrs[LEASE]
        for trial in study.get_trials(deepcopy=False, states=(running,))
        if LEASE in trial.user_attrs
    }


def _wait_for_silence(study: Any, observer: Observer, read: Callable[[], dict[Any, Any]]) -> None:
    """Return when no lease holds, and raise as soon as it is clear that one does."""
    before: dict[Any, Any] = {}
    while True:
        read_at = time.monotonic()
        holding = {
            key: lease
            for key, lease in read().items()
            if lease is not None and not observer.is_over(key, lease, read_at)
        }
        if not holding:
            return
        for key, lease in holding.items():
            if holder_has_ended(lease) is False or lease != before.get(key, lease):
                raise RuntimeError(_is_searched(study, lease))
        if not before:
            lease = next(iter(holding.values()))
            warnings.warn(
                f"The study {study.study_name!r} was being searched by process {lease['process']} on "
                f"{lease['host']!r}, and only time can tell whether it still is: this search begins if nothing is "
                f"heard of it for {lease['seconds']:g} seconds.",
                UserWarning,
                stacklevel=2,
            )
        before = holding
        time.sleep(_LOOK_AGAIN_SECONDS)


def _is_searched(study: Any, lease: Mapping[str, Any]) -> str:
    who = f"process {lease['process']} on {lease['host']!r}" if lease else "another process"
    return (
        f"The study {study.study_name!r} in the given 'storage' is being searched by {who}. Wait until that search has "
        "ended, or begin another one under another 'study_name'. Several processes can work on one search if each has "
        "shared=True."
    )
