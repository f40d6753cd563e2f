"""The user's Keras callbacks for a fit, and which of them act on batches."""

from __future__ import annotations

from ..._accepted import check_routes
from ..._compat.scikeras import callbacks_with_arguments
from ...specs import TrainingSpec
from .._tensorflow import keras


def users_callbacks(spec: TrainingSpec) -> list[keras.callbacks.Callback]:
    """The callbacks for this fit: classes are made (SciKeras routes their arguments), objects are the user's own.

    So the user finds in an object what it has seen, as with ``keras.Model.fit``. Where several fits would share it,
    estimators and members have copies.
    """
    if spec.callbacks is None:
        return []
    routed = {f"callbacks__{name}": value for name, value in spec.callbacks_arguments}
    given = list(spec.callbacks) if isinstance(spec.callbacks, tuple) else spec.callbacks
    check_routes("callback", given, dict(spec.callbacks_arguments), "callbacks")
    return callbacks_with_arguments(given, routed)


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
