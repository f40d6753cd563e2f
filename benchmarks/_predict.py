"""Predicted probabilities of one row, of thousands, and of a million: few columns, many, and sparse ones; warm."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from scipy.sparse import random_array

from ._candidates import Candidate
from ._clock import time_calls
from ._fresh import ChildFailedError, in_fresh_process
from ._peers import OURS, PEERS, chosen_peers
from ._report import Report, Table, progress
from ._search import peak_memory_mb
from ._tables import random_table

#: Who takes sparse rows.
_TAKE_SPARSE = (OURS, "MLPClassifier")


@dataclass(frozen=True)
class Task:
    """Columns, a network, and how many calls are made for how many rows; ``density`` of sparse rows."""

    name: str
    n_features: int
    hidden_layer_sizes: tuple[int, ...]
    calls_by_rows: dict[int, int]
    density: float | None = None


TASKS = [
    Task("few columns", 20, (64,), {1: 500, 1000: 100, 1_000_000: 5}),
    Task("many columns", 784, (64,), {1: 500, 8000: 20}),
    Task("two wide layers", 784, (512, 256), {1: 200, 8000: 5}),
    Task("sparse columns", 3772, (100,), {1: 200, 16_000: 5}, density=0.01),
]
QUICK = [
    Task("few columns", 20, (64,), {1: 3, 1000: 2}),
    Task("sparse columns", 300, (16,), {1: 3, 100: 2}, density=0.05),
]


def add_arguments(parser) -> None:
    """What only this benchmark has: nothing."""


def run(arguments) -> Report:
    """A table for each task."""
    tasks = QUICK if arguments.quick else TASKS
    report = Report("predict", {"tasks": [asdict(task) for task in tasks]})
    for task in tasks:
        rows = []
        for peer in chosen_peers(arguments.peers, arguments.quick):
            if task.density is None or peer.name in _TAKE_SPARSE:
                rows += _measured(peer.name, task, report)
        rows.sort(key=lambda row: row["rows"])
        report.ratios.update(_add_ratios(rows, task.name))
        title = f"Probabilities: {task.name} ({task.n_features:,} columns, hidden layers {task.hidden_layer_sizes})"
        notes = ["A peer without predict_proba gives its probabilities otherwise: decision_function of keras.wrappers."]
        report.tables.append(Table(title, rows, notes if task.density is None else []))
    return report


def _measured(peer: str, task: Task, report: Report) -> list[dict]:
    progress(f"predict: {task.name}: {peer}")
    settings = {**asdict(task), "calls_by_rows": list(task.calls_by_rows.items())}
    try:
        measured = in_fresh_process(measure_predict, peer=peer, task=settings)
    except ChildFailedError as failure:
        report.failures.append(f"{task.name}: {peer}: {failure}")
        return []
    return [{"peer": peer, **row} for row in measured]


def _add_ratios(rows: list[dict], name: str) -> dict[str, float]:
    """By the best of the calls: the others have waited for whoever else was on the machine."""
    ours = {row["rows"]: row["best_milliseconds"] for row in rows if row["peer"] == OURS}
    ratios = {}
    for row in rows:
        if row["peer"] != OURS and row["rows"] in ours:
            row["times_ours"] = row["best_milliseconds"] / ours[row["rows"]]
            ratios[f"{name}, {row['rows']:,} rows: {row['peer']} / {OURS}"] = row["times_ours"]
    return ratios


# --- in a fresh process --------------------------------------------------------------------------------


def measure_predict(peer: str, task: dict) -> list[dict]:
    """Fit shortly, then predict."""
    contender, n_features, density = PEERS[peer], task["n_features"], task["density"]
    contender.load()
    X, y = _rows(2000, n_features, density)
    candidate = Candidate(hidden_layer_sizes=task["hidden_layer_sizes"])
    fitted = contender.estimator(candidate, n_features, 2, 2).fit(X, y)
    predict = getattr(fitted, "predict_proba", None) or fitted.decision_function
    rows = []
    for n_rows, calls in task["calls_by_rows"]:
        asked, _ = _rows(n_rows, n_features, density, seed=1)
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


def _rows(n_rows: int, n_features: int, density: float | None, seed: int = 0):
    if density is None:
        return random_table(n_rows, n_features, seed=seed)
    _, y = random_table(n_rows, 20, seed=seed)
    X = random_array((n_rows, n_features), density=density, format="csr", dtype="float32", random_state=seed)
    return X, y
