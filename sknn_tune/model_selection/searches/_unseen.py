"""How well fitted candidates predict rows that they have not seen: by what they have kept, else in folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier, is_regressor
from sklearn.pipeline import Pipeline

from ..._compat.scikit_learn import rows_at

Scorer = Callable[[Any, Any, Any], float]


def scores_of_unseen_rows(
    candidates: Sequence[Any], X: Any, y: Any, scorer: Scorer, in_folds: Callable[[Any], float]
) -> list[float]:
    """A score for each fitted candidate, all found in the same way.

    If all candidates have kept what the members of a network predict of the rows that they hold out
    (``oof_prediction_``), by that; if not, or if the scorer asks for anything else, by ``in_folds(candidate)``.
    """
    predicted = [_held_out(candidate, y) for candidate in candidates]
    known = [each for each in predicted if each is not None]
    if len(known) == len(candidates):
        with suppress(_OtherRowsError, AttributeError):
            return [each.score_by(scorer, X, y) for each in known]
    return [in_folds(candidate) for candidate in candidates]


def _held_out(candidate: Any, y: Any) -> _HeldOut | None:
    """What a candidate has kept; None without, or where classes are not one column of labels."""
    network = candidate[-1] if isinstance(candidate, Pipeline) else candidate
    table = getattr(network, "oof_prediction_", None)
    if table is None:
        return None
    if is_classifier(network):
        return _HeldOutClasses(network.classes_, table) if np.ndim(y) == 1 else None
    return _HeldOutNumbers(table) if is_regressor(network) else None


class _OtherRowsError(Exception):
    """A scorer wants to know what is predicted of rows that it was not given."""


class _HeldOut(BaseEstimator):
    """A fitted estimator, as scorers take it, that knows the rows of its fit only."""

    table: np.ndarray
    X: Any

    def score_by(self, scorer: Scorer, X: Any, y: Any) -> float:
        """The score over the rows that were held out."""
        rows = np.flatnonzero(~np.isnan(self.table.reshape(len(self.table), -1)).any(axis=1))
        self.table, self.X = self.table[rows], rows_at(X, rows)
        return float(scorer(self, self.X, rows_at(y, rows)))

    def _of(self, X: Any) -> np.ndarray:
        if X is not self.X:
            raise _OtherRowsError
        return self.table


class _HeldOutClasses(ClassifierMixin, _HeldOut):
    def __init__(self, classes_: np.ndarray, table: np.ndarray) -> None:
        self.classes_, self.table = classes_, table

    def predict_proba(self, X: Any) -> np.ndarray:
        return self._of(X)

    def predict(self, X: Any) -> np.ndarray:
        return self.classes_[self._of(X).argmax(axis=1)]


class _HeldOutNumbers(RegressorMixin, _HeldOut):
    def __init__(self, table: np.ndarray) -> None:
        self.table = table

    def predict(self, X: Any) -> np.ndarray:
        return self._of(X)
