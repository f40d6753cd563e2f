"""How long a search may take, and what it says meanwhile.

A fit cannot be stopped from outside, so the time is looked at between pieces of work: a search goes over
by what its last piece takes, and pieces should be small.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from ..._compat.scikit_learn import Interval
from ..results import duration_text


class Budget:
    """The time budget and the progress of one search. Made and started within ``fit``, kept nowhere.

    Parameters
    ----------
    timeout : float or None
        Seconds from `start` after which no more candidates are begun. None: no limit.
    verbose : int
        From 1 on, progress is written to stderr.
    n_candidates : int or None
        How many are planned. None: not known beforehand.
    is_ladder : bool
        Whether each candidate takes longer than the one before, and the search may end before the last of them.
    costs : sequence of float, default=None
        What each candidate takes compared with the others, in the order in which they come. None: the same.
    """

    #: To be merged into the ``_parameter_constraints`` of a search.
    constraints: ClassVar[dict] = {"timeout": [Interval(Real, 0, None, closed="neither"), None]}

    def __init__(
        self,
        timeout: float | None,
        verbose: int,
        n_candidates: int | None,
        is_ladder: bool = False,
        costs: Sequence[float] | None = None,
    ):
        self.timeout = timeout
        self.verbose = verbose
        self.n_candidates = n_candidates
        self._is_ladder = is_ladder
        self._costs = costs
        self._n_done = 0
        #: Candidates and seconds from which on the pace is measured.
        self._pace_from = (0, 0.0)
        self._start = time.monotonic()
        self._line_is_open = False

    def start(self) -> Budget:
        """Let the time run from now."""
        self._start = time.monotonic()
        return self

    @property
    def elapsed_seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._start

    @property
    def is_spent(self) -> bool:
        """Whether the time is over. Not before one candidate is done: a search of none would be of no use."""
        return self.timeout is not None and self._n_done > 0 and self.elapsed_seconds > self.timeout

    def in_batches(self, candidates: Iterable, size: int) -> Iterator[list]:
        """Pieces of ``size`` candidates, until they or the time are at their end."""
        remaining = iter(candidates)
        n_before = self._n_done
        while not self.is_spent and (piece := list(islice(remaining, size))):
            yield piece
            n_before += len(piece)
            self._n_done = max(self._n_done, n_before)

    def go_on_from(self, n_done: int) -> None:
        """Note that so many candidates were evaluated before, in no time of this search."""
        self._n_done = n_done
        self._pace_from = (n_done, self.elapsed_seconds)

    def report(self, results: Mapping[str, Any], metric: str | None) -> None:
        """Note and, if ``verbose``, write how far the search is, and how long it will go on.

        Parameters
        ----------
        results : dict
            All results so far, in the form of ``cv_results_``.
        metric : str or None
            Whose best mean is shown: "score" for a search with one metric. None: of none.
        """
        self._n_done = len(results["params"])
        if self.verbose < 1:
            return
        planned = "" if self.n_candidates is None else f"/{self.n_candidates}"
        line = (
            f"{self._n_done}{planned} candidates, {_best(results, metric)}{duration_text(self.elapsed_seconds)}"
            f"{self._time_left()}"
        )
        if sys.stderr.isatty():
            # Erases to the end of the line: the one before may have been longer.
            print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
            self._line_is_open = True
        else:
            print(line, file=sys.stderr, flush=True)

    def _time_left(self) -> str:
        """What the candidates so far let expect of the others, in words; empty if there are none."""
        n_before, seconds_before = self._pace_from
        n_left = (self.n_candidates or 0) - self._n_done
        if n_left <= 0 or self._n_done <= n_before:
            return ""
        elapsed = self.elapsed_seconds
        of_those_left = self._cost(self._n_done, self._n_done + n_left)
        seconds = of_those_left * (elapsed - seconds_before) / self._cost(n_before, self._n_done)
        if self._is_ladder:  # the latest tells most about those to come
            self._pace_from = (self._n_done, elapsed)
        if self.timeout is not None and elapsed + seconds > self.timeout:
            return f", about {duration_text(max(0.0, self.timeout - elapsed))} left until the timeout"
        return f", about {duration_text(seconds)} left" + (" if all sizes are tried" if self._is_ladder else "")

    def _cost(self, start: int, stop: int) -> float:
        return stop - start if self._costs is None else sum(self._costs[start:stop])

    def end(self, n_left_out: int | None = None) -> None:
        """Close the line of progress, and warn about candidates for which there was no time.

        Parameters
        ----------
        n_left_out : int, default=None
            How many of those planned were not begun. None: the difference between planned and done.
        """
        self.close_line()
        if n_left_out is None:
            n_left_out = (self.n_candidates or 0) - self._n_done
        if self.is_spent and n_left_out > 0:
            warnings.warn(
                f"The time of the search was spent (timeout={self.timeout}) with {n_left_out} of "
                f"{self._n_done + n_left_out} candidates left out. Its results are those of the {self._n_done} that "
                "were evaluated.",
                UserWarning,
                stacklevel=2,
            )

    def close_line(self) -> None:
        """End the line of progress."""
        if self._line_is_open:
            print(file=sys.stderr, flush=True)
            self._line_is_open = False


def _best(results: Mapping[str, Any], metric: str | None) -> str:
    means = np.asarray(results.get(f"mean_test_{metric}", []), dtype=float)
    if metric is None or np.isnan(means).all():
        return ""
    best = int(np.nanargmax(means))
    return f"best {metric} {means[best]:.4g} ± {results[f'std_test_{metric}'][best]:.2g}, "
