"""The loss of the best prediction that does not look at the inputs: the measure of what a network has learnt."""

from __future__ import annotations

from typing import Any

import numpy as np


def loss_of_constant(
    y: np.ndarray, weights: np.ndarray, *, loss: Any, n_classes: int, label_smoothing: float
) -> float | None:
    """Lowest loss of a prediction that does not look at the inputs. Weights sum to one."""
    if loss == "sparse_categorical_crossentropy":
        shares = np.bincount(y.ravel(), weights, minlength=n_classes)
        return _entropy(_smoothed(shares, label_smoothing, n_classes))
    y = y.reshape(len(y), -1).astype("float64")
    n_answers = 2 if loss == "binary_crossentropy" else y.shape[1]
    mean = _smoothed(weights @ y, label_smoothing, n_answers)
    if loss == "mean_squared_error":
        return float((weights @ (y - mean) ** 2).mean())
    if loss == "categorical_crossentropy":
        return _entropy(mean)
    if loss == "binary_crossentropy":
        return float(np.mean([_entropy(np.array([share, 1 - share])) for share in mean]))
    return None


def lowest_loss(*, loss: Any, n_classes: int, label_smoothing: float) -> float:
    """Loss of a perfect prediction: that of the smoothed label itself, which is the same for every row."""
    if not label_smoothing:
        return 0.0
    n_answers = 2 if loss == "binary_crossentropy" else n_classes
    return _entropy(_smoothed(np.eye(n_answers)[0], label_smoothing, n_answers))


def _smoothed(shares: np.ndarray, label_smoothing: float, n_answers: int) -> np.ndarray:
    return shares * (1 - label_smoothing) + label_smoothing / n_answers if label_smoothing else shares


def _entropy(shares: np.ndarray) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
