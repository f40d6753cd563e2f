"""Results one by one: a line of JSON for each table, split and method, written as soon as it is there.

So an interrupted run goes on where it stopped. What a result depends on is its key: the table's contents and the
versions of the packages that the method uses, for ours the files of this checkout too. Of several results of one
table, split and method, the last line counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def read_records(path: Path) -> list[Record]:
    """All lines; a last one that was cut off by the end of its process does not count."""
    if not path.exists():
        return []
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return records


def append_record(path: Path, record: Record) -> None:
    """One line more, on disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cut_off = path.exists() and not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if cut_off else "") + json.dumps(record) + "\n")


def key_of(record: Record) -> str:
    """What must agree for a result to count as this one."""
    return json.dumps([record[name] for name in ("table", "data", "split", "method", "versions")], sort_keys=True)


def latest(records: Iterable[Record]) -> list[Record]:
    """The last of each table, split and method."""
    return list({(record["table"], record["split"], record["method"]): record for record in records}.values())
