"""Networks whose predictions are averaged, with the face that a `TrainedNetwork` has for an estimator."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._forks import ForkSafeLock
from ..specs import CustomNetworkSpec, NetworkSpec, TrainingSpec
from ._tensorflow_in_child import check_tensorflow_can_compute
from ._trained import TrainedNetwork

#: As for one network: two threads that ask for the model must not build it twice.
_building = ForkSafeLock(threading.RLock)


class Ensemble:
    """Trained networks of one kind.

    It does not predict: outputs may be logits, so what is averaged is what an estimator makes of the outputs of each.

    Parameters
    ----------
    networks : sequence of TrainedNetwork
    """

    def __init__(self, networks: Sequence[TrainedNetwork]) -> None:
        self.networks = tuple(networks)
        self._model: Any = None

    @property
    def network(self) -> NetworkSpec | CustomNetworkSpec:
        """What each of them is."""
        return self.networks[0].network

    @property
    def training(self) -> TrainingSpec:
        """How each of them was trained; the schedule of a rate may have other steps, by the rows of each."""
        return self.networks[0].training

    @property
    def weights(self) -> list[np.ndarray]:
        """Those of the first, then those of the second, ..."""
        return [weights for network in self.networks for weights in network.weights]

    @property
    def gives_logits(self) -> bool:
        """Whether the outputs are logits by the word of the loss."""
        return self.networks[0].gives_logits

    @property
    def is_finite(self) -> bool:
        """Whether every weight is a number."""
        return all(network.is_finite for network in self.networks)

    def keras_model(self) -> Any:
        """One compiled ``keras.Model`` of the models of all, which averages what they say and shares their weights."""
        check_tensorflow_can_compute()
        with _building:
            if self._model is None:
                from .models import averaging_model

                models = [network.keras_model() for network in self.networks]
                self._model = averaging_model(models, self.network, self.training)
            return self._model

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_model": None}
