"""A network in training between two calls."""

from __future__ import annotations

from typing import Any, NamedTuple


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
