"""Weights that go on from one rung of a search to the next.

A network of this package goes on from a fit with fewer epochs, with the bits of training anew, where it has a
``memory`` and an int as ``random_state``. A search that trains the same candidate several times gives it both for as
long as it looks, if its user has not: a temporary folder, and a seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral
from tempfile import TemporaryDirectory
from typing import Any

from ..._temporary_memory import TemporaryMemory
from ._resource import EPOCHS

#: An estimator with these is one of our networks; another may mean something else by ``memory``.
_OURS = {EPOCHS, "memory", "random_state", "engine", "hidden_layer_sizes"}


def can_go_on(estimator: Any, resource: str) -> bool:
    """Whether ``resource`` are the epochs of a network that can go on from fewer."""
    owner, separator, last = resource.rpartition("__")
    return last == EPOCHS and {owner + separator + name for name in _OURS} <= estimator.get_params().keys()


@contextmanager
def going_on(estimator: Any, resource: str, seed: int) -> Iterator[None]:
    """Within, fits of copies of ``estimator`` with more of ``resource`` go on from those with less, if any can.

    Parameters
    ----------
    estimator : estimator
        Is changed, and has its own parameters again at the end.
    resource : str
        Name of its parameter that counts epochs.
    seed : int
        For networks without one.
    """
    if not can_go_on(estimator, resource):
        yield
        return
    memory, random_state = (resource.removesuffix(EPOCHS) + name for name in ("memory", "random_state"))
    before = {name: estimator.get_params()[name] for name in (memory, random_state)}
    with TemporaryDirectory(prefix="sknn_tune-search-", ignore_cleanup_errors=True) as folder:
        if not isinstance(before[random_state], Integral):
            estimator.set_params(**{random_state: seed})
        if before[memory] is None:
            estimator.set_params(**{memory: TemporaryMemory(folder, verbose=0)})
        try:
            yield
        finally:
            estimator.set_params(**before)
