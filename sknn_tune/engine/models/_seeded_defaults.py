"""Seeds for what a user's code makes without one, from the seed of the fit instead of a global generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any

from ..._compat.keras import patch_default_seeds, restore_default_seeds
from ..._forks import ForkSafeLock
from .._seeding import derived_seed

_default_seeds: ContextVar[Iterator[int] | None] = ContextVar("sknn_tune_default_seeds", default=None)
_patch_lock = ForkSafeLock()
_patches: list[tuple[Any, Any]] = []
_n_inside = 0  # blocks that any thread is in


@contextmanager
def seeded_defaults(seed: int) -> Iterator[None]:
    """Inside this block, Keras objects made without a seed get one derived from ``seed``.

    Keras draws such seeds from Python's global generator (``make_default_seed``). The layers that we
    make have seeds of their own, but those that a user's ``model`` function or ``feature_layers``
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
    """The first block to begin puts the patch in place."""
    global _n_inside
    with _patch_lock:
        _n_inside += 1
        if _n_inside == 1:
            _patches.extend(patch_default_seeds(_asking_context_first))


def _leave_patch() -> None:
    """The last block to end takes it away."""
    global _n_inside
    with _patch_lock:
        _n_inside -= 1
        while _n_inside == 0 and _patches:
            restore_default_seeds(*_patches.pop())


def _asking_context_first(original: Callable[[], int]) -> Callable[[], int]:
    """A function for the place of Keras' ``make_default_seed``, which is ``original``."""

    def make_default_seed() -> int:
        numbers = _default_seeds.get()
        return original() if numbers is None else next(numbers)

    return make_default_seed
