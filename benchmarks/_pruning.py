"""What pruners save of a random search, and what it costs.

The same candidates in the same folds, without a pruner and with each. Saved are epochs of the fits that are
compared, the refit apart. The best score should stay within one standard error of that without a pruner (the
standard deviation of its folds by the root of their number; five folds, since that of three is hardly known).
"""

from __future__ import annotations

import math
import statistics

from ._clock import seconds_of
from ._report import Report, Table, progress
from ._tables import load_table


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--rows", choices=["small", "large"], default="small", help="7 032 rows, or 50 000")
    parser.add_argument("--candidates", type=int, help="default: 40")
    parser.add_argument("--epochs", type=int, help="default: 30")
    parser.add_argument("--folds", type=int, default=5, help="default: 5")
    parser.add_argument("--jobs", type=int, default=1, help="n_jobs of the searches, default: 1")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the candidates and folds, default: 0")


def run(arguments) -> Report:
    """A table per seed."""
    quick = arguments.quick
    settings = {
        "rows": "quick" if quick else arguments.rows,
        "candidates": arguments.candidates or (4 if quick else 40),
        "epochs": arguments.epochs or (4 if quick else 30),
        "folds": arguments.folds,
        "jobs": arguments.jobs,
        "seeds": arguments.seeds,
    }
    report = Report("pruning", settings)
    for seed in settings["seeds"]:
        report.tables.append(_compare(settings, seed))
    for name in list(_watchers(settings["epochs"]))[1:]:
        rows = [row for table in report.tables for row in table.rows if row["pruner"] == name]
        report.ratios[f"{name}: epochs saved, %"] = statistics.median(row["epochs_saved_%"] for row in rows)
        report.ratios[f"{name}: best score lost, standard errors"] = statistics.median(
            row["lost_in_standard_errors"] for row in rows
        )
    return report


def _watchers(epochs: int) -> dict:
    """What is set on the search: defaults, but for a warm-up of a tenth of the epochs."""
    from sknn_tune.model_selection import HistoryRecorder, MedianPruner, SuccessiveHalvingPruner

    warmup = max(1, epochs // 10)
    return {
        "none": HistoryRecorder(),
        "median": MedianPruner(n_warmup_epochs=warmup),
        "halving": SuccessiveHalvingPruner(min_epochs=warmup),
    }


def _compare(settings: dict, seed: int) -> Table:
    rows: list[dict] = []
    for name, watcher in _watchers(settings["epochs"]).items():
        progress(f"pruning: {name}, seed {seed}")
        rows.append(_row(name, _search(settings, seed).set_callbacks(watcher), settings["rows"], watcher))
    whole = rows[0]
    for row in rows:
        row["epochs_saved_%"] = 100 * (1 - row["epochs"] / whole["epochs"])
        lost = whole["best_score"] - row["best_score"]
        row["lost_in_standard_errors"] = lost / whole["standard_error"] if whole["standard_error"] else 0.0
        row["same_candidate"] = "yes" if row["best_candidate"] == whole["best_candidate"] else "no"
    notes = [
        f"{settings['candidates']} candidates x {settings['folds']} folds, {settings['epochs']} epochs, a tenth of the "
        "training rows held out. Score: log loss (negative).",
        "Same candidate: whether the pruned search chooses the one that is best without.",
    ]
    return Table(f"Pruning: {settings['rows']} table, seed {seed}", rows, notes, hidden=("best_candidate",))


def _search(settings: dict, seed: int):
    from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold

    from sknn_tune import KerasClassifier
    from sknn_tune.search_space import default_space

    network = KerasClassifier(epochs=settings["epochs"], validation_split=0.1, random_state=0)
    return RandomizedSearchCV(
        network,
        default_space(network, size="medium"),
        n_iter=settings["candidates"],
        scoring="neg_log_loss",
        cv=StratifiedKFold(settings["folds"], shuffle=True, random_state=seed),
        n_jobs=settings["jobs"],
        random_state=seed,
        error_score="raise",
    )


def _row(name: str, search, table: str, watcher) -> dict:
    X, y = load_table(table)
    seconds = seconds_of(lambda: search.fit(X, y))
    fits, best = watcher.fits_, search.best_index_
    scores = [search.cv_results_[f"split{fold}_test_score"][best] for fold in range(search.n_splits_)]
    return {
        "pruner": name,
        "fits": len(fits),
        "stopped": sum(fit.is_pruned for fit in fits),
        "epochs": sum(fit.n_epochs for fit in fits),
        "seconds": seconds,
        "best_score": float(search.best_score_),
        "standard_error": statistics.stdev(scores) / math.sqrt(len(scores)),
        "best_candidate": int(best),
    }
