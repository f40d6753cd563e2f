"""``memory=``: a fit that was made before is read back.

The key holds everything that decides the outcome: the specs, the rows, the weights, the seed, and the
versions of what computes it. It does not hold what only watches (``verbose``) or places (``device``)
the fit.
"""

from __future__ import annotations

import os
import warnings
from importlib.metadata import version

import joblib
import numpy as np

from .._version import __version__

_COMPUTING_PACKAGES = ("tensorflow", "keras", "numpy")


class _NotStored(BaseException):
    """Carries a result past the memory without its being written."""

    def __init__(self, result):
        super().__init__()
        self.result = result


def train_or_recall(memory, facts: tuple, train, *, is_whole=lambda: True):
    """``train()``, or what it gave when it was last called with equal ``facts``.

    If ``is_whole()`` says no after the training, the result is not stored.
    """
    if memory is None:
        return train()
    if isinstance(memory, str | os.PathLike):
        memory = joblib.Memory(os.fspath(memory), verbose=0)  # a Path and its name would be two folders to joblib
    versions = (__version__, *(version(package) for package in _COMPUTING_PACKAGES))
    try:
        key = joblib.hash((versions, facts))
    except Exception as error:  # whatever pickle raises for a lambda or a local class
        warnings.warn(
            f"The fit is not kept in 'memory', because a parameter cannot be pickled: {error}. Define functions and "
            "classes at the top level of a module.",
            UserWarning,
            stacklevel=6,
        )
        return train()

    def train_whole():
        result = train()
        if result.interrupted or not is_whole():
            raise _NotStored(result)
        return result

    try:
        return memory.cache(_train_once, ignore=["train"])(key, train_whole)
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
