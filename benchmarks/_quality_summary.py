"""What the results say: means and standard errors by table, ranks over all tables, seconds.

Methods are ranked on what all of them have done: a method without a result on some split is shown and not ranked.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

from ._quality_methods import METHODS, OURS, who_runs
from ._quality_records import Record
from ._quality_tables import BINARY, MULTICLASS, QUALITY_TABLES, REGRESSION
from ._report import Table

#: What methods are ranked by, and what is shown besides.
MEASURES = {BINARY: ("log_loss", "auc"), MULTICLASS: ("log_loss", "accuracy"), REGRESSION: ("r2", "rmse")}
TITLES = {"log_loss": "log loss", "auc": "AUC", "accuracy": "accuracy", "r2": "R²", "rmse": "root mean squared error"}
_LESS_IS_BETTER = {"log_loss", "rmse"}


def score_tables(records: list[Record]) -> list[Table]:
    """For each measure: mean ± standard error over the splits, a row per table, a column per method."""
    shown = []
    for measure in dict.fromkeys(name for names in MEASURES.values() for name in names if name != "rmse"):
        rows = [
            {"table": table, **{method: _cell(records, table, method, measure) for method in methods_of(records)}}
            for table in tables_of(records)
            if measure in MEASURES[QUALITY_TABLES[table].kind]
        ]
        if rows:
            better = "less" if measure in _LESS_IS_BETTER else "more"
            shown.append(Table(f"{TITLES[measure]}, {better} is better: mean ± standard error over splits", rows))
    return shown


def summary_table(records: list[Record]) -> Table:
    """A row per method: ranks, how far behind the best, won and lost against ours, seconds."""
    methods, tables = methods_of(records), tables_of(records)
    splits = {(record["table"], record["split"]) for record in records}
    complete = [name for name in methods if splits_of(records, name) == splits]
    single = [name for name in complete if not METHODS[name].is_search]
    means = _means(records, complete, tables)
    ranks, ranks_of_single = _mean_ranks(means, complete), _mean_ranks(means, single)
    behind = {
        name: [_percent_behind(table, name, by_method) for table, by_method in means.items()] for name in complete
    }
    rows = []
    for name in methods:
        won, level, lost = _against(records, name, OURS, tables)
        rows.append(
            {
                "method": name,
                "mean_rank": ranks.get(name),
                "mean_rank_without_searches": ranks_of_single.get(name),
                "best_on": sum(percent == 0 for percent in behind[name]) if name in behind else None,
                "mean_%_behind_best": statistics.mean(behind[name]) if behind.get(name) else None,
                "most_%_behind_best": max(behind[name]) if behind.get(name) else None,
                "ours_better/level/worse": "" if name == OURS or not won + level + lost else f"{lost}/{level}/{won}",
                "tables": len({r["table"] for r in records if r["method"] == name and "seconds" in r}),
                "too_slow_on": len({r["table"] for r in records if r["method"] == name and "seconds" not in r}),
                "median_seconds": median_seconds(records, name, "seconds"),
                "median_processor_seconds": median_seconds(records, name, "processor_seconds"),
            }
        )
    return Table(f"Methods on {len(tables)} tables", rows, SUMMARY_NOTES)


SUMMARY_NOTES = [
    "Ranks by log loss or R², of methods that have all tables and splits, by the mean over the splits.",
    "Behind the best in log loss, in percent of it; in R², in percent of it.",
    "Level with ours: the mean difference, split by split, is below its standard error doubled.",
]


def seconds_table(records: list[Record]) -> Table:
    """A row per table: seconds of the clock, in brackets those of the processor, means over splits."""
    rows = []
    for table in tables_of(records):
        row = {"table": table}
        for method in methods_of(records):
            done = [r for r in records if (r["table"], r["method"]) == (table, method) and "seconds" in r]
            if done:
                clock, processor = (statistics.mean(r[name] for r in done) for name in ("seconds", "processor_seconds"))
                row[method] = f"{clock:.3g} ({processor:.3g})"
        rows.append(row)
    return Table("Seconds of fit and prediction (processor seconds)", rows)


def methods_of(records: list[Record]) -> list[str]:
    """Those with results, in the order in which they are listed."""
    found = {record["method"] for record in records}
    return [name for name in METHODS if name in found]


def tables_of(records: list[Record]) -> list[str]:
    """Those with results."""
    found = {record["table"] for record in records}
    return [name for name in QUALITY_TABLES if name in found]


def splits_of(records: list[Record], method: str) -> set[tuple[str, int]]:
    """Tables and their splits that a method has done."""
    return {
        (table, split)
        for table in tables_of(records)
        for split in values_of(records, table, method, _main_measure(table))
    }


def values_of(records: list[Record], table: str, method: str, measure: str) -> dict[int, float]:
    """By split."""
    method = who_runs(method, QUALITY_TABLES[table].kind)
    return {
        record["split"]: record[measure]
        for record in records
        if (record["table"], record["method"]) == (table, method) and measure in record
    }


def median_seconds(records: list[Record], method: str, name: str) -> float | None:
    """Over tables and splits."""
    seconds = [record[name] for record in records if record["method"] == method and name in record]
    return statistics.median(seconds) if seconds else None


def _cell(records: list[Record], table: str, method: str, measure: str) -> str:
    values = list(values_of(records, table, method, measure).values())
    if not values:
        slow = [r for r in records if (r["table"], r["method"]) == (table, method)]
        return f"over {slow[0]['ended_after_seconds']:g} s" if slow else ""
    shown = f"{statistics.mean(values):.4f}"
    return f"{shown} ± {standard_error(values):.4f}" if len(values) > 1 else shown


def standard_error(values: list[float]) -> float:
    """Of the mean."""
    return statistics.stdev(values) / math.sqrt(len(values))


def _main_measure(table: str) -> str:
    return MEASURES[QUALITY_TABLES[table].kind][0]


def _means(records: list[Record], methods: list[str], tables: list[str]) -> dict[str, dict[str, float]]:
    """Table -> method -> mean over the splits, of which all the methods have the same."""
    return {
        table: {
            name: statistics.mean(values_of(records, table, name, _main_measure(table)).values()) for name in methods
        }
        for table in tables
    }


def _mean_ranks(means: dict[str, dict[str, float]], methods: list[str]) -> dict[str, float]:
    """1 for the best; equal values share the mean of their places."""
    if not means:
        return {}
    key = _badness(means)
    return {
        name: statistics.mean(
            1
            + sum(key(table, other) < key(table, name) for other in methods)
            + 0.5 * sum(key(table, other) == key(table, name) for other in methods if other != name)
            for table in means
        )
        for name in methods
    }


def _badness(means: dict[str, dict[str, float]]) -> Callable[[str, str], float]:
    """The less the better."""
    return lambda table, name: means[table][name] * (1 if _main_measure(table) in _LESS_IS_BETTER else -1)


def _percent_behind(table: str, method: str, by_method: dict[str, float]) -> float:
    less = _main_measure(table) in _LESS_IS_BETTER
    best = min(by_method.values()) if less else max(by_method.values())
    return 100 * abs(by_method[method] - best) / abs(best)


def _against(records: list[Record], method: str, other: str, tables: list[str]) -> tuple[int, int, int]:
    """On how many tables the method is better than the other, level with it, worse: differences split by split."""
    won = level = lost = 0
    for table in tables:
        measure = _main_measure(table)
        own, others = (values_of(records, table, name, measure) for name in (method, other))
        sign = -1 if measure in _LESS_IS_BETTER else 1
        gains = [sign * (own[split] - others[split]) for split in sorted(own.keys() & others.keys())]
        if not gains:
            continue
        gain = statistics.mean(gains)
        if len(gains) > 1 and abs(gain) < 2 * standard_error(gains):
            level += 1
        elif gain > 0:
            won += 1
        else:
            lost += 1
    return won, level, lost
