"""What runs the updates of a fit? Measured costs in one place, and a choice that can be explained.

Three ways: machine code that Numba has compiled once for all networks ("numba"), a program that XLA compiles for
this one ("compiled"), or one that TensorFlow's executor runs operation by operation ("graph"). The choice depends on
the fit alone, never on what happens to be compiled already or on the load of the machine: the ways round differently,
and the same seed must give the same weights in every process, whatever ran before.

All numbers are from an AMD EPYC with two cores, TensorFlow 2.21 and Numba 0.68; what counts is their
proportion, and being wrong by a factor of two costs little, since near the break-even all ways take
as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from ..specs import NetworkSpec, TrainingSpec
from ._fused_structure import (
    NetworkStructure,
    TrainingStructure,
    layer_widths,
    n_affine_weights,
    product_operations,
    training_structure,
)

Way = Literal["numba", "compiled", "graph"]


class _Costs(NamedTuple):
    """Seconds: once, for each update and its parts, for each activation (rows * units) and each weight."""

    once: float
    once_layer: float
    once_normalisation: float
    once_dropout: float
    update: float
    layer: float
    normalisation: float
    dropout: float
    activation: float
    normalised: float
    weight: float
    operations_per_second: float

    def first(self, network: NetworkStructure) -> float:
        """Before the first update of a shape."""
        return (
            self.once
            + self.once_layer * len(network.layers)
            + self.once_normalisation * _n_normalised(network)
            + self.once_dropout * network.n_random
        )

    def each(self, network: NetworkStructure, widths: Sequence[int], batch_size: int) -> float:
        """An update."""
        n_activations = batch_size * sum(widths[1:])
        normalised = n_activations if _n_normalised(network) else 0
        return (
            self.update
            + self.layer * len(network.layers)
            + self.normalisation * _n_normalised(network)
            + self.dropout * network.n_random
            + self.activation * n_activations
            + self.normalised * normalised
            + self.weight * n_affine_weights(widths)
            + self.products(product_operations(widths, batch_size))
        )

    def products(self, operations: int) -> float:
        """Matrix products of so many operations; large ones are shared by two threads."""
        return operations / self.operations_per_second / (2 if operations >= BUSY_OPERATIONS else 1)


#: Operations of an update from which on its products keep two threads busy.
BUSY_OPERATIONS = 40_000_000

#: Loading TensorFlow takes 4 to 8 s, shared by the programs of a process, of which a search has a few.
_LOADING = 1.0

_COSTS: dict[Way, _Costs] = {
    "numba": _Costs(0.0, 0.0, 0.0, 0.0, 1.5e-6, 0.6e-6, 0.4e-6, 0.2e-6, 0.4e-9, 1.0e-9, 0.3e-9, 100e9),
    "compiled": _Costs(_LOADING + 0.3, 0.12, 0.18, 0.05, 8e-6, 4e-6, 3e-6, 3e-6, 1.2e-9, 0.6e-9, 1.0e-9, 65e9),
    "graph": _Costs(_LOADING, 0.0, 0.0, 0.0, 50e-6, 16e-6, 63e-6, 53e-6, 2.7e-9, 2.0e-9, 2.5e-9, 65e9),
}

#: A fit seldom comes alone: the folds of a search share its program.
_FITS_OF_A_PROGRAM = 4

_NAMES: dict[Way, str] = {
    "numba": "machine code that Numba compiled once for all networks",
    "compiled": "a compiled program",
    "graph": "an uncompiled TensorFlow program",
}


def cheapest_way(network: NetworkSpec, training: TrainingSpec, n_rows: int, on_gpu: bool = False) -> tuple[Way, str]:
    """The way, and why in a sentence.

    Machine code knows no GPU, and needs a Numba that works.
    """
    structure = training_structure(network, training)
    ways: list[Way] = ["compiled", "graph"]
    obstacle = None if on_gpu else why_not_machine_code()
    if not on_gpu and obstacle is None:
        ways = ["compiled", "numba"]
    n_updates = training.steps_per_epoch(n_rows) * training.epochs
    seconds = {
        way: seconds_of_fits(way, structure, layer_widths(network), training.batch_size, n_updates) for way in ways
    }
    chosen, other = sorted(ways, key=lambda way: seconds[way])
    reason = (
        f"It is trained by {_NAMES[chosen]}: {_FITS_OF_A_PROGRAM} fits of {n_updates} updates would take about "
        f"{seconds[chosen]:.2g} s, and {seconds[other]:.2g} s by {_NAMES[other]}."
    )
    return chosen, reason if obstacle is None else f"{reason} {obstacle}"


@cache
def why_not_machine_code() -> str | None:
    """One sentence if Numba cannot compile, as with a NumPy that is too new for it."""
    try:
        from numba import config
    except ImportError as error:
        return f"Numba, which would be faster, cannot be imported: {error}"
    return "Numba, which would be faster, is switched off by NUMBA_DISABLE_JIT." if config.DISABLE_JIT else None


def seconds_of_fits(
    way: Way, structure: TrainingStructure, widths: Sequence[int], batch_size: int, n_updates: int
) -> float:
    """What the folds of a search take, with what has to be compiled for them."""
    costs = _COSTS[way]
    updates = costs.each(structure.network, widths, batch_size) * n_updates * _FITS_OF_A_PROGRAM
    return costs.first(structure.network) + updates


def _n_normalised(network: NetworkStructure) -> int:
    return sum(layer.batch_norm is not None for layer in network.layers)
