"""Label smoothing: what a loss with it minimises is the same loss for other targets, so no formula of a loss knows it.

Each target gives up the share ``label_smoothing``, which is spread over all outputs of its row; for a binary
crossentropy, which takes each output for itself, over its two answers.
"""

from __future__ import annotations

import numpy as np

from ...specs import INDEX_LOSSES, TrainingSpec


def label_smoothing(training: TrainingSpec) -> float:
    """The share; 0 without smoothing."""
    return float(dict(training.loss_arguments).get("label_smoothing", 0.0))


def loss_of_targets(training: TrainingSpec) -> str:
    """The loss by its name: of class numbers that are smoothed, and so become rows, the one that takes rows."""
    name = str(training.loss)
    return "categorical_crossentropy" if name in INDEX_LOSSES and label_smoothing(training) else name


def smoothed_targets(training: TrainingSpec, y: np.ndarray, n_outputs: int) -> np.ndarray:
    """Columns of targets as the loss compares them with outputs, by Keras' formula; ``y`` itself without smoothing."""
    share = label_smoothing(training)
    if not share:
        return y
    if training.loss in INDEX_LOSSES:
        y = np.eye(n_outputs, dtype=y.dtype)[y[:, 0].astype(np.intp)]
    n_answers = 2 if training.loss == "binary_crossentropy" else n_outputs
    return y * (1.0 - share) + share / n_answers
