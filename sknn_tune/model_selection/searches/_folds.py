"""The same folds for every candidate of a search that asks for splits several times."""

from __future__ import annotations

from typing import Any


class SameFolds:
    """A splitter that splits once, and then repeats itself.

    ``evaluate_candidates`` of scikit-learn splits anew in every call. With a splitter that shuffles by a
    ``random_state`` other than an int, candidates of different calls would be scored on different folds,
    and luck with the folds would be taken for quality.
    """

    def __init__(self, cv: Any):
        self._cv = cv
        self._splits: list | None = None

    def split(self, X: Any, y: Any = None, **options: Any) -> list:
        """What the splitter gave when it was first asked."""
        if self._splits is None:
            self._splits = list(self._cv.split(X, y, **options))
        return self._splits
