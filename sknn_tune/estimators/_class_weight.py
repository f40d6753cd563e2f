"""``class_weight`` as a number for each class."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def weights_of_classes(given: Mapping[Any, Any], classes: np.ndarray, y: np.ndarray, estimator: str) -> np.ndarray:
    """The weight of each class, one where none is given; those that cannot be meant are refused."""
    name = f"The 'class_weight' parameter of {estimator}"
    for label, weight in given.items():
        if not _is_weight(weight):
            raise ValueError(
                f"{name} gives class {label!r} the weight {weight!r}, but a weight is a finite number, not below zero."
            )
    names = [_names_of(label) for label in classes]
    unknown = [label for label in given if not any(label in same for same in names)]
    if unknown and not all(any(name in given for name in same) for same in names):
        raise ValueError(
            f"{name} has weights for {', '.join(map(repr, unknown[:5]))}, but the classes of y are "
            f"{classes.tolist()[:10]}. Give the labels as they are in y."
        )
    # Not by scikit-learn, which makes numbers of text that is one and then finds no weight for the class "1".
    weights = np.array([next((float(given[name]) for name in same if name in given), 1.0) for same in names])
    counted = weights[np.isin(classes, y)]
    if np.count_nonzero(counted) < min(len(counted), 2):
        left = "no class" if not counted.any() else "one class only"
        raise ValueError(f"{name} leaves {left} of y with a weight, so there is nothing to learn. Got {given!r}.")
    return weights


def _names_of(label: Any) -> tuple[Any, ...]:
    """A label as a user may write it: as NumPy has it, as Python has it, and a date without a time as one."""
    names = (label, label.item()) if isinstance(label, np.generic) else (label,)
    if isinstance(label, np.datetime64) and label == label.astype("datetime64[D]"):
        return (*names, label.astype("datetime64[D]"))
    return names


def _is_weight(weight: Any) -> bool:
    if isinstance(weight, str | bytes) or np.ndim(weight):
        return False
    try:
        return math.isfinite(weight) and weight >= 0
    except (TypeError, OverflowError):
        return False
