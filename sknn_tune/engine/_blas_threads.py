"""NumPy fits take turns, and for most of them BLAS works on one thread.

Measured on two cores: products of a small network's size are hardly faster on two BLAS threads than on
one, and several times slower when anything else wants the other core. Two Python threads that call
NumPy in turn, one operation each, together get half of what one gets alone.

Large products do gain (1.2 to 1.8 times from some 10 million operations in an update on), so they may use the
threads that BLAS has, which in joblib's workers is one; but only where it rounds alike on any number of
threads, because the same seed must give the same weights in threads and in processes. OpenBLAS does so
in single precision and not in double.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache

import numpy as np

#: Operations in the products of an update from which on they are shared by threads.
SHARED_OPERATIONS = 10_000_000

_turn = threading.Lock()


@contextmanager
def in_turn(n_operations: int = 0, dtype: str = "float64") -> Iterator[None]:
    """Wait for the other fits of this process; inside, BLAS has one thread, or all for large products."""
    shared = n_operations >= SHARED_OPERATIONS and rounds_alike(dtype)
    with _turn, nullcontext() if shared else _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def rounds_alike(dtype: str) -> bool:
    """Whether products have the same bits on one thread and on several, by a sample of shapes."""
    generator = np.random.default_rng(0)
    with _turn:
        for units, inputs, rows in ((256, 257, 256), (181, 41, 256), (333, 100, 150), (64, 513, 300)):
            weights, outputs = generator.normal(size=(units, inputs)), generator.normal(size=(units, rows))
            pair = weights.astype(dtype), outputs.astype(dtype), generator.normal(size=(rows, inputs)).astype(dtype)
            with _controller().limit(limits=1, user_api="blas"):
                alone = _products(*pair)
            if not all(np.array_equal(a, b) for a, b in zip(alone, _products(*pair), strict=True)):
                return False
    return True


def _products(weights: np.ndarray, gradient: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    """The three of a layer."""
    return [weights @ rows.T, gradient @ rows, weights.T @ gradient]


@cache
def _controller():
    """Finding the libraries takes milliseconds, setting a limit microseconds."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
