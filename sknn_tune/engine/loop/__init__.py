"""What happens between epochs, once for every engine: validation, early stopping, callbacks, who looks on."""

from typing import TYPE_CHECKING

from ..._lazy import lazy_names
from ._epochs import Course, check_monitor, run_epochs, with_monitored

if TYPE_CHECKING:  # these need TensorFlow, which a fit by machine code does without
    from ._keras_callbacks import KerasCallbacks, KerasCallbacksOnCopy

__all__ = ["Course", "KerasCallbacks", "KerasCallbacksOnCopy", "check_monitor", "run_epochs", "with_monitored"]

__getattr__, __dir__ = lazy_names(
    __name__, {"KerasCallbacks": "._keras_callbacks", "KerasCallbacksOnCopy": "._keras_callbacks"}
)
