"""How well they predict: real tables, five splits, our estimators beside boosting and other networks.

Each cell, a table, a split and a method, is a fresh process; its result is a line of a file at once, and a further run
does only what is missing there. The file is kept in the repository, beside the page that is written from it. Seconds
are those of the fit and the prediction, imports excluded: of the clock, and of the processor. While the machine does
other work, take ``--threads 1`` and compare seconds of the processor: two threads of OpenMP on shared cores wait for
each other, and that can take twenty times as long. A later run on a quiet machine with ``--again`` gives seconds that
count.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np

from ._fresh import ChildFailedError, ChildTooSlowError, in_fresh_process
from ._machine import describe_machine
from ._quality_methods import METHODS, OURS, Method, who_runs
from ._quality_page import write_pages
from ._quality_records import Record, append_record, key_of, latest, read_records
from ._quality_summary import score_tables, seconds_table, summary_table
from ._quality_tables import (
    BINARY,
    N_SPLITS,
    QUALITY_TABLES,
    REGRESSION,
    describe_quality_table,
    digest_of,
    load_quality_table,
    quality_split,
)
from ._report import Report, Table, progress

COMPARES_PEERS = False

RECORDS = Path(__file__).parent / "results" / "quality.jsonl"
QUICK_TABLES, QUICK_METHODS = ["attrition", "diabetes"], ["boosting"]
#: Probabilities are kept this far from 0, for all alike: a float32 has no smaller distance from 1.
SMALLEST_PROBABILITY = 1e-7
#: Rows of the fit that comes before the clock, where machine code is to be there already.
WARM_UP_ROWS = 300


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--tables", nargs="+", choices=list(QUALITY_TABLES), help="default: all")
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), help="default: all that are installed")
    parser.add_argument("--splits", nargs="+", type=int, choices=range(N_SPLITS), help="default: all five")
    parser.add_argument("--records", type=Path, help=f"where results are kept (default: {RECORDS.name} in results)")
    parser.add_argument("--again", action="store_true", help="measure also what is there; the new results count")
    parser.add_argument("--threads", type=int, help="for everyone (default: what each takes)")
    parser.add_argument("--page", action="store_true", help="measure nothing; write docs/quality.md and the README")


def run(arguments) -> Report:
    """Measure what is missing, then report on all that is there."""
    quick = arguments.quick
    path = arguments.records or (RECORDS.with_name("quality_quick.jsonl") if quick else RECORDS)
    installed = [name for name, method in METHODS.items() if method.is_installed()]
    settings = {
        "tables": arguments.tables or (QUICK_TABLES if quick else list(QUALITY_TABLES)),
        "methods": arguments.methods or (QUICK_METHODS if quick else installed),
        "splits": arguments.splits or ([0] if quick else list(range(N_SPLITS))),
        "records": str(path),
        "threads": 1 if quick else arguments.threads,
    }
    report = Report("quality", settings)
    if arguments.page:
        write_pages(read_records(path))
    else:
        _measure_missing(report, path, arguments.again)
    _fill(report, latest(read_records(path)))
    return report


def _measure_missing(report: Report, path: Path, again: bool) -> None:
    """Split by split, so that there is something to see early."""
    settings = report.settings
    done = set() if again else {key_of(record) for record in read_records(path)}
    digests = {name: digest_of(*load_quality_table(name)[:2]) for name in settings["tables"]}
    with tempfile.TemporaryDirectory(prefix="sknn_tune_benchmark_cache_") as cache:
        for split in settings["splits"]:
            for method in map(METHODS.get, settings["methods"]):
                for table in settings["tables"]:
                    cell = {
                        "table": table,
                        "data": digests[table],
                        "split": split,
                        "method": method.name,
                        "versions": method.versions(),
                    }
                    runs = who_runs(method.name, QUALITY_TABLES[table].kind) == method.name
                    if runs and key_of(cell) not in done:
                        _measure(report, path, cell, method, Path(cache))


def _measure(report: Report, path: Path, cell: Record, method: Method, cache: Path) -> None:
    """Failures are reported and tried again next time; a method that is too slow has that as its result."""
    name = f"{cell['table']}, split {cell['split']}: {cell['method']}"
    machine, threads = describe_machine(), report.settings["threads"]
    asked = {"table": cell["table"], "split": cell["split"], "method": method.name}
    try:
        found = in_fresh_process(measure_cell, cache, method.limit_seconds, threads, **asked)
    except ChildTooSlowError:
        found = {"ended_after_seconds": method.limit_seconds}
    except ChildFailedError as failure:
        report.failures.append(f"{name}: {failure}")
        progress(f"{name}: FAILED\n{failure}")
        return
    append_record(path, {**cell, **found, "machine": machine, "threads": threads})
    progress(f"{name}: {', '.join(f'{key} {value:.4g}' for key, value in found.items())}")


def _fill(report: Report, records: list[Record]) -> None:
    """The tables of the report, of all results there are."""
    shown = [record for record in records if record["table"] in report.settings["tables"]]
    rows = [describe_quality_table(name) for name in report.settings["tables"]]
    report.tables.append(Table("Tables", rows))
    report.tables += [*score_tables(shown), summary_table(shown), seconds_table(shown)]


# --- in a fresh process --------------------------------------------------------------------------------


def measure_cell(table: str, split: int, method: str) -> dict[str, float]:
    """Fit on the rows of a split, predict those held out."""
    contender = METHODS[method]
    contender.load()
    X, y, kind = load_quality_table(table)
    train, test = quality_split(X, y, kind, split)
    X_train, y_train, X_test = X.iloc[train], y.iloc[train].to_numpy(), X.iloc[test]
    if contender.is_ours:
        # One fit, not a search, which could find a rare class in no fold of so few rows.
        METHODS[OURS].build(kind, X_train, split).fit(X_train[:WARM_UP_ROWS], y_train[:WARM_UP_ROWS])
    clock, processor = time.perf_counter(), processor_seconds()
    fitted = contender.build(kind, X_train, split).fit(X_train, y_train)
    predicted = fitted.predict(X_test) if kind == REGRESSION else fitted.predict_proba(X_test)
    seconds = {"seconds": time.perf_counter() - clock, "processor_seconds": processor_seconds() - processor}
    return {**scores(kind, y.iloc[test].to_numpy(), np.asarray(predicted, dtype=float)), **seconds}


def scores(kind: str, y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Log loss and AUC of two classes, log loss and accuracy of more, R² and root mean squared error of numbers."""
    from sklearn.metrics import log_loss, r2_score, roc_auc_score, root_mean_squared_error

    if kind == REGRESSION:
        predicted = predicted.ravel()
        return {"r2": float(r2_score(y, predicted)), "rmse": float(root_mean_squared_error(y, predicted))}
    predicted = np.clip(predicted, SMALLEST_PROBABILITY, None)
    predicted /= predicted.sum(axis=1, keepdims=True)
    loss = {"log_loss": float(log_loss(y, predicted, labels=np.arange(predicted.shape[1])))}
    if kind == BINARY:
        return {**loss, "auc": float(roc_auc_score(y, predicted[:, 1]))}
    return {**loss, "accuracy": float((predicted.argmax(axis=1) == y).mean())}


def processor_seconds() -> float:
    """Of all threads of this process and of its children, those that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
