"""A large batch in two halves, which two threads work on: gradients of all weights for one update, by NumPy.

BLAS on two threads shares the products only, and rounds differently than on one thread. Two halves of the rows
share everything, and the sum of their gradients is the same whoever works them out. The price: a second vector
of gradients, products of half the size, and threads that wait for Python's lock between their operations.

Measured with a second core that is idle, time of whole batches by that of halves: 0.95 for 20 million operations in
the products of an update, 1.18 for 35, 1.38 for 120. With a second core that is busy: 0.75 to 0.9.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ._fused_structure import TrainingStructure, product_operations
from ._numpy_batch import BatchNetwork
from ._partner_thread import both

Array = np.ndarray

#: Operations in the products of an update from which on halves pay.
_OPERATIONS = 30_000_000


def is_worth_halving(structure: TrainingStructure, widths: Sequence[int], n_rows: int) -> bool:
    """By the fit alone, so that the same seed gives the same bits wherever it runs.

    Not with batch normalisation, which looks at all rows of a batch at once.
    """
    is_normalised = any(layer.batch_norm for layer in structure.network.layers)
    return product_operations(widths, n_rows) >= _OPERATIONS and not is_normalised


class HalvedBatch:
    """Like a `BatchNetwork`, made of two.

    Parameters
    ----------
    network : callable
        ``network(gradient, n_rows)`` makes one that fills the vector ``gradient``.
    n_rows : int
        Of the whole batch.
    gradient : ndarray
        Where the sum goes.
    is_shared : callable
        ``is_shared()``: whether to use a second thread. The result is the same.
    """

    def __init__(
        self,
        network: Callable[[Array, int], BatchNetwork],
        n_rows: int,
        gradient: Array,
        is_shared: Callable[[], bool],
    ):
        self._n_first, self._is_shared = n_rows // 2, is_shared
        self._gradient, self._second_gradient = gradient, np.empty_like(gradient)
        self._first = network(gradient, self._n_first)
        self._second = network(self._second_gradient, n_rows - self._n_first)

    @property
    def activity_penalty(self) -> float:
        """Of the last update."""
        return self._first.activity_penalty + self._second.activity_penalty

    def draw(self, bits: np.random.BitGenerator) -> None:
        """New masks of dropout."""
        self._first.draw(bits)
        self._second.draw(bits)

    def gradients(self, x: Array, y: Array, sample_weight: Array | None) -> Array:
        """As those of `BatchNetwork`."""
        n = self._n_first
        weights = (None, None) if sample_weight is None else (sample_weight[:n], sample_weight[n:])
        sums = both(
            lambda: self._first.gradients(x[:n], y[:, :n], weights[0]),
            lambda: self._second.gradients(x[n:], y[:, n:], weights[1]),
            at_once=self._is_shared(),
        )
        np.add(self._gradient, self._second_gradient, out=self._gradient)
        return np.concatenate(sums, axis=1)
