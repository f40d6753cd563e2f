"""What a random forest reaches on the same rows: a bound that needs no tuning."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

#: Enough for each row to be left out by some forty.
N_TREES = 100


def forest_score(X: Any, y: np.ndarray, *, classes: bool, balanced: bool) -> float:
    """Out-of-bag score: each row is predicted by the trees that were grown without it.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, n_features)
        Rows.
    y : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        Targets.
    classes : bool
        Whether these are classes, and the score is accuracy; else it is R².
    balanced : bool
        Whether classes count alike: then it is balanced accuracy.

    Returns
    -------
    score : float
        1 is without error.
    """
    if y.ndim == 2 and classes:  # a label that all rows have, or none, is always right
        y = y[:, (y != y[0]).any(axis=0)]
        y = y.ravel() if y.shape[1] == 1 else y
        if y.size == 0:
            return 1.0
    kind = RandomForestClassifier if classes else RandomForestRegressor
    forest = kind(N_TREES, max_features="sqrt", min_samples_leaf=2, oob_score=True, random_state=0).fit(X, y)
    if not balanced:
        return float(forest.oob_score_)
    # Not class_weight: with it, rows of a rare class are in so many trees that none is left to predict them.
    probabilities = forest.oob_decision_function_ * (len(y) / np.unique(y, return_counts=True)[1])
    return balanced_accuracy(y, forest.classes_[probabilities.argmax(axis=1)])


def balanced_accuracy(actual: Any, predicted: Any) -> float:
    """Mean recall of the classes that are there. Of others that are predicted, scikit-learn's would warn."""
    actual, predicted = np.asarray(actual).ravel(), np.asarray(predicted).ravel()
    return float(np.mean([(predicted[actual == label] == label).mean() for label in np.unique(actual)]))
