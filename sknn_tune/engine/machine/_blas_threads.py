"""BLAS works on one thread while a fit of ours runs.

Measured on two cores: products of a small network's size are hardly faster on two BLAS threads than on one, and
several times slower when anything else wants the other core. And BLAS rounds differently on one thread than on
several, while the same seed must give the same weights in threads and in processes.

So other cores are used in another way: see `_training`. Whether there are any to use is read from BLAS, to which
joblib says in its workers how many threads each may have.

The limit of most kinds of BLAS holds for the whole process. So the first of the fits that run at the same time sets it,
and the last one lifts it. With OpenMP each thread has a limit of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import joblib

from ..._compat.threadpoolctl import set_threads
from ..._forks import ForkSafeLock, in_forked_child

_lock = ForkSafeLock()
_n_fits = 0
_before: list[int] = []  # threads of the libraries of the whole process, before the first fit; empty if none runs


@in_forked_child
def _end_fits_of_parent() -> None:
    """They run in threads that the child does not have; the limit that they had set is lifted."""
    global _n_fits, _before
    if _before:
        _set(_libraries().of_process, _before)
    _n_fits, _before = 0, []


class _Libraries(NamedTuple):
    of_process: list[Any]
    of_thread: list[Any]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Inside, BLAS has one thread."""
    global _n_fits, _before
    libraries = _libraries()
    own = _limited(libraries.of_thread)
    with _lock:
        if _n_fits == 0:
            _before = _threads_of(libraries.of_process)  # first of all: a child that is forked now looks there
            _set(libraries.of_process, [1] * len(_before))
        _n_fits += 1
    try:
        yield
    finally:
        _set(libraries.of_thread, own)
        with _lock:
            _n_fits -= 1
            if _n_fits == 0:
                _set(libraries.of_process, _before)
                _before = []


def limit_helper() -> None:
    """The same for the rest of a thread's life that helps a fit."""
    _limited(_libraries().of_thread)


def n_free_cores() -> int:
    """How many more threads the only fit inside may use; none if there are several."""
    return min(*_before, _usable_cores()) - 1 if _n_fits == 1 and _before else 0


@cache
def _usable_cores() -> int:
    """Those of this process: a container may have fewer than the machine."""
    return joblib.cpu_count()


def _limited(libraries: list[Any]) -> list[int]:
    """Set the limit; what it was."""
    before = _threads_of(libraries)
    _set(libraries, [1] * len(libraries))
    return before


def _threads_of(libraries: list[Any]) -> list[int]:
    return [library.num_threads for library in libraries]


def _set(libraries: list[Any], numbers: list[int]) -> None:
    for library, number in zip(libraries, numbers, strict=True):
        set_threads(library, number)


@cache
def _libraries() -> _Libraries:
    """Finding them takes milliseconds, setting a limit microseconds."""
    import scipy.linalg.cython_blas  # noqa: F401 - the BLAS of machine code, which must be loaded to be found
    from threadpoolctl import ThreadpoolController

    found = _Libraries([], [])
    for library in ThreadpoolController().select(user_api="blas").lib_controllers:
        is_per_thread = getattr(library, "threading_layer", None) == "openmp"
        (found.of_thread if is_per_thread else found.of_process).append(library)
    return found
