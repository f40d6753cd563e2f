"""What the penalties ``l1`` and ``l2`` cost a network, and what they have left of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class Penalties:
    """The layers of a network whose kernels are penalised by its parameters ``l1`` and ``l2``.

    Parameters
    ----------
    network : KerasClassifier or KerasRegressor
        Fitted.
    parameters : mapping of str to object
        Its parameters. With a ``model`` of one's own nothing is penalised by them.
    """

    def __init__(self, network: Any, parameters: Mapping[str, Any]) -> None:
        self._layers: list[Any] = []
        if parameters["model"] is None and (parameters["l1"] or parameters["l2"]):
            names = {"output", *(f"hidden_{index}" for index in range(len(network.model_.layers)))}
            self._layers = [layer for layer in network.model_.layers if layer.name in names]

    @property
    def now(self) -> float:
        """What they add to the loss."""
        return sum(float(layer.kernel_regularizer(layer.kernel)) for layer in self._layers)

    @property
    def at_start(self) -> float:
        """What they would add with weights of the size that training usually begins with: Glorot's."""
        kernels = [(layer, np.sqrt(2 / sum(layer.kernel.shape))) for layer in self._layers]
        return sum(float(layer.kernel_regularizer(np.full(layer.kernel.shape, size))) for layer, size in kernels)

    def weights_into(self, layer: str, n_units: int) -> np.ndarray | None:
        """Norm of each unit's kernel in a layer whose kernel is penalised; None if it is not."""
        found = [each for each in self._layers if each.name == layer]
        if not found or found[0].kernel.shape[-1] != n_units:
            return None
        return np.linalg.norm(np.reshape(found[0].kernel, (-1, n_units)), axis=0)
