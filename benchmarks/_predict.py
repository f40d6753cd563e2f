"""Predicted probabilities of one row, of a thousand, and of a million: warm, the median of many calls."""

from __future__ import annotations

from ._candidates import Candidate
from ._clock import time_calls
from ._fresh import ChildFailedError, in_fresh_process
from ._peers import OURS, PEERS, chosen_peers
from ._report import Report, Table, progress
from ._search import peak_memory_mb
from ._tables import random_table

#: Rows -> calls.
SIZES = {1: 500, 1000: 100, 1_000_000: 5}
QUICK = {1: 3, 1000: 2}


def add_arguments(parser) -> None:
    """What only this benchmark has: nothing."""


def run(arguments) -> Report:
    """One table."""
    sizes = QUICK if arguments.quick else SIZES
    report = Report("predict", {"calls_by_rows": sizes, "n_features": 20, "hidden": [64]})
    rows = []
    for peer in chosen_peers(arguments.peers, arguments.quick):
        progress(f"predict: {peer.name}")
        try:
            measured = in_fresh_process(measure_predict, peer=peer.name, sizes=list(sizes.items()))
        except ChildFailedError as failure:
            report.failures.append(f"{peer.name}: {failure}")
            continue
        rows += [{"peer": peer.name, **row} for row in measured]
    rows.sort(key=lambda row: row["rows"])
    report.ratios.update(_add_ratios(rows))
    notes = ["A peer without predict_proba gives its probabilities otherwise: decision_function of keras.wrappers."]
    report.tables.append(Table("Probabilities of a network of 20 features and (64,)", rows, notes))
    return report


def _add_ratios(rows: list[dict]) -> dict[str, float]:
    ours = {row["rows"]: row["milliseconds"] for row in rows if row["peer"] == OURS}
    ratios = {}
    for row in rows:
        if row["peer"] != OURS and row["rows"] in ours:
            row["times_ours"] = row["milliseconds"] / ours[row["rows"]]
            ratios[f"{row['rows']:,} rows: {row['peer']} / {OURS}"] = row["times_ours"]
    return ratios


# --- in a fresh process --------------------------------------------------------------------------------


def measure_predict(peer: str, sizes: list[list[int]]) -> list[dict]:
    """Fit shortly, then predict."""
    contender = PEERS[peer]
    contender.load()
    X, y = random_table(2000, 20)
    fitted = contender.estimator(Candidate(), 20, 2, 2).fit(X, y)
    predict = getattr(fitted, "predict_proba", None) or fitted.decision_function
    rows = []
    for n_rows, calls in sizes:
        asked, _ = random_table(n_rows, 20, seed=1)
        before = peak_memory_mb()
        timed = time_calls(lambda asked=asked: predict(asked), calls)
        rows.append(
            {
                "rows": n_rows,
                "milliseconds": timed.warm * 1000,
                "best_milliseconds": timed.best * 1000,
                "first_milliseconds": timed.first * 1000,
                "peak_memory_growth_mb": None if before is None else peak_memory_mb() - before,
            }
        )
    return rows
