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
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import joblib
import numpy as np

from .._version import __version__
from ..specs import TrainingSpec

_COMPUTING_PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "numba")


def _version_of(package: str) -> str | None:
    """None if it is not installed, or under another name, as tensorflow-cpu is."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


class _NotStored(BaseException):
    """Carries a result past the memory without its being written."""

    def __init__(self, result):
        super().__init__()
        self.result = result


def train_or_recall(
    memory,
    facts: Callable[[TrainingSpec], tuple],
    training: TrainingSpec,
    train,
    epochs_before: Callable[[], Iterable[int]],
    is_whole: Callable[[], bool],
):
    """``train(training)``, or what it gave when it was last called with equal facts.

    Parameters
    ----------
    memory : None, path or joblib.Memory
    facts : callable
        Training -> everything that decides the outcome.
    training : TrainingSpec
    train : callable
        ``train(training, shorter=None)``; ``shorter`` is the result of fewer epochs to go on from.
    epochs_before : callable
        The numbers of epochs, most first, after which going on gives the same bits as training anew.
    is_whole : callable
        Asked after the training; if it says no, the result is not stored.
    """
    if memory is None:
        return train(training)
    if isinstance(memory, str | os.PathLike):
        memory = joblib.Memory(os.fspath(memory), verbose=0)  # a Path and its name would be two folders to joblib
    versions = (__version__, *map(_version_of, _COMPUTING_PACKAGES))
    stored = memory.cache(_train_once, ignore=["train"])

    def key_of(given: TrainingSpec) -> str:
        return joblib.hash((versions, facts(given)))

    def train_from_the_longest():
        for epochs in epochs_before():
            shorter = replace(training, epochs=epochs)
            key = key_of(shorter)
            if stored.check_call_in_cache(key, None):
                return train(training, shorter=stored(key, partial(train_whole, partial(train, shorter))))
        return train(training)

    try:
        key = key_of(training)
    except Exception as error:  # whatever pickle raises for a lambda or a local class
        warnings.warn(
            f"The fit is not kept in 'memory', because a parameter cannot be pickled: {error}. Define functions and "
            "classes at the top level of a module.",
            UserWarning,
            stacklevel=6,
        )
        return train(training)

    def train_whole(make):
        result = make()
        if result.interrupted or not is_whole():
            raise _NotStored(result)
        return result

    try:
        return stored(key, partial(train_whole, train_from_the_longest))
    except _NotStored as stopped:
        return stopped.result


def _train_once(key: str, train):
    return train()


def array_facts(data) -> tuple:
    """The arrays of a data set, for the key."""
    if data is None:
        return ()
    arrays = (data.X, data.y, data.sample_weight)
    return tuple(np.ascontiguousarray(array) if isinstance(array, np.ndarray) else array for array in arrays)
