"""Compile, or run uncompiled? Measured costs in one place, and a choice that can be explained.

The choice depends on the fit alone, never on what happens to be compiled already or on the load of
the machine: the two kinds of program round differently, and the same seed must give the same
weights in every process, whatever ran before.

All numbers are from one core of an AMD EPYC with TensorFlow 2.21; what counts is their proportion,
and being wrong by a factor of two costs little, since near the break-even both ways take as long.
"""

from __future__ import annotations

from ._fused_structure import NetworkStructure

#: Seconds to trace and compile: (64,) took 0.30, three layers 0.45, each batch normalisation 0.12 more.
_COMPILE_SECONDS = 0.22
_COMPILE_SECONDS_OF_A_LAYER = 0.08
_COMPILE_SECONDS_OF_A_NORMALISATION = 0.12
_COMPILE_SECONDS_OF_A_DROPOUT = 0.05

#: What TensorFlow's executor spends on the operations of one update beyond their arithmetic.
_OVERHEAD_SECONDS = 45e-6
_OVERHEAD_SECONDS_OF_A_LAYER = 25e-6
_OVERHEAD_SECONDS_OF_A_NORMALISATION = 60e-6
_OVERHEAD_SECONDS_OF_A_DROPOUT = 50e-6

#: A fit seldom comes alone: three folds and the refit of a search share their program.
_FITS_OF_A_PROGRAM = 4


def compile_seconds(network: NetworkStructure) -> float:
    """What tracing and compiling a training program takes."""
    return (
        _COMPILE_SECONDS
        + _COMPILE_SECONDS_OF_A_LAYER * len(network.layers)
        + _COMPILE_SECONDS_OF_A_NORMALISATION * sum(layer.batch_norm is not None for layer in network.layers)
        + _COMPILE_SECONDS_OF_A_DROPOUT * network.n_random
    )


def overhead_seconds(network: NetworkStructure) -> float:
    """What one update takes longer uncompiled."""
    return (
        _OVERHEAD_SECONDS
        + _OVERHEAD_SECONDS_OF_A_LAYER * len(network.layers)
        + _OVERHEAD_SECONDS_OF_A_NORMALISATION * sum(layer.batch_norm is not None for layer in network.layers)
        + _OVERHEAD_SECONDS_OF_A_DROPOUT * network.n_random
    )


def should_compile(network: NetworkStructure, n_updates: int) -> tuple[bool, str]:
    """Whether XLA should compile the program of a fit of ``n_updates`` updates, and why in a sentence."""
    cost = compile_seconds(network)
    gain = overhead_seconds(network) * n_updates * _FITS_OF_A_PROGRAM
    numbers = (
        f"compiling takes about {cost:.1f} s and saves about {gain:.2g} s "
        f"over {_FITS_OF_A_PROGRAM} fits of {n_updates} updates"
    )
    if gain > cost:
        return True, f"One compiled program trains this network: {numbers}."
    return False, f"An uncompiled program trains this network: {numbers}."
