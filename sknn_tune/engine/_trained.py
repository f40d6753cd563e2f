"""A trained network: plain arrays that can be pickled, copied and moved, and the Keras model made of them.

Keras pickles a model as an archive that must be able to name every loss, layer and function in it,
which fails for a user's own. Here the recipe (the spec) and the numbers (arrays) are kept instead;
the model is built anew from them on first use, on whatever device there is.
"""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..specs import CustomNetworkSpec, NetworkSpec, TrainingHistory, TrainingSpec
from ._devices import Placement, placed_on
from ._fused_predict import fused_predictor

#: Two threads that ask one estimator for its model must not build it twice. A lock per network could
#: not be pickled, and building takes milliseconds, so one lock serves all.
_building = threading.RLock()


class TrainedNetwork:
    """What an engine hands back, and what it takes to go on training.

    Attributes
    ----------
    network : NetworkSpec or CustomNetworkSpec
    training : TrainingSpec
    seed : int
        The integer from which all random numbers of the fit were derived.
    engine : {"fused", "keras"}
        What trained it, and predicts.
    """

    def __init__(
        self,
        network: NetworkSpec | CustomNetworkSpec,
        training: TrainingSpec,
        seed: int,
        *,
        engine: str,
        model: Any = None,
        arrays: NetworkArrays | None = None,
    ):
        self.network = network
        self.training = training
        self.seed = seed
        self.engine = engine
        # One of the two is always there; once a model is, it holds the truth.
        self._arrays: Any = arrays
        self._model = model
        self._predictor: Any = None

    @property
    def arrays(self) -> NetworkArrays:
        """The numbers of the network. Read from the Keras model once there is one: users may change it."""
        if self._model is None:
            return self._arrays
        from ._weights import read_arrays

        return read_arrays(self._model)

    @property
    def weights(self) -> list:
        """The weights alone: reading the state of the optimizer, too, would copy three times as much."""
        return self._arrays.weights if self._model is None else self._model.get_weights()

    def keras_model(self):
        """The network as a compiled ``keras.Model``."""
        with _building:
            if self._model is None:
                from ._keras_path import new_model
                from ._weights import write_arrays

                model = new_model(self.network, self.training, self.seed)
                write_arrays(model, self._arrays)
                self._model, self._arrays, self._predictor = model, None, None
            return self._model

    def predict(self, X, *, device=None, arguments=()) -> np.ndarray:
        """Raw outputs for the rows of ``X``, of shape (n_rows, n_outputs)."""
        arguments = dict(arguments)
        with placed_on(device, must_exist=False) as placement:
            if self.engine == "fused" and not set(arguments) - {"batch_size"}:
                return self._fused_outputs(X, arguments.get("batch_size"), placement)
            from ._predict import predict_rows

            with placement.for_tensorflow():
                return predict_rows(self.keras_model(), X, arguments=arguments)

    def _fused_outputs(self, X, batch_rows: int | None, placement: Placement) -> np.ndarray:
        """By a predictor that is kept, unless there is a Keras model whose weights a user may change."""
        assert isinstance(self.network, NetworkSpec)  # the fused engine trains no other
        with placement.for_tensorflow() if placement.on_gpu else nullcontext():
            if self._model is not None:
                return fused_predictor(self.network, self.weights, on_gpu=placement.on_gpu)(X, batch_rows)
            kept = self._predictor
            if kept is None or kept[0] != placement.name:
                made = fused_predictor(self.network, self._arrays.weights, on_gpu=placement.on_gpu)
                kept = self._predictor = (placement.name, made)
            return kept[1](X, batch_rows)

    @property
    def gives_logits(self) -> bool:
        """Whether the outputs are logits by the word of the loss."""
        if isinstance(self.network, NetworkSpec):
            by_argument = dict(self.training.loss_arguments).get("from_logits", False)
            return bool(by_argument or getattr(self.training.loss, "from_logits", False))
        from ._custom_models import gives_logits

        return gives_logits(self.keras_model())

    @property
    def is_finite(self) -> bool:
        """Whether every weight is a number."""
        if self._predictor is not None:  # made below, after this was asked
            return True
        return all(np.isfinite(weights).all() for weights in self.weights)

    def __getstate__(self) -> dict:
        kept = {name: value for name, value in vars(self).items() if name not in ("_model", "_predictor")}
        return {**kept, "_arrays": self.arrays}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._model = self._predictor = None


def check_same_shapes(old, new) -> None:
    """Refuse to go on from weights of another network."""
    if [tuple(weight.shape) for weight in old] != [tuple(weight.shape) for weight in new]:
        raise ValueError(
            "warm_start cannot go on from the present weights: the parameters now describe a network of another "
            "shape. Fit with warm_start=False, or keep the parameters of the network."
        )


@dataclass(frozen=True, eq=False)
class NetworkArrays:
    """The numbers of a network, in Keras' order.

    Attributes
    ----------
    weights : list of ndarray
        As ``keras.Model.get_weights``.
    optimizer : list of ndarray or None
        As ``keras.Optimizer.variables``; None before the first update.
    seeds : list of ndarray or None
        States of the random generators of dropout layers; None where the engine has none.
    """

    weights: list
    optimizer: list | None
    seeds: list | None


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """What came of a run of training.

    Attributes
    ----------
    trained : TrainedNetwork
    history : TrainingHistory
        Of this run alone.
    n_steps : int
        Updates of this run.
    best_epoch : int
        Index into the history of the epoch that was best by the monitored number; the last one if
        there is no such number.
    diverged_epoch : int or None
        The epoch whose loss was not finite, counted from the start of all training.
    interrupted : bool
        Whether Ctrl-C ended it.
    engine, reason, device : str
    """

    trained: TrainedNetwork
    history: TrainingHistory
    n_steps: int
    best_epoch: int
    diverged_epoch: int | None
    interrupted: bool
    engine: str
    reason: str
    device: str
