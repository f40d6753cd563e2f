"""What runs the updates of a fit? Measured costs in one place, and a choice that can be explained.

The choice depends on the fit alone, never on what happens to be compiled already or on the load of
the machine: the ways round differently, and the same seed must give the same weights in every
process, whatever ran before.
"""

from __future__ import annotations

from typing import Literal

from ..specs import NetworkSpec, TrainingSpec
from ._fused_structure import layer_widths, training_structure
from ._numpy_scope import numpy_trains

Way = Literal["numpy", "compiled", "graph"]


def cheapest_way(network: NetworkSpec, training: TrainingSpec, n_rows: int, device: str | None) -> tuple[Way, str]:
    """The way, and why in a sentence."""
    structure = training_structure(network, training)
    if numpy_trains(structure):
        return "numpy", "x"
    return "compiled", "y"
