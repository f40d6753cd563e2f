"""The user's Keras callbacks beside compiled programs.

A callback that acts between epochs (EarlyStopping, ReduceLROnPlateau, LearningRateScheduler, one of
the user's own) needs a ``keras.Model`` to look at and to steer. It gets a real one, which is
given the trained weights at the end of each epoch; what the callback changes in it (the weights, the
learning rate, ``stop_training``) goes back into the training. A callback that acts on batches
cannot be served: a compiled call runs many of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._optimizers import current_learning_rate
from ._tensorflow import keras
from ._trained import NetworkArrays
from ._weights import write_arrays

#: Methods of a callback that a training in compiled programs never calls.
_NOT_CALLED = (
    *("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"),
    *("on_test_begin", "on_test_end", "on_test_batch_begin", "on_test_batch_end"),
)


def acts_on_batches(callback) -> bool:
    """Whether ``callback`` has a method of its own that only ``keras.Model.fit`` would call."""
    return any(
        name in vars(callback) or getattr(type(callback), name) is not getattr(keras.callbacks.Callback, name)
        for name in _NOT_CALLED
    )


class Change(NamedTuple):
    """What callbacks changed between two epochs; None where they left it."""

    learning_rate: float | None
    weights: list | None


class EpochCallbacks:
    """Keras callbacks as one observer of an engine.

    Parameters
    ----------
    callbacks : list of keras.callbacks.Callback
    model : keras.Model
        Compiled, with the weights that training starts from.
    epochs, n_steps : int
        Of the training, and updates in each epoch: Keras tells its callbacks.
    """

    def __init__(self, callbacks: list, model, *, epochs: int, n_steps: int):
        self._callbacks, self._model = callbacks, model
        self._learning_rate = current_learning_rate(model.optimizer)
        self._written: list[np.ndarray] = model.get_weights()
        model.stop_training = False
        for callback in callbacks:
            callback.set_params({"verbose": 0, "epochs": epochs, "steps": n_steps})
            callback.set_model(model)
            callback.on_train_begin()

    def on_epoch_begin(self, epoch: int) -> Change:
        """Let them act, and say what they have changed since the last epoch."""
        for callback in self._callbacks:
            callback.on_epoch_begin(epoch, {})
        return self._changes()

    def on_epoch_end(self, epoch: int, values: dict, snapshot) -> bool:
        """Show them the epoch; numbers that they add to ``values`` are recorded."""
        self._write(snapshot().arrays)
        for callback in self._callbacks:
            callback.on_epoch_end(epoch, values)
        return bool(self._model.stop_training)

    def on_train_end(self, arrays: NetworkArrays, values: dict) -> list:
        """Let them finish; the weights that they leave, which may not be those trained."""
        self._write(arrays)
        for callback in self._callbacks:
            callback.on_train_end(values)
        return self._model.get_weights()

    def _write(self, arrays: NetworkArrays) -> None:
        write_arrays(self._model, arrays)
        self._written = arrays.weights

    def _changes(self) -> Change:
        rate, weights = current_learning_rate(self._model.optimizer), self._model.get_weights()
        same = all(np.array_equal(new, old) for new, old in zip(weights, self._written, strict=True))
        change = Change(None if rate == self._learning_rate else rate, None if same else weights)
        self._learning_rate, self._written = rate, weights
        return change
