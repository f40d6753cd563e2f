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
    kept = [_held_out(candidate, X, y) for candidate in candidates]
    known = [each for each in kept if each is not None]
    if len(known) == len(candidates):
        with suppress(_OtherRowsError, AttributeError):
            return [float(scorer(each, each.X, each.y)) for each in known]
    return [in_folds(candidate) for candidate in candidates]


def _held_out(candidate: Any, X: Any, y: Any) -> _HeldOut | None:
    """What a candidate has kept of the rows of its fit; None without, or for classes in several columns."""
    network = candidate[-1] if isinstance(candidate, Pipeline) else candidate
    table = getattr(network, "oof_prediction_", None)
    if table is None:
        return None
    rows = np.flatnonzero(~np.isnan(table.reshape(len(table), -1)).any(axis=1))
    known = table[rows], rows_at(X, rows), rows_at(y, rows)
    if is_classifier(network):
        return _HeldOutClasses(*known, network.classes_) if np.ndim(y) == 1 else None
    return _HeldOutNumbers(*known) if is_regressor(network) else None


class _OtherRowsError(Exception):
    """A scorer wants to know what is predicted of rows that it was not given."""


class _HeldOut(BaseEstimator):
    """A fitted estimator, as scorers take it, that knows the rows held out only: what it predicts of them, and y."""

    def __init__(self, table: np.ndarray, X: Any, y: Any) -> None:
        self.table, self.X, self.y = table, X, y

    def _of(self, X: Any) -> np.ndarray:
        if X is not self.X:
            raise _OtherRowsError
        return self.table


class _HeldOutClasses(ClassifierMixin, _HeldOut):
    def __init__(self, table: np.ndarray, X: Any, y: Any, classes_: np.ndarray) -> None:
        super().__init__(table, X, y)
        self.classes_ = classes_

    def predict_proba(self, X: Any) -> np.ndarray:
        return self._of(X)

    def predict(self, X: Any) -> np.ndarray:
        return self.classes_[self._of(X).argmax(axis=1)]


class _HeldOutNumbers(RegressorMixin, _HeldOut):
    def predict(self, X: Any) -> np.ndarray:
        return self._of(X)
