"""The user's Keras callbacks for one fit, and ours that record it."""

from __future__ import annotations

import copy
import math

from scikeras.wrappers import BaseWrapper

from ..specs import TrainingSpec
from ._optimizers import current_learning_rate
from ._tensorflow import keras


def users_callbacks(spec: TrainingSpec) -> list:
    """New callback objects for this fit: classes are made (SciKeras routes their arguments), objects copied.

    A callback that has seen one fit carries its best value, its patience and often the whole model
    into the next. So the user's objects never see a fit themselves.
    """
    if spec.callbacks is None:
        return []
    routed = {f"callbacks__{name}": value for name, value in spec.callbacks_arguments}
    given = list(spec.callbacks) if isinstance(spec.callbacks, tuple) else spec.callbacks
    wrapper = BaseWrapper(callbacks=given, **routed)
    wrapper._initialize_callbacks()
    return [_own_copy(callback) for entry in wrapper._fit_callbacks for callback in _as_list(entry)]


def _as_list(entry) -> list:
    return list(entry) if isinstance(entry, list | tuple) else [entry]


def _own_copy(callback):
    if getattr(callback, "_model", None) is not None:
        callback = copy.copy(callback)
        callback._model = None
    return copy.deepcopy(callback)


class Recorder(keras.callbacks.Callback):
    """Writes down each epoch, asks the observers, and stops on a loss that is not finite."""

    def __init__(self, *, monitor: str | None, observers, snapshot):
        super().__init__()
        self.epochs: list[dict[str, float]] = []
        self.diverged_epoch: int | None = None
        self.last_snapshot = None
        self._monitor = monitor
        self._observers = observers
        self._snapshot = snapshot
        self._learning_rate = math.nan

    def on_epoch_begin(self, epoch, logs=None):
        self._learning_rate = current_learning_rate(self.model.optimizer)
        for observer in self._observers:
            observer.on_epoch_begin(epoch)

    def on_epoch_end(self, epoch, logs=None):
        values = {name: float(value) for name, value in (logs or {}).items() if _is_number(value)}
        values["learning_rate"] = self._learning_rate
        self._check_monitor(values)
        self.epochs.append(values)
        if not math.isfinite(values["loss"]):
            self.diverged_epoch = epoch
            self.model.stop_training = True
        else:
            self.last_snapshot = self._snapshot()
        for observer in self._observers:  # each hears of every epoch, whatever another answers
            if observer.on_epoch_end(epoch, values, self._snapshot):
                self.model.stop_training = True

    def _check_monitor(self, values: dict) -> None:
        if self._monitor is not None and self._monitor not in values:
            raise ValueError(
                f"The 'monitor' parameter is {self._monitor!r}, but the epochs record only: {', '.join(values)}. "
                "Choose one of these, or add the metric to the 'metrics' parameter."
            )


def _is_number(value) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
