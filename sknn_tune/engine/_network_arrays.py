"""The numbers of a network, apart from whatever computes with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class NetworkArrays:
    """The numbers of a network, in Keras' order.

    Attributes
    ----------
    weights : list of ndarray
        As ``keras.Model.get_weights``.
    optimizer : list of ndarray or None
        As ``keras.Optimizer.variables``; None before the first update.
    seeds : list of ndarray or None
        States of the random generators of dropout layers; None where the engine has none.
    """

    weights: list[np.ndarray]
    optimizer: list[np.ndarray] | None
    seeds: list[np.ndarray] | None


def check_same_shapes(old: Iterable, new: Iterable) -> None:
    """Refuse to go on from weights of another network."""
    if [tuple(weight.shape) for weight in old] != [tuple(weight.shape) for weight in new]:
        raise ValueError(
            "warm_start cannot go on from the present weights: the parameters now describe a network of another "
            "shape. Fit with warm_start=False, or keep the parameters of the network."
        )
