"""What is known of a running search, put together from what its fits report in any order, from any thread."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np

from ...results import deciding, deciding_metric, metric_name, short_names, value_text
from ._events import FitBegan, FitOver
from ._plan import Plan, plan_of_rounds
from ._snapshot import Best, FitSeen, Snapshot


@dataclass
class _Candidate:
    """What the fits of a candidate came to, by their folds."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)
    losses: dict[int, float] = field(default_factory=dict)
    loss_name: str = ""
    folds: set[int] = field(default_factory=set)


@dataclass
class _Round:
    """Which rows the candidates of a round have."""

    first_row: int
    size: int
    number: int


class Progress:
    """What is known of a running search.

    Parameters
    ----------
    search : estimator
        The search.
    n_latest : int
        Fits to show.
    is_pruned_in : callable
        ``is_pruned_in(round, task)``: whether a pruner has stopped that fit.
    clock : callable
        ``clock()``: seconds.
    """

    def __init__(
        self,
        search: Any,
        n_latest: int,
        is_pruned_in: Callable[[tuple[int, ...], int], bool],
        clock: Callable[[], float],
    ):
        self._search = search
        self._is_pruned_in = is_pruned_in
        self._clock = clock
        self._lock = Lock()
        self._start = clock()
        self._end: float | None = None
        self._first_fit: float | None = None
        self._state = "searching"
        self._plan: Plan | None = None
        self._n_rounds: int | None = None
        self._rounds: dict[tuple[int, ...], _Round] = {}
        self._begun: dict[tuple[tuple[int, ...], int], float] = {}
        self._candidates: dict[int, _Candidate] = {}
        self._done_at: deque[float] = deque(maxlen=2)
        #: Seconds and work from which on the pace is measured: from when the first candidate was done, since the first
        #: fits of a process wait for TensorFlow and for compilers.
        self._pace_from: tuple[float, float] | None = None
        self._best: tuple[float, float, Best] | None = None
        self._latest: deque[FitSeen] = deque(maxlen=n_latest)
        self._failed: dict[str, set[int]] = {}
        self._pruned: set[int] = set()
        self._n_fits = self._n_failed_fits = self._n_done = 0
        self._has_results = False
        self._done_cost = 0.0

    # --- what is reported ------------------------------------------------------------------------------------

    def planned(self, plan: Plan) -> None:
        """Hear from the search itself what it means to do."""
        with self._lock:
            self._plan = plan

    def round_begun(self, round_: tuple[int, ...], n_fits: int, n_rounds: int | None) -> None:
        """Hear of a round with so many fits; ``n_rounds`` if it is one of so many."""
        with self._lock:
            self._n_rounds = n_rounds
            self._add_round(round_, n_fits // self._n_folds())

    def fit_began(self, message: FitBegan) -> None:
        """Hear that a fit has begun."""
        with self._lock:
            now = self._clock()
            self._first_fit = now if self._first_fit is None else self._first_fit
            self._begun[message] = now

    def fit_over(self, message: FitOver) -> None:
        """Hear what came of a fit."""
        with self._lock:
            begun = self._begun.pop((message.round, message.task), None)
            row, fold = self._place(message)
            candidate = self._candidates.setdefault(row, _Candidate())
            if fold in candidate.folds:
                return
            status = self._note(message, row, fold, candidate)
            seconds = None if begun is None else self._clock() - begun
            self._latest.appendleft(self._seen(message, row, fold, candidate, seconds, status))
            if len(candidate.folds) == self._n_folds():
                self._n_done += 1
                self._done_at.append(self._clock())
                self._pace_from = self._pace_from or (self._clock(), self._done_cost)
                self._compare(message, row, candidate)

    def refit_began(self) -> None:
        """Hear that the best candidate is being fitted on all rows."""
        with self._lock:
            self._state = "refitting"

    def over(self, state: str) -> None:
        """Hear that the search has ended, and how; the first to say so is right."""
        with self._lock:
            if self._end is None:
                self._state, self._end = state, self._clock()

    def n_unheard(self) -> int:
        """Fits of the rounds so far that have reported nothing."""
        with self._lock:
            return sum(each.size for each in self._rounds.values()) * self._n_folds() - self._n_fits

    def chosen(self) -> None:
        """Take from the finished search how many candidates it has, and which one it has chosen by what."""
        results = self._search.cv_results_
        metric = deciding_metric(results, getattr(self._search, "refit", None))
        means = np.asarray(results[f"mean_test_{metric}"], dtype=float)
        row = getattr(self._search, "best_index_", None)
        if row is None and np.isfinite(means).any():
            row = int(np.nanargmax(means))
        with self._lock:
            self._n_done, self._has_results = len(means), True
            self._best = None
            if row is not None:
                parameters = {name: value_text(value) for name, value in results["params"][row].items()}
                spread = float(results[f"std_test_{metric}"][row])
                name = metric_name(self._search, metric)
                best = Best(int(row), _short(parameters), float(means[row]), spread, name)
                self._best = (math.inf, 0.0, best)

    # --- what is to be seen ----------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """How it stands now."""
        with self._lock:
            plan = self._known_plan()
            left, until = (None, "") if self._end is not None else self._time_left(plan)
            rounds = max((each.number for each in self._rounds.values()), default=0) if self._n_rounds else 0
            n_folds = getattr(self._search, "n_splits_", None)
            return Snapshot(
                search=type(self._search).__name__,
                estimator=_name(getattr(self._search, "estimator", None)),
                state=self._state,
                n_candidates=self._n_done + (plan.n_before if plan and not self._has_results else 0),
                n_planned=plan.n_candidates if plan else None,
                n_fits=self._n_fits,
                n_running=0 if self._end is not None else len(self._begun),
                n_folds=n_folds if self._rounds else None,
                part_done=self._part_done(plan),
                round=rounds,
                n_rounds=self._n_rounds,
                elapsed_seconds=(self._clock() if self._end is None else self._end) - self._start,
                seconds_left=left,
                left_until=until,
                best=self._best[2] if self._best else None,
                latest=tuple(self._latest),
                n_failed_fits=self._n_failed_fits,
                failed={error: tuple(sorted(rows)) for error, rows in self._failed.items()},
                pruned=tuple(sorted(self._pruned)),
            )

    # --- within the lock -------------------------------------------------------------------------------------

    def _n_folds(self) -> int:
        return int(self._search.n_splits_)

    def _add_round(self, round_: tuple[int, ...], size: int) -> _Round:
        n_before = self._plan.n_before if self._plan else 0
        first = n_before + sum(each.size for each in self._rounds.values())
        self._rounds[round_] = _Round(first, size, len(self._rounds) + 1)
        return self._rounds[round_]

    def _place(self, message: FitOver) -> tuple[int, int]:
        """Row and fold; of a search that does not announce its rounds, they grow as fits are over."""
        number, fold = divmod(message.task, self._n_folds())
        found = self._rounds.get(message.round) or self._add_round(message.round, 0)
        found.size = max(found.size, number + 1)
        return found.first_row + number, fold

    def _note(self, message: FitOver, row: int, fold: int, candidate: _Candidate) -> str:
        """Count a fit, and say what became of it."""
        self._n_fits += 1
        self._done_cost += (self._plan or Plan(0)).cost(row) / self._n_folds()
        candidate.folds.add(fold)
        candidate.parameters = message.parameters
        if message.scores:
            candidate.scores[fold] = message.scores[deciding(list(message.scores), self._search.refit)]
        if not math.isnan(message.least):
            candidate.losses[fold], candidate.loss_name = message.least, message.curve_name
        is_pruned = self._is_pruned_in(message.round, message.task)
        if is_pruned:
            self._pruned.add(row)
        error = message.error
        if error is None and not math.isfinite(candidate.scores.get(fold, 0.0)):
            error = "it could not be scored"
        if error is not None:
            self._n_failed_fits += 1
            self._failed.setdefault(error, set()).add(row)
            return "failed"
        return "pruned" if is_pruned else "finished"

    def _has_failed(self, row: int) -> bool:
        return any(row in rows for rows in self._failed.values())

    def _seen(
        self, message: FitOver, row: int, fold: int, candidate: _Candidate, seconds: float | None, status: str
    ) -> FitSeen:
        return FitSeen(
            candidate=row,
            fold=fold,
            parameters=_short(message.parameters),
            value=candidate.scores.get(fold),
            status=status,
            curve_name=message.curve_name,
            curve=message.curve,
            n_epochs=message.n_epochs,
            seconds=seconds,
        )

    def _compare(self, message: FitOver, row: int, candidate: _Candidate) -> None:
        """Of candidates with different resources, those with the most count, as in the choice of the search."""
        if row in self._pruned or self._has_failed(row):
            return
        level = self._level(message)
        n_folds = self._n_folds()
        if len(candidate.scores) == n_folds:
            values, sign, is_score = list(candidate.scores.values()), 1.0, True
            measure = metric_name(self._search, deciding(list(message.scores), self._search.refit))
        elif len(candidate.losses) == n_folds and not candidate.scores:
            values, sign, is_score = list(candidate.losses.values()), -1.0, False
            measure = candidate.loss_name
        else:
            return
        mean = float(np.mean(values))
        if self._best is None or (level, sign * mean) > self._best[:2]:
            best = Best(row, _short(candidate.parameters), mean, float(np.std(values)), measure, is_score)
            self._best = (level, sign * mean, best)

    def _level(self, message: FitOver) -> float:
        resource = getattr(self._search, "resource_", getattr(self._search, "resource", None))
        if resource is None:
            return 0.0
        try:
            return float(message.parameters[resource])
        except (KeyError, ValueError):  # rows, not a parameter
            return float(self._rounds[message.round].number)

    def _known_plan(self) -> Plan | None:
        if self._plan is not None:
            return self._plan
        if not self._rounds:
            return None
        rounds = self._rounds.values()
        plan = plan_of_rounds(self._search, [each.size for each in rounds], self._n_rounds)
        if plan.costs is not None:
            self._done_cost = sum(
                plan.cost(row) * len(each.folds) / self._n_folds() for row, each in self._candidates.items()
            )
        return plan

    def _part_done(self, plan: Plan | None) -> float | None:
        if self._state in ("refitting", "finished"):
            return 1.0
        if plan is None or not plan.n_candidates:
            return None
        before = sum(plan.cost(row) for row in range(plan.n_before))
        return min(1.0, (before + self._done_cost) / (before + plan.total_cost()))

    def _time_left(self, plan: Plan | None) -> tuple[float | None, str]:
        """What the fits so far let expect of the others; nothing before one is over."""
        if plan is None or self._first_fit is None or not self._done_cost or self._state != "searching":
            return None, ""
        now = self._clock()
        seconds = self._seconds_of_ladder(plan) if plan.is_ladder else self._seconds_of_rest(plan, now)
        if seconds is None:
            return None, ""
        timeout = getattr(self._search, "timeout", None)
        if timeout is not None and now - self._start + seconds > timeout:
            return max(0.0, timeout - (now - self._start)), "until the timeout"
        return seconds, "if all sizes are tried" if plan.is_ladder else ""

    def _seconds_of_ladder(self, plan: Plan) -> float | None:
        """The latest candidate tells most about those to come, each of which is larger."""
        if not self._done_at or self._first_fit is None:
            return None
        latest = self._done_at[-1] - (self._done_at[0] if len(self._done_at) > 1 else self._first_fit)
        return max(0, plan.n_candidates - plan.n_before - self._n_done) * latest

    def _seconds_of_rest(self, plan: Plan, now: float) -> float:
        assert self._first_fit is not None
        since, before = self._first_fit, 0.0
        if self._pace_from is not None and self._n_done > 1:
            since, before = self._pace_from
        work = self._done_cost - before
        return max(0.0, plan.total_cost() - self._done_cost) * (now - since) / work


def _short(parameters: Mapping[str, str]) -> dict[str, str]:
    names = short_names(list(parameters))
    return {names[name]: value for name, value in parameters.items()}


def _name(estimator: Any) -> str:
    steps = getattr(estimator, "steps", None)
    return _name(steps[-1][1]) if isinstance(steps, list) and steps else type(estimator).__name__
