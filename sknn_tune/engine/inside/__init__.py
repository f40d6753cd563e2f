"""Looks into trained networks: what each layer gives, the next update, the curve of an activation."""

from typing import TYPE_CHECKING

from ..._lazy import lazy_names
from ._activation_curves import values_and_slopes

if TYPE_CHECKING:  # these need TensorFlow
    from ._next_update import LayerUpdate, NextUpdate, next_update
    from ._signals import Signal, layer_signals
    from ._watch import Stage

__all__ = ["LayerUpdate", "NextUpdate", "Signal", "Stage", "layer_signals", "next_update", "values_and_slopes"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("LayerUpdate", "NextUpdate", "next_update"), "._next_update"),
        **dict.fromkeys(("Signal", "layer_signals"), "._signals"),
        "Stage": "._watch",
    },
    first=".._tensorflow",
)
