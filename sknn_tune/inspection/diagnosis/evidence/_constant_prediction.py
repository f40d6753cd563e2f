"""The loss of the best prediction that does not look at the inputs: the measure of what a network has learnt."""

from __future__ import annotations

from typing import Any

import numpy as np


def loss_of_constant(loss: Any, y: np.ndarray, weights: np.ndarray) -> float | None:
    """Lowest loss of a prediction that does not look at the inputs. Weights sum to one."""
    if loss == "sparse_categorical_crossentropy":
        return _entropy(np.bincount(y.ravel(), weights))
    y = y.reshape(len(y), -1).astype("float64")
    mean = weights @ y
    if loss == "mean_squared_error":
        return float((weights @ (y - mean) ** 2).mean())
    if loss == "categorical_crossentropy":
        return _entropy(mean)
    if loss == "binary_crossentropy":
        return float(np.mean([_entropy(np.array([share, 1 - share])) for share in mean]))
    return None


def _entropy(shares: np.ndarray) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
