"""What a running search of scikit-learn has evaluated so far, open to entries that need no fit.

``BaseSearchCV.fit`` keeps the candidates and the outcome of each fit in lists of its own, to which only
``evaluate_candidates`` adds, by fitting. Two kinds of candidates must come in another way:

- those that an earlier process has evaluated, or a resumed search would fit them again;
- those of which every fit failed. If a call of ``evaluate_candidates`` has no others, it raises, which is
  right for a whole random search and wrong for the one bad candidate of a sequential one.

Everything that follows (ranks, best candidate, refit) is done by ``fit`` from these lists, so the entries are
made in them: the function ``evaluate_candidates`` holds them as variables of its closure, under names that
are the same from scikit-learn 1.6 to 1.9.

The choice not taken is to add rows in ``_format_results``: ``fit`` looks into its list for the kind of scores,
so a search whose candidates are all known would still have to fit one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
    cv : splitter
        Its folds.
    n_splits : int
        Number of fits of each candidate.
    """

    def __init__(self, search: Any, evaluate_candidates: Callable):
        names = evaluate_candidates.__code__.co_freevars
        self._variables = dict(zip(names, evaluate_candidates.__closure__ or (), strict=True))
        # A variable of `fit` at first, and an attribute in later versions.
        cv_cell = self._variables.get("cv_orig")
        self.cv = search._checked_cv_orig if cv_cell is None else cv_cell.cell_contents
        split = self._variables["routed_params"].cell_contents.splitter.split
        self.n_splits: int = self.cv.get_n_splits(*self.data, **split)

    @property
    def candidates(self) -> list[dict]:
        """Parameters, one dict per candidate."""
        return self._variables["all_candidate_params"].cell_contents

    @property
    def fits(self) -> list[dict]:
        """Scores, seconds and error of every fit: all folds of the first candidate, then of the second, ..."""
        return self._variables["all_out"].cell_contents

    def fits_of(self, place: int) -> list[dict]:
        """Those of the candidate at this place, in the order of the folds."""
        return self.fits[place * self.n_splits : (place + 1) * self.n_splits]

    @property
    def data(self) -> tuple[Any, Any]:
        """``X`` and ``y`` of the search."""
        return self._variables["X"].cell_contents, self._variables["y"].cell_contents

    @property
    def metadata(self) -> dict[str, Any]:
        """What else was given to ``fit``, by who gets it: ``{"estimator.fit.sample_weight": ...}``."""
        routed = self._variables["routed_params"].cell_contents
        return {
            f"{consumer}.{method}.{name}": value
            for consumer, method in (("estimator", "fit"), ("splitter", "split"), ("scorer", "score"))
            for name, value in routed[consumer][method].items()
            if value is not None
        }

    def __len__(self) -> int:
        return len(self.candidates)

    def add(self, candidate: dict, fits: list[dict]) -> None:
        """Enter a candidate as if its fits had been made here."""
        self.candidates.append(candidate)
        self.fits.extend(fits)

    def close(self, results: dict) -> None:
        """Give ``fit`` the results to go on with."""
        self._variables["results"].cell_contents = results
