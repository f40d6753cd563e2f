"""Where to look: our searches against random search, by fits and by epochs, and growing against a large network.

All searches of a table and seed have the same rows, folds, space and number of fits; only what they draw
differs. The held-out rows, a quarter of the table, are seen by no search.
"""

from __future__ import annotations

import statistics

from ._clock import seconds_of
from ._fresh import ChildFailedError, in_fresh_process
from ._report import Report, Table, progress
from ._spaces_at_equal_epochs import epoch_notes, measure_at_equal_epochs
from ._spaces_setting import space_of_networks, split, standard_error

TABLES = ["cancer", "small", "diamonds"]
#: What a large network may be: the best of these is what growing has to come up to.
LARGE = [(256,), (128, 128)]

#: Searches are compared here, not packages.
COMPARES_PEERS = False


def add_arguments(parser) -> None:
    """What only this benchmark has."""
    parser.add_argument("--tables", nargs="+", choices=TABLES, help="default: all three")
    parser.add_argument("--seeds", type=int, help="default: 5")
    parser.add_argument("--candidates", type=int, help="per search, a multiple of three, default: 30")
    parser.add_argument("--epochs", type=int, help="default: 8")


def run(arguments) -> Report:
    """All comparisons on every table and seed."""
    quick = arguments.quick
    settings = {
        "tables": arguments.tables or (["quick"] if quick else TABLES),
        "seeds": arguments.seeds or (1 if quick else 5),
        "candidates": arguments.candidates or (6 if quick else 30),
        "epochs": arguments.epochs or (2 if quick else 8),
        "jobs": 1 if quick else 2,
        "folds": 2 if quick else 3,
        "capacity_folds": 2 if quick else 5,
        "most_epochs": 4 if quick else 27,
        "factor": 2 if quick else 3,
        "large": LARGE[:1] if quick else LARGE,
    }
    report = Report("spaces", settings)
    searches, capacities = _all_rows(report, measure_searches), _all_rows(report, measure_capacity)
    at_equal_epochs = _all_rows(report, measure_at_equal_epochs)
    report.tables.append(
        Table(
            "Searches, medians over seeds",
            _search_rows(searches),
            notes=_search_notes(settings),
            hidden=("runs",),
        )
    )
    report.tables.append(Table("Growing, against large networks", capacities, notes=_capacity_notes(settings)))
    report.tables.append(
        Table(
            "At equal epochs, medians over seeds",
            _search_rows(at_equal_epochs, "epochs", "candidates"),
            notes=epoch_notes(settings),
            hidden=("runs",),
        )
    )
    for table in settings["tables"]:
        growing = [row["of_large"] for row in capacities if row["table"] == table]
        if growing:
            report.ratios[f"{table}: parameters, chosen by growing / best large, median"] = statistics.median(growing)
    return report


def _all_rows(report: Report, measure) -> list[dict]:
    rows: list[dict] = []
    for table in report.settings["tables"]:
        for seed in range(report.settings["seeds"]):
            progress(f"spaces: {measure.__name__}, {table}, seed {seed}")
            try:
                rows += in_fresh_process(measure, table=table, seed=seed, settings=report.settings)
            except ChildFailedError as failure:
                report.failures.append(f"{measure.__name__}, {table}, seed {seed}: {failure}")
    return rows


def _search_rows(measured: list[dict], *more: str) -> list[dict]:
    """One row per table and search. Seeds are compared in pairs: the same rows and folds."""
    rows = []
    for table, search in dict.fromkeys((row["table"], row["search"]) for row in measured):
        of_search = [row for row in measured if (row["table"], row["search"]) == (table, search)]
        random = {row["seed"]: row for row in measured if (row["table"], row["search"]) == (table, "random")}
        gains = [row["best_score"] - random[row["seed"]]["best_score"] for row in of_search]
        held_out_gains = [row["held_out"] - random[row["seed"]]["held_out"] for row in of_search]
        rows.append(
            {
                "table": table,
                "search": search,
                **{name: _median(of_search, name) for name in (*more, "best_score", "held_out", "seconds")},
                "better_than_random": statistics.median(gains),
                "seeds_better": f"{sum(gain > 0 for gain in gains)} of {len(gains)}",
                "held_out_better": statistics.median(held_out_gains),
                "standard_error": _median(of_search, "standard_error"),
                "runs": of_search,
            }
        )
    return rows


def _median(rows: list[dict], name: str) -> float:
    return statistics.median(row[name] for row in rows)


def _search_notes(settings: dict) -> list[str]:
    return [
        f"{settings['candidates']} candidates x {settings['folds']} folds each, {settings['epochs']} epochs. Scores: "
        "minus the log loss of classes, minus the mean squared error of the standardised log price; more is better.",
        "Better than random: median over seeds of the difference to random search with the same rows and folds. The "
        "standard error is that of the best candidate's mean over the folds: a measure of what can be told apart.",
    ]


def _capacity_notes(settings: dict) -> list[str]:
    return [
        f"{settings['capacity_folds']} folds, {2 * settings['epochs']} epochs. Large: the best of "
        f"{', '.join(map(str, settings['large']))}, by the same folds.",
        "Of large: parameters of the network that was chosen by growing, divided by those of the best large one. "
        "Within: whether its score is at least that of the large one less one standard error of that.",
    ]


# --- in a fresh process --------------------------------------------------------------------------------


def measure_searches(table: str, seed: int, settings: dict) -> list[dict]:
    """Random search, and each of ours, with as many candidates."""
    from sklearn.model_selection import RandomizedSearchCV

    from sknn_tune import model_selection

    (X, X_test, y, y_test), folds, network, scoring = split(table, seed, settings["folds"])
    network.set_params(epochs=settings["epochs"])
    space = space_of_networks()
    n = settings["candidates"]
    common = {"cv": folds, "scoring": scoring, "n_jobs": settings["jobs"], "random_state": seed}
    searches = {
        "random": RandomizedSearchCV(network, space, n_iter=n, **common),
        "coarse to fine": model_selection.CoarseToFineSearchCV(network, space, n_iter=n // 3, n_rounds=3, **common),
    }
    if hasattr(model_selection, "BayesianSearchCV"):
        searches["Bayesian"] = model_selection.BayesianSearchCV(network, space, n_iter=n, **common)
    rows = []
    for name, search in searches.items():
        seconds = seconds_of(lambda search=search: search.fit(X, y))
        rows.append(
            {
                "table": table,
                "search": name,
                "seed": seed,
                "best_score": float(search.best_score_),
                "held_out": float(search.score(X_test, y_test)),
                "standard_error": standard_error(search),
                "seconds": seconds,
                "n_candidates": len(search.cv_results_["params"]),
            }
        )
    return rows


def measure_capacity(table: str, seed: int, settings: dict) -> list[dict]:
    """Growing, and a grid of large networks."""
    from sklearn.model_selection import GridSearchCV

    from sknn_tune.model_selection import CapacitySearchCV

    (X, X_test, y, y_test), folds, network, scoring = split(table, seed, settings["capacity_folds"])
    network.set_params(epochs=2 * settings["epochs"], learning_rate=5e-3)
    common = {"cv": folds, "scoring": scoring, "n_jobs": settings["jobs"]}
    large = GridSearchCV(network, {"hidden_layer_sizes": [tuple(sizes) for sizes in settings["large"]]}, **common)
    growing = CapacitySearchCV(network, **common)
    large_seconds, growing_seconds = (seconds_of(lambda s=s: s.fit(X, y)) for s in (large, growing))
    n_large, n_growing = (search.best_estimator_.n_parameters_ for search in (large, growing))
    error = standard_error(large)
    return [
        {
            "table": table,
            "seed": seed,
            "large": str(large.best_params_["hidden_layer_sizes"]),
            "chosen": str(growing.best_params_["hidden_layer_sizes"]),
            "of_large": n_growing / n_large,
            "large_score": float(large.best_score_),
            "chosen_score": float(growing.best_score_),
            "standard_error": error,
            "within": "yes" if growing.best_score_ >= large.best_score_ - error else "no",
            "large_held_out": float(large.score(X_test, y_test)),
            "chosen_held_out": float(growing.score(X_test, y_test)),
            "large_seconds": large_seconds,
            "chosen_seconds": growing_seconds,
        }
    ]
