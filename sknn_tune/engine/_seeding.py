"""Every random number of a fit, derived from one integer.

Nothing here (and nothing in the engines) reads or sets a global seed: those of Python, NumPy and
TensorFlow are shared by all threads, so a fit that used them would depend on its neighbours. Each
consumer gets a stream of its own, named, so that adding one never shifts the others. Both engines use
the same streams, which is why they start from the same weights and see the rows in the same order.
"""

from __future__ import annotations

import threading
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any

import numpy as np


def derived_seed(seed: int, *names: str | int) -> int:
    """An integer in [0, 2**31 - 1) that depends on ``seed`` and the names, and on nothing else."""
    words = [seed, *(zlib.crc32(str(name).encode()) for name in names)]
    return int(np.random.SeedSequence(words).generate_state(1)[0] % (2**31 - 1))


def row_order(seed: int, epoch: int, n_rows: int) -> np.ndarray:
    """The order in which ``epoch`` (counted from 0) visits the rows, as indices of shape (n_rows,)."""
    return np.random.default_rng([seed, zlib.crc32(b"row_order"), epoch]).permutation(n_rows)


_default_seeds: ContextVar = ContextVar("sknn_tune_default_seeds", default=None)
_patch_lock = threading.Lock()
_patches: list[tuple[Any, Any]] = []
_n_inside = 0


@contextmanager
def seeded_defaults(seed: int):
    """Inside this block, Keras objects made without a seed get one derived from ``seed``.

    Keras draws such seeds from Python's global generator (``make_default_seed``). The layers that we
    make carry seeds of their own, but those that a user's ``model`` function or ``feature_layers``
    makes do not. Setting the global seed would reach into other threads. So for as long as any thread
    is inside such a block, ``make_default_seed`` first asks whether the thread that calls it is (a
    context variable), and behaves as ever when it is not.
    """
    numbers = (derived_seed(seed, "default", index) for index in count())
    token = _default_seeds.set(numbers)
    _enter_patch()
    try:
        yield
    finally:
        _leave_patch()
        _default_seeds.reset(token)


def _enter_patch() -> None:
    global _n_inside
    from keras.src.backend import random as backend_random
    from keras.src.random import seed_generator

    with _patch_lock:
        _n_inside += 1
        if _n_inside > 1:
            return
        for module in (seed_generator, backend_random):
            original = module.make_default_seed
            _patches.append((module, original))
            module.make_default_seed = _asking_context_first(original)


def _leave_patch() -> None:
    global _n_inside
    with _patch_lock:
        _n_inside -= 1
        while _n_inside == 0 and _patches:
            module, original = _patches.pop()
            module.make_default_seed = original


def _asking_context_first(original):
    def make_default_seed():
        numbers = _default_seeds.get()
        return original() if numbers is None else next(numbers)

    return make_default_seed
