"""``memory=``: a fit that was made before is read back, and one that was made with fewer epochs goes on.

The key holds everything that decides the outcome: the specs, the rows, the weights, the seed, and the
versions of what computes it. It does not hold what only watches (``verbose``) or places (``device``)
the fit.

A halving search with ``resource="epochs"`` fits its best candidates again and again with more epochs:
where going on gives the same bits as training anew (`epochs_to_go_on_from` knows), the longest
shorter fit that is stored is taken up. Its entries are found by asking for each number of epochs in
turn, which takes a fifth of a millisecond each and needs no index that could be damaged.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import joblib

from .._copies import described, settings_of_callbacks
from .._version import __version__
from ..engine import TrainingResult
from ..specs import StreamData, TrainingSpec
from ._run import Run

_COMPUTING_PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "numba")


def _version_of(package: str) -> str | None:
    """None if it is not installed, or under another name, as tensorflow-cpu is."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


class _NotStored(BaseException):
    """Carries a result past the memory without its being written."""

    def __init__(self, result: TrainingResult) -> None:
        super().__init__()
        self.result = result


def train_or_recall(memory: Any, run: Run) -> TrainingResult:
    """What comes of the training of ``run``, or what came of it when it was last run with the same facts.

    Parameters
    ----------
    memory : None, path or joblib.Memory
    run : Run
    """
    training = run.job.training
    if memory is None or isinstance(run.job.data, StreamData):  # the rows of a stream are not there to be compared
        return run.train(training)
    if isinstance(memory, str | os.PathLike):
        memory = joblib.Memory(os.fspath(memory), verbose=0)  # a Path and its name would be two folders to joblib
    where = run.where
    try:
        stored = _StoredRuns(memory, run, where)
        key = stored.key_of(training)
    except Exception as error:  # whatever pickle raises for a lambda or a local class
        warnings.warn(
            f"The fit is not kept in 'memory', because a parameter cannot be pickled: {error}. Define functions and "
            "classes at the top level of a module.",
            UserWarning,
            stacklevel=5,
        )
        return run.train(training)
    try:
        return stored.recalled_or_made(key, stored.train_from_the_longest)
    except _NotStored as stopped:
        return stopped.result


class _StoredRuns:
    """The results that are stored for what ``run`` is given, with any number of epochs."""

    def __init__(self, memory: joblib.Memory, run: Run, where: tuple) -> None:
        self._run, self._where = run, where
        self._stored = memory.cache(_train_once, ignore=["train"])
        self._versions = (__version__, *map(_version_of, _COMPUTING_PACKAGES))

    def key_of(self, training: TrainingSpec) -> str:
        callbacks = settings_of_callbacks(training.callbacks)
        facts = described(replace(training, callbacks=None)), callbacks
        return joblib.hash((self._versions, self._where, facts, self._run.digest))

    def recalled_or_made(self, key: str, make: Callable[[], TrainingResult]) -> TrainingResult:
        def make_whole() -> TrainingResult:
            result = make()
            if result.interrupted or not self._run.is_whole:
                raise _NotStored(result)
            return result

        return self._stored(key, make_whole)

    def train_from_the_longest(self) -> TrainingResult:
        """Go on from the stored result of the most epochs, if there is any."""
        training = self._run.job.training
        for epochs in self._run.epochs_to_go_on_from():
            shorter = replace(training, epochs=epochs)
            key = self.key_of(shorter)
            if self._stored.check_call_in_cache(key, None):
                return self._run.train(training, self.recalled_or_made(key, partial(self._run.train, shorter)))
        return self._run.train(training)


def _train_once(key: str, train: Callable[[], TrainingResult]) -> TrainingResult:
    return train()
