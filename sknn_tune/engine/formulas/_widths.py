"""The widths of a network, and what follows from them alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ...specs import NetworkSpec


def layer_widths(network: NetworkSpec) -> tuple[int, ...]:
    """Inputs, hidden layers, outputs."""
    return (*network.input_shape, *network.hidden_layer_sizes, network.n_outputs)


def n_affine_weights(widths: Sequence[int]) -> int:
    """Kernels and biases."""
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths))


def product_operations(widths: Sequence[int], batch_rows: int) -> int:
    """Operations in the matrix products of an update, forward and backward."""
    return 6 * batch_rows * n_affine_weights(widths)
