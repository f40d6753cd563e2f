"""Makes the user's Keras callbacks anew for a fit, and tells which of them act on batches."""

from __future__ import annotations

import copy

from ..._compat.keras import forget_model, model_of
from ..._compat.scikeras import callbacks_with_arguments
from ...specs import TrainingSpec
from .._tensorflow import keras


def users_callbacks(spec: TrainingSpec) -> list[keras.callbacks.Callback]:
    """New callback objects for this fit: classes are made (SciKeras routes their arguments), objects copied.

    A callback that has seen one fit carries its best value, its patience and often the whole model
    into the next. So the user's objects never see a fit themselves.
    """
    if spec.callbacks is None:
        return []
    routed = {f"callbacks__{name}": value for name, value in spec.callbacks_arguments}
    given = list(spec.callbacks) if isinstance(spec.callbacks, tuple) else spec.callbacks
    return [_own_copy(callback) for callback in callbacks_with_arguments(given, routed)]


def _own_copy(callback: keras.callbacks.Callback) -> keras.callbacks.Callback:
    """A deep copy, without the model of an earlier fit."""
    if model_of(callback) is not None:
        callback = copy.copy(callback)  # the user's own keeps its model
        forget_model(callback)
    return copy.deepcopy(callback)


#: Methods of a callback that nothing but ``keras.Model.fit`` calls.
_OF_BATCHES = (
    *("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"),
    *("on_test_begin", "on_test_end", "on_test_batch_begin", "on_test_batch_end"),
)


def acts_on_batches(callback: keras.callbacks.Callback) -> bool:
    """Whether ``callback`` has a method of its own that only ``keras.Model.fit`` would call."""
    return any(
        name in vars(callback) or getattr(type(callback), name) is not getattr(keras.callbacks.Callback, name)
        for name in _OF_BATCHES
    )
