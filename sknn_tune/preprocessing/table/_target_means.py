"""Categories by the mean target of their rows, found for each row from other rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.preprocessing import LabelBinarizer, StandardScaler, TargetEncoder

from ..._compat.scikit_learn import type_of_target
from .._number_columns import BOUND

#: The means of a row of the training come from the other four fifths of the rows.
_N_FOLDS = 5


def target_columns(y: Any, target_type: str) -> np.ndarray:
    """What means are taken of: numbers, and of classes which class it is; an array of shape (n_rows, n_targets)."""
    y = np.asarray(y)
    if target_type == "auto":
        target_type = "continuous" if type_of_target(y).startswith("continuous") else "classes"
    if target_type == "classes" and (y.ndim == 1 or y.shape[1] == 1):
        y = LabelBinarizer().fit_transform(y.ravel())
    return y.reshape(len(y), -1).astype(np.float64)


class TargetMeans:
    """scikit-learn's ``TargetEncoder`` for each column of the targets, standardised and bounded.

    ``TargetEncoder.fit_transform`` is not used: for classes it fails where a class is missing in a fold, and how its
    folds are drawn is said differently from scikit-learn 1.9 on.
    """

    def fit_transform(self, categories: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """For rows of the training: each row's means are those of rows in other folds."""
        folds = KFold(min(_N_FOLDS, len(categories)), shuffle=True, random_state=0)
        encoders = [TargetEncoder(target_type="continuous") for _ in targets.T]
        means = np.hstack(
            [
                cross_val_predict(encoder, categories, target, cv=folds, method="transform")
                for encoder, target in zip(encoders, targets.T, strict=True)
            ]
        )
        self._encoders = [encoder.fit(categories, target) for encoder, target in zip(encoders, targets.T, strict=True)]
        self._scaler = StandardScaler().fit(means)
        return self._scaled(means)

    def transform(self, categories: np.ndarray) -> np.ndarray:
        """For new rows."""
        return self._scaled(np.hstack([encoder.transform(categories) for encoder in self._encoders]))

    def names(self, columns: list[str]) -> list[str]:
        """Names of the means, in their order."""
        if len(self._encoders) == 1:
            return [f"{column}_mean" for column in columns]
        return [f"{column}_mean{target}" for target in range(len(self._encoders)) for column in columns]

    def _scaled(self, means: np.ndarray) -> np.ndarray:
        return np.clip(self._scaler.transform(means), -BOUND, BOUND)  # a category of few rows may lie far outside
