"""How many weights the hidden layers of a network make, and by which parameter a search varies them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any

#: The parameter of `KerasClassifier`, `KerasRegressor` and scikit-learn's ``MLPClassifier``.
PARAMETER = "hidden_layer_sizes"


def is_topology(value: Any) -> bool:
    """Whether these are the widths of hidden layers: a sequence of integers, maybe of none."""
    return isinstance(value, tuple | list) and all(isinstance(width, Integral) for width in value)


def count_parameters(hidden_layer_sizes: int | Sequence[int], n_features: int, n_outputs: int) -> int:
    """Weights and biases of a dense network.

    Examples
    --------
    >>> from sknn_tune.model_selection.results._network_sizes import count_parameters
    >>> count_parameters((8,), n_features=4, n_outputs=3)
    67
    """
    hidden = list(hidden_layer_sizes) if isinstance(hidden_layer_sizes, Sequence) else [hidden_layer_sizes]
    return int(sum((before + 1) * after for before, after in pairwise([n_features, *hidden, n_outputs])))


def size_parameters(names: Any) -> list[str]:
    """Those of these names that are the topology of a network, in a ``Pipeline`` or not."""
    return [name for name in names if name.split("__")[-1] == PARAMETER]
