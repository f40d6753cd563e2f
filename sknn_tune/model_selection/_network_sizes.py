"""Networks from small to large: how many weights a topology has, and a ladder of topologies to climb."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any

#: The parameter of `KerasClassifier`, `KerasRegressor` and scikit-learn's ``MLPClassifier``.
PARAMETER = "hidden_layer_sizes"

#: Wider, wider, deeper. No layer is ever narrower than before, so the number of weights grows at each
#: step whatever the number of inputs; two steps double the width, since less can hardly be told apart.
LADDER: tuple[tuple[int, ...], ...] = (
    (8,),
    (16,),
    (32,),
    (32, 32),
    (64, 64),
    (128, 128),
    (128, 128, 128),
    (256, 256, 256),
    (512, 512, 512),
)


def is_topology(value: Any) -> bool:
    """Whether these are the widths of hidden layers: a sequence of integers, maybe of none."""
    return isinstance(value, tuple | list) and all(isinstance(width, Integral) for width in value)


def count_parameters(hidden_layer_sizes: int | Sequence[int], n_features: int, n_outputs: int) -> int:
    """Weights and biases of a dense network.

    Examples
    --------
    >>> from sknn_tune.model_selection._network_sizes import count_parameters
    >>> count_parameters((8,), n_features=4, n_outputs=3)
    67
    """
    hidden = list(hidden_layer_sizes) if isinstance(hidden_layer_sizes, Sequence) else [hidden_layer_sizes]
    return int(sum((before + 1) * after for before, after in pairwise([n_features, *hidden, n_outputs])))


def size_parameters(names: Any) -> list[str]:
    """Those of these names that are the topology of a network, in a ``Pipeline`` or not."""
    return [name for name in names if name.split("__")[-1] == PARAMETER]
