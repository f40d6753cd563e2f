"""What a search looks like at one moment: facts, which words, pages and terminals show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Best:
    """The best candidate so far.

    Parameters
    ----------
    candidate : int
        Row of ``cv_results_``.
    parameters : dict of str
        Its parameters by their short names.
    value, spread : float
        Mean and standard deviation over the folds.
    measure : str
        What ``value`` is: the name of the metric, or of a recorded loss.
    is_score : bool
        Whether that is the score by which the search chooses.
    """

    candidate: int
    parameters: Mapping[str, str]
    value: float
    spread: float
    measure: str
    is_score: bool = True


@dataclass(frozen=True)
class FitSeen:
    """One of the latest fits.

    Parameters
    ----------
    candidate, fold : int
        Which one.
    parameters : dict of str
        Of its candidate, by their short names.
    value : float or None
        Its score, as far as it is known.
    status : str
        "finished", "pruned" or "failed".
    curve_name : str
        What ``curve`` is; empty if there is none.
    curve : tuple of float
        A recorded number over the epochs.
    n_epochs : int
        Epochs run.
    seconds : float or None
        For fitting and scoring.
    """

    candidate: int
    fold: int
    parameters: Mapping[str, str]
    value: float | None
    status: str
    curve_name: str
    curve: tuple[float, ...]
    n_epochs: int
    seconds: float | None


@dataclass(frozen=True)
class Snapshot:
    """A search at one moment.

    Parameters
    ----------
    search, estimator : str
        Names of the classes.
    state : str
        "searching", "refitting", "finished", or how it ended otherwise.
    n_candidates : int
        Candidates of which all fits are over.
    n_planned : int or None
        Candidates in all, if that is known.
    n_fits, n_running : int
        Fits that are over, and that are under way.
    n_folds : int or None
        Fits of each candidate.
    part_done : float or None
        Between 0 and 1.
    round : int
        Round of the search, from 1; 0 without rounds.
    n_rounds : int or None
        How many there will be.
    elapsed_seconds : float
        Since the search began.
    seconds_left : float or None
        What the fits so far let expect.
    left_until : str
        What the time left is until, if not the end of all candidates.
    best : Best or None
        None as long as no candidate is done.
    latest : tuple of FitSeen
        The latest fits, the last one first.
    n_failed_fits : int
        Fits that failed.
    failed : dict of tuple of int
        For each error the rows of the candidates in which it came.
    pruned : tuple of int
        Rows of candidates that were stopped.
    """

    search: str
    estimator: str
    state: str = "searching"
    n_candidates: int = 0
    n_planned: int | None = None
    n_fits: int = 0
    n_running: int = 0
    n_folds: int | None = None
    part_done: float | None = None
    round: int = 0
    n_rounds: int | None = None
    elapsed_seconds: float = 0.0
    seconds_left: float | None = None
    left_until: str = ""
    best: Best | None = None
    latest: tuple[FitSeen, ...] = ()
    n_failed_fits: int = 0
    failed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    pruned: tuple[int, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state not in ("searching", "refitting")
