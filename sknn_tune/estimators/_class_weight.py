"""``class_weight`` as a number for each class."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight


def weights_of_classes(given: Mapping[Any, Any], classes: np.ndarray, y: np.ndarray, estimator: str) -> np.ndarray:
    """The weight of each class, one where none is given; those that cannot be meant are refused."""
    name = f"The 'class_weight' parameter of {estimator}"
    for label, weight in given.items():
        if not _is_weight(weight):
            raise ValueError(
                f"{name} gives class {label!r} the weight {weight!r}, but a weight is a finite number, not below zero."
            )
    known = set(classes.tolist()) | set(classes)
    unknown = [label for label in given if label not in known]
    if unknown and not all(label in given for label in classes):
        raise ValueError(
            f"{name} has weights for {', '.join(map(repr, unknown[:5]))}, but the classes of y are "
            f"{classes.tolist()[:10]}. Give the labels as they are in y."
        )
    weights = compute_class_weight({label: float(weight) for label, weight in given.items()}, classes=classes, y=y)
    counted = weights[np.isin(classes, y)]
    if np.count_nonzero(counted) < min(len(counted), 2):
        left = "no class" if not counted.any() else "one class only"
        raise ValueError(f"{name} leaves {left} of y with a weight, so there is nothing to learn. Got {given!r}.")
    return weights


def _is_weight(weight: Any) -> bool:
    if isinstance(weight, str | bytes) or np.ndim(weight):
        return False
    try:
        return math.isfinite(weight) and weight >= 0
    except (TypeError, OverflowError):
        return False
