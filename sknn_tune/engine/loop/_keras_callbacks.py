"""The user's Keras callbacks as one who looks on from epoch to epoch.

A callback that acts between epochs (EarlyStopping, ReduceLROnPlateau, LearningRateScheduler, one of the user's own)
needs a ``keras.Model`` to look at and to steer. Keras' loop has one. Machine code has none, so there it gets a copy,
which is given the trained weights at the end of each epoch; what the callback changes in the copy (the weights, the
learning rate, ``stop_training``) goes back into the training. A callback that acts on batches is not served here:
nobody hears of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..._nearest import did_you_mean
from .._job import Change
from .._network_arrays import NetworkArrays
from .._tensorflow import keras
from .._trained import TrainedNetwork
from ..models import current_learning_rate, numbers, write_arrays


class KerasCallbacks:
    """Callbacks that act on the model that is trained.

    Parameters
    ----------
    callbacks : list of keras.callbacks.Callback
    model : keras.Model
        Compiled, with the weights that training starts from.
    epochs, n_steps : int
        Of the training, and updates in each epoch: Keras tells its callbacks.
    """

    def __init__(self, callbacks: list, model: Any, *, epochs: int, n_steps: int):
        self.model = model
        self._callbacks = [*callbacks, keras.callbacks.History()]  # which Keras leaves in the model
        model.stop_training = False
        model.history = self._callbacks[-1]
        # Not Keras' CallbackList: it shows its callbacks a copy of the numbers, so that what they add is lost.
        for callback in self._callbacks:
            callback.set_params({"verbose": 0, "epochs": epochs, "steps": n_steps})
            callback.set_model(model)
        for callback in self._callbacks:
            callback.on_train_begin()

    def on_epoch_begin(self, epoch: int) -> Change | None:
        """Let them act; what they changed in the model is changed."""
        for callback in self._callbacks:
            callback.on_epoch_begin(epoch, {})
        return None

    def on_epoch_end(self, epoch: int, values: dict[str, float], snapshot: Callable[[], TrainedNetwork]) -> bool:
        """Show them the epoch; numbers that they add to ``values`` are recorded."""
        for callback in self._callbacks:
            with _saying_what_is_monitored(callback, values):
                callback.on_epoch_end(epoch, values)
        kept = numbers(values)
        values.clear()
        values.update(kept)
        return bool(self.model.stop_training)

    def on_train_end(self, values: dict[str, float]) -> None:
        """Let them finish."""
        for callback in self._callbacks:
            callback.on_train_end(values)


@contextmanager
def _saying_what_is_monitored(callback: Any, values: dict[str, float]) -> Iterator[None]:
    """Of a number that is not recorded Keras only says that it does not know whether more or less of it is better."""
    monitor, recorded = getattr(callback, "monitor", None), list(values)
    try:
        yield
    except ValueError as error:
        if not isinstance(monitor, str) or monitor in recorded:
            raise
        raise ValueError(
            f"The callback {type(callback).__name__} has monitor={monitor!r}{did_you_mean(monitor, recorded)}, but the "
            f"epochs record only: {', '.join(recorded)}. Choose one of these, add it to the 'metrics' parameter, or "
            "hold rows out, such as with validation_split=0.1, if it begins with 'val_'."
        ) from error


class KerasCallbacksOnCopy(KerasCallbacks):
    """Callbacks that act on a copy of the network that is trained."""

    def __init__(self, callbacks: list, model: Any, *, epochs: int, n_steps: int):
        self._learning_rate = current_learning_rate(model.optimizer)
        self._n_trainable = len(model.trainable_variables)
        self._written: list[np.ndarray] = model.get_weights()
        super().__init__(callbacks, model, epochs=epochs, n_steps=n_steps)

    def on_epoch_begin(self, epoch: int) -> Change:
        """Let them act, and say what they have changed since the last epoch."""
        super().on_epoch_begin(epoch)
        if len(self.model.trainable_variables) != self._n_trainable:
            raise ValueError(
                "A Keras callback has frozen or thawed layers of the model, which machine code does not follow. Use "
                "engine='keras'."
            )
        rate, weights = current_learning_rate(self.model.optimizer), self.model.get_weights()
        same = all(np.array_equal(new, old) for new, old in zip(weights, self._written, strict=True))
        change = Change(None if rate == self._learning_rate else rate, None if same else weights)
        self._learning_rate, self._written = rate, weights
        return change

    def on_epoch_end(self, epoch: int, values: dict[str, float], snapshot: Callable[[], TrainedNetwork]) -> bool:
        """Show them the epoch and the weights after it."""
        self._write(snapshot().arrays)
        return super().on_epoch_end(epoch, values, snapshot)

    def last_weights(self, arrays: NetworkArrays, values: dict[str, float]) -> list[np.ndarray]:
        """Let them finish; the weights that they leave, which may not be those trained."""
        self._write(arrays)
        self.on_train_end(values)
        return self.model.get_weights()

    def _write(self, arrays: NetworkArrays) -> None:
        write_arrays(self.model, arrays)
        self._written = arrays.weights
