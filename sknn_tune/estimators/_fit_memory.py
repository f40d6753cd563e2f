"""``memory=``: a fit that was made before is read back, and one that was made with fewer epochs goes on.

The key holds everything that decides the outcome: the specs, the code of functions and classes in them, the rows, the
weights, the seed, and the versions of what computes it. It does not hold what only watches (``verbose``) or
places (``device``) the fit.

A halving search with ``resource="epochs"`` fits its best candidates again and again with more epochs:
where going on gives the same bits as training anew (`epochs_to_go_on_from` knows), the longest
shorter fit that is stored is taken up. Its entries are found by asking for each number of epochs in
turn, which takes a fifth of a millisecond each and needs no index that could be damaged.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import joblib

from .._code import code_in
from .._copies import described, settings_of_callbacks
from .._temporary_memory import TemporaryMemory
from .._version import __version__
from ..engine import TrainingResult
from ..specs import StreamData, TrainingSpec
from ._kept_results import DamagedResultError, KeptResults
from ._run import Run

_COMPUTING_PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "numba")


def _version_of(package: str) -> str | None:
    """None if it is not installed, or under another name, as tensorflow-cpu is."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def train_or_recall(memory: Any, run: Run) -> TrainingResult:
    """What comes of the training of ``run``, or what came of it when it was last run with the same facts.

    Parameters
    ----------
    memory : None, path or joblib.Memory
    run : Run
    """
    training = run.job.training
    data = run.job.data
    if memory is not None and isinstance(data, StreamData) and not data.keeps_batches:  # of datasets it is said before
        _warn("The fit is not kept in 'memory', because X is read in batches, so that its rows are not compared.")
    if memory is None or isinstance(data, StreamData):
        return run.train(training)
    if isinstance(memory, TemporaryMemory) and not run.can_go_on:  # it is read by nobody who does not
        return run.train(training)
    try:
        stored = _StoredRuns(_memory_at(memory), run)
        key = stored.key_of(training)
    except OSError as error:  # a folder that cannot be made
        _warn(f"The fit is not kept in 'memory', because its folder cannot be used: {error}.")
        return run.train(training)
    except Exception as error:  # whatever pickle raises for a lambda or a local class
        _warn(
            f"The fit is not kept in 'memory', because a parameter cannot be pickled: {error}. Define functions and "
            "classes at the top level of a module."
        )
        return run.train(training)
    result = stored.recalled(key)
    if result is None:
        result = stored.train_from_the_longest()
        if run.is_whole and not result.interrupted:
            stored.keep(key, result)
    return result


def _memory_at(memory: Any) -> joblib.Memory:
    """A Path and its name would be two folders to joblib."""
    return joblib.Memory(os.fspath(memory), verbose=0) if isinstance(memory, str | os.PathLike) else memory


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=6)


class _StoredRuns:
    """The results that are stored for what ``run`` is given, with any number of epochs."""

    def __init__(self, memory: joblib.Memory, run: Run) -> None:
        self._run, self._where, self._kept = run, run.where, KeptResults(memory)
        self._versions = (__version__, *map(_version_of, _COMPUTING_PACKAGES))
        training = run.job.training
        trained = code_in((replace(training, callbacks=None), run.described_network))
        self._code = joblib.hash((trained, code_in(training.callbacks, writes=True)))

    def key_of(self, training: TrainingSpec) -> str:
        callbacks = settings_of_callbacks(training.callbacks)
        facts = described(replace(training, callbacks=None)), callbacks
        return joblib.hash((self._versions, self._code, self._where, facts, self._run.digest))

    def recalled(self, key: str) -> TrainingResult | None:
        """None if there is none, or none that can be trusted; the latter with a warning."""
        try:
            return self._kept.get(key)
        except DamagedResultError as damage:
            _warn(f"A fit that was kept in 'memory' is damaged ({damage}). It is trained anew.")
            return None

    def keep(self, key: str, result: TrainingResult) -> None:
        """A result that cannot be written costs a warning, not the fit."""
        try:
            self._kept.put(key, result)
        except Exception as error:  # whatever pickle raises
            _warn(f"The fit is not kept in 'memory', because its result cannot be pickled: {error}.")

    def train_from_the_longest(self) -> TrainingResult:
        """Go on from the stored result of the most epochs, if there is any."""
        training = self._run.job.training
        for epochs in self._run.epochs_to_go_on_from():
            shorter = self.recalled(self.key_of(replace(training, epochs=epochs)))
            if shorter is not None:
                return self._run.train(training, shorter)
        return self._run.train(training)
