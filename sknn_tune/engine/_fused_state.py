"""What a runner is given, and a network in training between two calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..specs import ArrayData, NetworkSpec, TrainingSpec

if TYPE_CHECKING:
    from ._fused_metrics import EpochMetrics


class Job(NamedTuple):
    """A run of training, whoever does it.

    Attributes
    ----------
    network, training : NetworkSpec, TrainingSpec
    data, validation : ArrayData; validation may be None
    row_order : callable
        Epoch, counted from the start of all training -> permutation of the rows.
    dropout_seed : int
        All dropout masks are derived from it and from the number of the update or epoch.
    metrics : EpochMetrics or None
        The user's own.
    """

    network: NetworkSpec
    training: TrainingSpec
    data: ArrayData
    validation: ArrayData | None
    row_order: Callable[[int], np.ndarray]
    dropout_seed: int
    metrics: EpochMetrics | None


class State(NamedTuple):
    """Weights and what the optimizer remembers. Its arrays never change, so keeping one is keeping the state."""

    weights: Any
    moments: list
    moving: Any
    iterations: int
    u_product: float

    def with_weights_of(self, other: State) -> State:
        """The weights go back, the optimizer stays where it is: what Keras means by restoring weights."""
        return self._replace(weights=other.weights, moving=other.moving)
