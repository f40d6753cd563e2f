"""Looks into trained networks: what each layer gives, the next update, the curve of an activation."""

from ._activation_curves import values_and_slopes
from ._next_update import LayerUpdate, NextUpdate, next_update
from ._signals import Signal, layer_signals
from ._watch import Stage

__all__ = ["LayerUpdate", "NextUpdate", "Signal", "Stage", "layer_signals", "next_update", "values_and_slopes"]
