"""Which engine trains a fit, and why in a sentence.

The choice depends on the fit and on whether there is a card, never on the load of the machine or on what happens to be
compiled already: the engines round differently, and the same seed must give the same weights whatever ran before.
"""

from __future__ import annotations

from typing import Any, Literal

from ..specs import TrainingSpec
from ._devices import Placement
from ._scope import why_not_machine_code
from .formulas import layer_widths, product_operations

Engine = Literal["numba", "keras"]

#: Operations in the products of an update from which on a card pays, if there is one. A card needs some 0.5 ms for the
#: hundred small programs of an update of Keras, in which machine code makes about so many operations on two cores.
#: ``python -m benchmarks device`` measures the break-even on a machine that has a card.
OPERATIONS_FOR_A_CARD = 50_000_000


def choose_engine(
    wanted: str, network: Any, training: TrainingSpec, placement: Placement, start: Any = None
) -> tuple[Engine, str]:
    """The engine, and the reason.

    Parameters
    ----------
    wanted : {"auto", "numba", "keras"}
    network, training, start
        As in `Job`.
    placement : Placement

    Raises
    ------
    ValueError
        If machine code was asked for and cannot train this.
    """
    if wanted == "keras":
        return "keras", "engine='keras' was asked for."
    obstacle = why_not_machine_code(network, training, start)
    if obstacle is None and placement.on_gpu and placement.chosen:
        obstacle = f"device={placement.name!r} was asked for"
    if wanted == "numba":
        if obstacle is not None:
            raise ValueError(f"engine='numba' cannot train this network because {obstacle}. Use engine='auto'.")
        return "numba", "engine='numba' was asked for."
    if obstacle is not None:
        return "keras", f"Keras trains this network because {obstacle}."
    if not placement.on_gpu:
        return "numba", "Machine code trains dense networks on the processor with Keras' results, many times faster."
    operations = product_operations(layer_widths(network), training.batch_size * network.n_members)
    size = f"an update of {operations / 1e6:.3g} million operations"
    if operations < OPERATIONS_FOR_A_CARD:
        return "numba", f"Machine code trains this network on the processor: {size} is too small for a card."
    return "keras", f"Keras trains this network on {placement.name}: {size} is large enough for a card."
