"""What `keras.Model.fit` tells of its epochs, for those who look on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ...specs import TrainingSpec
from .._job import Observer
from .._tensorflow import keras
from .._trained import TrainedNetwork
from ..loop import check_monitor, with_monitored
from ..models import LossWithoutPenalty, current_learning_rate, numbers


class LossesWithoutPenalty(keras.callbacks.Callback):
    """Adds to what Keras tells of an epoch its losses without penalties; to be the first of the callbacks."""

    def __init__(self, loss: LossWithoutPenalty) -> None:
        super().__init__()
        self._loss = loss
        self._found: dict[str, float] = {}

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Begin anew."""
        self._found = {}
        self._loss.reset()

    def on_test_begin(self, logs: dict | None = None) -> None:
        """The rows trained on are through."""
        self._found = self._loss.result()
        self._loss.reset()

    def on_test_end(self, logs: dict | None = None) -> None:
        """Those held out are, too."""
        self._found |= {f"val_{name}": value for name, value in self._loss.result().items()}
        self._loss.reset()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Let those behind see them."""
        if logs is not None:
            logs.update(self._found or self._loss.result())


class Recorder(keras.callbacks.Callback):
    """Writes down each epoch, asks the observers, and stops on a loss that is not finite."""

    def __init__(self, training: TrainingSpec, observers: Sequence[Observer], snapshot: Callable[[], TrainedNetwork]):
        super().__init__()
        self.epochs: list[dict[str, float]] = []
        self.diverged_epoch: int | None = None
        self.last_snapshot: TrainedNetwork | None = None
        self._training = training
        self._observers = observers
        self._snapshot = snapshot
        self._learning_rate = math.nan

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Note the rate, which a callback before this one may have set."""
        self._learning_rate = current_learning_rate(self.model.optimizer)
        for observer in self._observers:
            observer.on_epoch_begin(epoch)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Note all numbers."""
        values = with_monitored(self._training, numbers(logs or {}))
        if logs is not None:  # early stopping comes behind
            logs.update({name: value for name, value in values.items() if name not in logs})
        values["learning_rate"] = self._learning_rate
        check_monitor(self._training, values)
        self.epochs.append(values)
        if not math.isfinite(values.get("loss", 0.0)):
            self.diverged_epoch = epoch
            self.model.stop_training = True
        else:
            self.last_snapshot = self._snapshot()
        for observer in self._observers:  # each hears of every epoch, whatever another answers
            if observer.on_epoch_end(epoch, values, self._snapshot):
                self.model.stop_training = True
