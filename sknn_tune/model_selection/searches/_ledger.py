"""What a running search of scikit-learn has evaluated so far, open to entries that need no fit.

``BaseSearchCV.fit`` keeps the candidates and the outcome of each fit in lists of its own, to which only
``evaluate_candidates`` adds, by fitting. Two kinds of candidates must come in another way:

- those that an earlier process has evaluated, or a resumed search would fit them again;
- those of which every fit failed. If a call of ``evaluate_candidates`` has no others, it raises, which is
  right for a whole random search and wrong for the one bad candidate of a sequential one.

Everything that follows (ranks, best candidate, refit) is done by ``fit`` from these lists, so the entries are
made in them. The choice not taken is to add rows to ``cv_results_``: ``fit`` looks into its list for the kind of
scores, so a search whose candidates are all known would still have to fit one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..._compat.scikit_learn_searches import require_metric_to_refit_by, running_search
from ..results import deciding


class Ledger:
    """The candidates of a search, and of each the outcome of its fits.

    Parameters
    ----------
    search : BaseSearchCV
        The search, whose ``fit`` is running.
    evaluate_candidates : callable
        What that ``fit`` gives to ``_run_search``.

    Attributes
    ----------
    running : RunningSearch
        The data of the search, its folds, and the lists in which its ``fit`` keeps candidates and fits.
    """

    def __init__(self, search: Any, evaluate_candidates: Callable) -> None:
        self._search = search
        self.running = running_search(search, evaluate_candidates)

    def __len__(self) -> int:
        return len(self.running.candidates)

    def fits_of(self, place: int) -> list[dict]:
        """Those of the candidate at this place, in the order of the folds."""
        n_splits = self.running.n_splits
        return self.running.fits[place * n_splits : (place + 1) * n_splits]

    def add(self, candidate: dict, fits: list[dict]) -> None:
        """Enter a candidate as if its fits had been made here."""
        self.running.candidates.append(candidate)
        self.running.fits.extend(fits)

    def refill(self, entries: Iterable[tuple[dict, list[dict]]]) -> None:
        """Begin anew with these candidates and their fits."""
        self.running.candidates.clear()
        self.running.fits.clear()
        for candidate, fits in entries:
            self.add(candidate, fits)

    def add_failed(self, candidate: dict, seconds: float, error: str) -> None:
        """Enter a candidate of which every fit failed, after so many seconds each."""
        fit = {
            "test_scores": self._search.error_score,
            **({"train_scores": self._search.error_score} if self._search.return_train_score else {}),
            "n_test_samples": 0,  # nothing was predicted
            "fit_time": seconds,
            "score_time": 0.0,
            "fit_error": error,
        }
        self.add(candidate, [dict(fit) for _ in range(self.running.n_splits)])

    def scores_of(self, place: int) -> list[float]:
        """What is optimised, of each fold of the candidate at this place."""
        fits = self.fits_of(place)
        metric = self._metric_of(fits)
        return [
            fit["test_scores"][metric] if isinstance(fit["test_scores"], dict) else fit["test_scores"] for fit in fits
        ]

    def progress(self) -> tuple[dict[str, Any], str]:
        """All results so far, as much of ``cv_results_`` as a line of progress needs, and the metric that counts."""
        scores = np.array([self.scores_of(place) for place in range(len(self))])
        metric = self._metric_of(self.running.fits)
        means = {f"mean_test_{metric}": scores.mean(axis=1), f"std_test_{metric}": scores.std(axis=1)}
        return {"params": self.running.candidates, **means}, metric

    def has_a_fit(self) -> bool:
        """Whether a candidate can be chosen: not if all fits have failed."""
        return any(fit["fit_error"] is None for fit in self.running.fits)

    def require_a_fit(self) -> None:
        """Raise if there is no candidate to choose."""
        if not self.has_a_fit():
            errors = [fit["fit_error"] for fit in self.running.fits]
            raise ValueError(
                f"All fits of all {len(self)} candidates failed, so none can be chosen. Set error_score='raise' to "
                f"see where. The last of the errors:\n{errors[-1]}"
            )

    def complete_scores(self) -> None:
        """Give fits that failed before any metric was known a score by each."""
        names = _metrics(self.running.fits)
        for fit in self.running.fits:
            for kind in ("test_scores", "train_scores"):
                if names and kind in fit and not isinstance(fit[kind], dict):
                    fit[kind] = dict.fromkeys(names, fit[kind])

    def _metric_of(self, fits: list[dict]) -> str:
        names = _metrics(fits)
        if names and callable(self._search.scoring):  # with other scorings, fit has done it
            require_metric_to_refit_by(self._search, names)
        return deciding(names or ["score"], self._search.refit)


def _metrics(fits: list[dict]) -> list[str]:
    """Names of several metrics; none for a single one."""
    return next((list(fit["test_scores"]) for fit in fits if isinstance(fit["test_scores"], dict)), [])
