"""A live view in plain lines, for log files and for what reads no HTML."""

from __future__ import annotations

from ._snapshot import Snapshot
from ._words import best_so_far, counted, failures, headline, rows, times


def progress_line(snapshot: Snapshot) -> str:
    """One line for a log."""
    parts = [f"{snapshot.search}: {headline(snapshot)}", times(snapshot)]
    if snapshot.n_failed_fits:
        parts.append(f"{counted(snapshot.n_failed_fits, 'fit')} failed")
    if snapshot.pruned:
        parts.append(f"{len(snapshot.pruned)} pruned")
    if snapshot.best is not None:
        parts.append(f"best so far {snapshot.best.measure} {snapshot.best.value:.4g}")
    return "; ".join(parts)


def lines(snapshot: Snapshot) -> list[str]:
    """All there is to say, in a few lines."""
    found = [f"{snapshot.search} of {snapshot.estimator}: {headline(snapshot)}; {times(snapshot)}"]
    found.append(f"  {best_so_far(snapshot)}")
    if snapshot.n_failed_fits:
        found.append(f"  failed: {counted(snapshot.n_failed_fits, 'fit')}")
        found += [f"    {line}" for line in failures(snapshot)]
    if snapshot.pruned:
        found.append(f"  pruned: {rows(snapshot.pruned)}")
    return found
