"""Every random number of a fit, derived from one integer.

Nothing here (and nothing in the engines) reads or sets a global seed: those of Python, NumPy and
TensorFlow are shared by all threads, so a fit that used them would depend on its neighbours. Each
consumer gets a stream of its own, named, so that adding one never shifts the others. Both engines use
the same streams, which is why they start from the same weights and see the rows in the same order.
"""

from __future__ import annotations

import zlib

import numpy as np


def derived_seed(seed: int, *names: str | int) -> int:
    """An integer in [0, 2**31 - 1) that depends on ``seed`` and the names, and on nothing else."""
    words = [seed, *(zlib.crc32(str(name).encode()) for name in names)]
    return int(np.random.SeedSequence(words).generate_state(1)[0] % (2**31 - 1))


def row_order(seed: int, epoch: int, n_rows: int) -> np.ndarray:
    """The order in which ``epoch`` (counted from 0) visits the rows, as indices of shape (n_rows,)."""
    return np.random.default_rng([seed, zlib.crc32(b"row_order"), epoch]).permutation(n_rows)
