"""Compile, or run uncompiled? Measured costs in one place, and a choice that can be explained.

The choice depends on the fit alone, never on what happens to be compiled already or on the load of
the machine: the two kinds of program round differently, and the same seed must give the same
weights in every process, whatever ran before.

All numbers are from one core of an AMD EPYC with TensorFlow 2.21; what counts is their proportion,
and being wrong by a factor of two costs little, since near the break-even both ways take as long.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from ._fused_structure import NetworkStructure


class Seconds(NamedTuple):
    """A cost: so much at least, and so much for each part of a network that has it."""

    base: float
    layer: float
    normalisation: float
    dropout: float

    def of(self, network: NetworkStructure) -> float:
        normalisations = sum(layer.batch_norm is not None for layer in network.layers)
        return (
            self.base
            + self.layer * len(network.layers)
            + self.normalisation * normalisations
            + self.dropout * network.n_random
        )


#: To trace and compile a training program: 0.3 s for one hidden layer, 0.45 s for three.
_COMPILING = Seconds(0.22, 0.08, 0.12, 0.05)

#: What TensorFlow's executor spends on one update beyond what a compiled program takes.
_EXECUTING = Seconds(40e-6, 12e-6, 60e-6, 50e-6)

#: And for each activation (rows * units) and each weight, which it visits once per operation.
_SECONDS_OF_AN_ACTIVATION = 1.5e-9
_SECONDS_OF_A_WEIGHT = 1.5e-9

#: A fit seldom comes alone: the folds of a search share its program, and so do later processes, which
#: read it from disk in a fifth of the time.
_FITS_OF_A_PROGRAM = 10


def overhead_seconds(network: NetworkStructure, widths: Sequence[int], batch_size: int) -> float:
    """What one update takes longer uncompiled."""
    n_weights = sum((fan_in + 1) * fan_out for fan_in, fan_out in itertools.pairwise(widths))
    activations = batch_size * sum(widths[1:]) * _SECONDS_OF_AN_ACTIVATION
    return _EXECUTING.of(network) + activations + n_weights * _SECONDS_OF_A_WEIGHT


def should_compile(
    network: NetworkStructure, widths: Sequence[int], batch_size: int, n_updates: int
) -> tuple[bool, str]:
    """Whether XLA should compile the program of a fit of ``n_updates`` updates, and why in a sentence."""
    cost = _COMPILING.of(network)
    gain = overhead_seconds(network, widths, batch_size) * n_updates * _FITS_OF_A_PROGRAM
    numbers = (
        f"compiling takes about {cost:.1f} s and saves about {gain:.2g} s "
        f"over {_FITS_OF_A_PROGRAM} fits of {n_updates} updates"
    )
    if gain > cost:
        return True, f"One compiled program trains this network: {numbers}."
    return False, f"An uncompiled program trains this network: {numbers}."
