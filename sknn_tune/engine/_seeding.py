"""Every random number of a fit, derived from one integer.

Nothing here (and nothing in the engines) reads or sets a global seed: those of Python, NumPy and
TensorFlow are shared by all threads, so a fit that used them would depend on its neighbours. Each
consumer gets a stream of its own, named, so that adding one never shifts the others. Both engines use
the same streams, which is why they start from the same weights and see the rows in the same order.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np


def derived_seed(seed: int, *names: str | int) -> int:
    """An integer in [0, 2**31 - 1) that depends on ``seed`` and the names, and on nothing else."""
    words = [seed, *(zlib.crc32(str(name).encode()) for name in names)]
    return int(np.random.SeedSequence(words).generate_state(1)[0] % (2**31 - 1))


def order_generator(seed: int, epoch: int) -> np.random.Generator:
    """What draws the order in which ``epoch``, counted from 0, visits the rows."""
    return np.random.default_rng([seed, zlib.crc32(b"row_order"), epoch])


#: Rows that stay together in a table that is larger than the buffer, at most; and blocks that a buffer mixes, at least.
_ROWS_OF_A_BLOCK, _BLOCKS_AT_ONCE = 512, 64


def row_orders(seed: int, epoch: int, n_rows: int, buffer: int) -> Iterator[np.ndarray]:
    """The order in which ``epoch`` (counted from 0) visits the rows, as indices, some rows at a time.

    Up to ``buffer`` rows any order is as likely as another. Of more rows, each in a place of its own, the processor
    would wait for nearly all (and a disk for longer). So blocks of neighbouring rows are drawn until they fill the
    buffer, and all rows in it are mixed.
    """
    generator = order_generator(seed, epoch)
    if n_rows <= buffer:
        yield generator.permutation(n_rows)
        return
    size = min(max(buffer // _BLOCKS_AT_ONCE, 1), _ROWS_OF_A_BLOCK)
    blocks = generator.permutation(-(-n_rows // size))
    for start in range(0, len(blocks), max(buffer // size, 1)):
        rows = blocks[start : start + max(buffer // size, 1), None] * size + np.arange(size)
        yield generator.permutation(rows[rows < n_rows])
