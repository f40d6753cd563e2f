"""The rows that are held out inside a fit, to see when training should stop."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

from .resolve import Parameters


def held_out_rows(
    parameters: Parameters,
    X: Any,
    y: np.ndarray,
    *,
    class_index: np.ndarray | None,
    groups: np.ndarray | None,
    seed: int,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Indices of the rows to train on and of those held out; the latter None if none are.

    Parameters
    ----------
    class_index : ndarray of shape (n_rows,) or None
        The class of each row where the split is to be stratified.
    seed : int
        Draws the rows.
    """
    splitter = parameters["validation_split"]
    n_rows = X.shape[0]
    if hasattr(splitter, "split"):
        train, held_out = next(iter(_seeded(splitter, seed).split(X, y, groups)))
        return np.asarray(train), np.asarray(held_out)
    fraction = splitter or (parameters["validation_fraction"] if parameters["early_stopping"] else 0)
    if not fraction:
        return np.arange(n_rows), None
    if class_index is None:
        return _random_rows(n_rows, fraction, seed)
    return _stratified_rows(class_index, fraction, seed)


def _random_rows(n_rows: int, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    n_held_out = math.ceil(fraction * n_rows)
    if n_held_out >= n_rows:
        raise _too_few(n_rows, fraction)
    return next(ShuffleSplit(1, test_size=n_held_out, random_state=seed).split(np.empty((n_rows, 1))))


def _stratified_rows(class_index: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Every class keeps its share; a class of a single row stays in training, where it is needed most."""
    counts = np.bincount(class_index)
    lonely = counts[class_index] < 2
    candidates = np.flatnonzero(~lonely)
    n_classes = int(np.sum(counts >= 2))
    n_held_out = max(math.ceil(fraction * len(class_index)), n_classes)
    if n_classes == 0 or len(candidates) - n_held_out < n_classes:
        raise _too_few(len(class_index), fraction)
    splitter = StratifiedShuffleSplit(1, test_size=n_held_out, random_state=seed)
    train, held_out = next(splitter.split(np.empty((len(candidates), 1)), class_index[candidates]))
    return np.concatenate([candidates[train], np.flatnonzero(lonely)]), candidates[held_out]


def _seeded(splitter: Any, seed: int) -> Any:
    """A splitter without a ``random_state`` would draw from NumPy's global generator; give it our seed."""
    if getattr(splitter, "random_state", 0) is None and getattr(splitter, "shuffle", True):
        splitter = copy.copy(splitter)
        splitter.random_state = seed
    return splitter


def _too_few(n_rows: int, fraction: float) -> ValueError:
    return ValueError(
        f"early_stopping holds out validation_fraction={fraction} of the rows, but {n_rows} rows (n_samples={n_rows}) "
        "are too few to leave some of every class on both sides. Give more rows, another 'validation_fraction', your "
        "own X_val and y_val, or early_stopping=False."
    )
