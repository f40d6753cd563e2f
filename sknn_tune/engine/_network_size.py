"""Refuses a network that no memory of this machine can hold, before anything of it is allocated.

Problem: an array of a hundred gigabytes is promised by the system at once, and the process is killed when it is filled:
a search dies of one candidate, without a word. Choice: what a fit needs at the very least, which follows from widths
alone, is held against the most that the process can have. What may fit is tried, however large it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..exceptions import NetworkTooLargeError
from ..specs import NetworkSpec, TrainingSpec
from ._devices import placed_on
from ._memory_limit import memory_limit
from .formulas import MOMENTS, optimizer_name, resolve_optimizer

#: What the Python objects of a network that is trained take, without a single weight.
_BYTES_OF_A_NETWORK = 4096


#: What fits so surely that nobody has to be asked.
_FITS_ANYWHERE = 2**25


class Size(NamedTuple):
    """What a fit needs at least.

    Attributes
    ----------
    n_inputs : int
        Of the first layer behind feature layers.
    n_weights : int
        Of one network.
    n_before : int
        How many of them belong to feature layers.
    n_kept : int
        Numbers of a network that is trained: its weights, and what the optimizer keeps of each.
    n_activations : int
        Numbers that one batch makes of itself.
    n_networks : int
    itemsize : int
        Bytes of a number.
    """

    n_inputs: int
    n_weights: int
    n_before: int
    n_kept: int
    n_activations: int
    n_networks: int
    itemsize: int

    @property
    def of_weights(self) -> int:
        """Bytes of one network in training: weights and gradients, and what the optimizer keeps."""
        return (self.n_kept + self.n_weights) * self.itemsize

    @property
    def of_one(self) -> int:
        """Bytes of one network in training, with a batch."""
        return self.of_weights + self.n_activations * self.itemsize

    @property
    def of_all(self) -> int:
        """Bytes of all networks of the fit: those that are trained are kept."""
        return self.of_one + (self.n_networks - 1) * max(self.n_kept * self.itemsize, _BYTES_OF_A_NETWORK)


def check_network_fits(
    network: NetworkSpec, training: TrainingSpec, *, n_networks: int, device: str | Sequence[str] | None, estimator: str
) -> None:
    """Raise `NetworkTooLargeError` if training needs more memory than there is.

    Parameters
    ----------
    network, training : spec
    n_networks : int
        How many of them one fit trains.
    device : str, sequence of str or None
    estimator : str
        For the message.
    """
    size = size_of(network, training, n_networks)
    if size.of_all <= _FITS_ANYWHERE:
        return
    limit = memory_limit()
    if size.of_all <= limit:
        return
    with placed_on(device) as placement:
        # A card has memory of its own, out of which the trained weights come here.
        if placement.on_gpu and size.n_weights * size.itemsize * size.n_networks <= limit:
            return
    raise NetworkTooLargeError(_message(network, training, size, limit, estimator))


def size_of(network: NetworkSpec, training: TrainingSpec, n_networks: int = 1) -> Size:
    """What a fit needs at least."""
    n_inputs, before, n_signals = math.prod(network.input_shape), 0, 0
    if network.feature_layers:
        from .models import size_of_feature_layers  # loads TensorFlow

        n_inputs, before, n_signals = size_of_feature_layers(network) or (1, 0, 0)
    widths = (n_inputs, *network.hidden_layer_sizes, network.n_outputs)
    members = network.n_members
    kernels = [fan_in * fan_out for fan_in, fan_out in pairwise(widths)]
    n_weights = before + sum(kernels[:-1]) + members * (kernels[-1] + sum(widths[1:]))
    name = optimizer_name(training.optimizer)
    n_moments = 0 if name is None else len(MOMENTS[resolve_optimizer(training).form])
    return Size(
        n_inputs=n_inputs,
        n_weights=n_weights,
        n_before=before,
        n_kept=(1 + n_moments) * n_weights,
        n_activations=training.batch_size * (n_signals + members * sum(widths[1:])),
        n_networks=n_networks,
        itemsize=np.dtype(network.dtype).itemsize,
    )


def _message(network: NetworkSpec, training: TrainingSpec, size: Size, limit: int, estimator: str) -> str:
    """Which parameter makes it too large, how large it is, and what to do."""
    name, do = _culprit(network, training, size, limit)
    several, weights = size.n_networks > 1, _count(size.n_weights)
    made = f"{_count(size.n_networks)} networks of {weights} weights each" if several else f"{weights} weights"
    rows = f", and a batch of {training.batch_size} rows in each layer," if name == "batch_size" else ""
    return (
        f"The {name!r} parameter of {estimator} makes {made}. These with their gradients and what the optimizer keeps "
        f"of them{rows} take at least {_bytes(size.of_all)} in {network.dtype}, but this process can have "
        f"{_bytes(limit)} at most. {do}."
    )


def _culprit(network: NetworkSpec, training: TrainingSpec, size: Size, limit: int) -> tuple[str, str]:
    """The parameter that makes it too large, and what to do about it."""
    alone = size if network.n_members == 1 else size_of(replace(network, n_members=1), training)
    if alone.of_one <= limit:
        return "n_members", "Use fewer members"
    if size.of_weights <= limit:
        return "batch_size", "Use smaller batches"
    widest = max(network.n_outputs, *network.hidden_layer_sizes, 0)
    if network.feature_layers and (size.n_before > size.n_weights // 2 or size.n_inputs > widest):
        return "feature_layers", "Use smaller layers there, or end with a pooling layer"
    if network.hidden_layer_sizes:
        return "hidden_layer_sizes", "Use fewer units"
    return "hidden_layer_sizes", "Put a narrow hidden layer between the columns and the outputs, or use fewer columns"


def _count(number: int) -> str:
    return str(number) if number < 10**6 else _three_digits(Decimal(number))


def _bytes(number: int) -> str:
    left = Decimal(number)
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if left < 1000:
            return f"{_three_digits(left)} {unit}"
        left /= 1000
    return f"{_three_digits(left)} EB"


def _three_digits(number: Decimal) -> str:
    """Decimals have no largest number, but write zeros at the end."""
    return f"{float(number) if number < 10**300 else number:.3g}"
