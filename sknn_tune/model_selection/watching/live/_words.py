"""The sentences of a live view, which are the same on pages, in terminals and in log files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ...results import duration_text
from ._snapshot import FitSeen, Snapshot

#: Rows that are named before "and 3 more".
_MOST_ROWS = 8
#: Errors that are told apart.
_MOST_ERRORS = 3
#: Letters of an error, of which some have whole tables in them.
_MOST_LETTERS = 160


def headline(snapshot: Snapshot) -> str:
    """How far the search is."""
    planned = "" if snapshot.n_planned is None else f" of {snapshot.n_planned}"
    parts = [f"{snapshot.n_candidates}{planned} candidates"]
    if snapshot.n_folds is not None and snapshot.n_folds > 1:
        parts.append(f"{snapshot.n_fits} fits")
    if snapshot.n_rounds:
        parts.append(f"round {snapshot.round} of {snapshot.n_rounds}")
    if snapshot.n_running:
        parts.append(f"{snapshot.n_running} running")
    return ", ".join(parts)


def times(snapshot: Snapshot) -> str:
    """How long it has taken, and how long it will go on."""
    elapsed = duration_text(snapshot.elapsed_seconds)
    if snapshot.state == "refitting":
        return f"{elapsed}, fitting the best on all rows"
    if snapshot.is_over:
        return f"{snapshot.state} after {elapsed}" if snapshot.state != "finished" else f"finished in {elapsed}"
    if snapshot.seconds_left is None:
        return elapsed
    until = f" {snapshot.left_until}" if snapshot.left_until else ""
    return f"{elapsed}, about {duration_text(snapshot.seconds_left)} left{until}"


def best_title(snapshot: Snapshot) -> str:
    """What the best is: so far, or to the end."""
    return "chosen" if snapshot.state == "finished" else "best so far"


def best_measure(snapshot: Snapshot) -> str:
    """What "best" goes by."""
    best = snapshot.best
    if best is None:
        return "no candidate has a score yet" if not snapshot.is_over else "no candidate has a score"
    folds = f"mean of {snapshot.n_folds} folds" if snapshot.n_folds and snapshot.n_folds > 1 else ""
    if best.is_score:
        return f"{best.measure}, {folds}" if folds else best.measure
    of = "rows that each fit held out" if best.measure.startswith("val_") else "the rows of training"
    return (
        f"lowest {best.measure} on {of}{', ' + folds if folds else ''}: this scikit-learn shows no score of the "
        "search before it is over"
    )


def best_value(snapshot: Snapshot) -> str:
    """The number of the best, with its spread over the folds."""
    best = snapshot.best
    if best is None:
        return ""
    spread = f" ± {best.spread:.2g}" if snapshot.n_folds is None or snapshot.n_folds > 1 else ""
    return number(best.value) + spread


def best_so_far(snapshot: Snapshot) -> str:
    """In one line."""
    best = snapshot.best
    if best is None:
        return best_measure(snapshot)
    return (
        f"{best_title(snapshot)}: candidate {best.candidate}, {best_value(snapshot)} ({best_measure(snapshot)}): "
        f"{parameters(best.parameters)}"
    )


def failures(snapshot: Snapshot) -> list[str]:
    """What failed, an error a line, with the candidates in which it came."""
    lines = [
        f"{rows(candidates)}: {shortened(error)}" for error, candidates in list(snapshot.failed.items())[:_MOST_ERRORS]
    ]
    n_more = len(snapshot.failed) - len(lines)
    return [*lines, f"and {n_more} other errors"] if n_more > 0 else lines


def counted(n: int, what: str) -> str:
    """``"1 fit"``, ``"2 fits"``."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def rows(candidates: Sequence[int]) -> str:
    """Which candidates: the last of them, if there are many."""
    named = ", ".join(map(str, candidates[-_MOST_ROWS:]))
    n_more = len(candidates) - _MOST_ROWS
    others = f" and {n_more} earlier" if n_more > 0 else ""
    return f"{'candidate' if len(candidates) == 1 else 'candidates'} {named}{others}"


def parameters(values: Mapping[str, str], most: int | None = None) -> str:
    """In one line, cut where it is too long."""
    return shortened(", ".join(f"{name}={value}" for name, value in values.items()), most)


def shortened(text: str, most: int | None = None) -> str:
    """In one line of at most so many letters."""
    line, most = " ".join(text.split()), most or _MOST_LETTERS
    return line if len(line) <= most else f"{line[: most - 1]}…"


def number(value: float | None) -> str:
    """Four digits, or a dash."""
    return "–" if value is None or math.isnan(value) else f"{value:.4g}"


def score(fit: FitSeen) -> str:
    """The score of a fit, and what became of it if it was not finished."""
    return number(fit.value) if fit.status == "finished" else f"{number(fit.value)} {fit.status}"


def seconds(fit: FitSeen) -> str:
    """How long a fit took; empty if nobody knows."""
    return "" if fit.seconds is None else f"{fit.seconds:.2f}"


def ends_of_curve(curve: Sequence[float]) -> str:
    """Where it began and where it ended."""
    return f"{number(curve[0])} → {number(curve[-1])}" if len(curve) > 1 else "".join(map(number, curve))


def curve_heading(snapshot: Snapshot) -> str:
    """What the curves are; empty if there are none."""
    return " / ".join(dict.fromkeys(fit.curve_name for fit in snapshot.latest if fit.curve))
