"""Tables as aligned text and as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ._machine import describe_machine, describe_versions


@dataclass
class Table:
    """Rows of one kind; the text has all columns but ``hidden``, the JSON has all."""

    title: str
    rows: list[dict[str, Any]]
    notes: list[str] = field(default_factory=list)
    hidden: tuple[str, ...] = ()

    def text(self) -> str:
        """Columns in the order in which the rows first name them, numbers to the right."""
        names = [name for name in dict.fromkeys(name for row in self.rows for name in row) if name not in self.hidden]
        columns = [[name.replace("_", " "), *(shown(row.get(name)) for row in self.rows)] for name in names]
        numeric = [any(isinstance(row.get(name), int | float) for row in self.rows) for name in names]
        aligned = [_aligned(column, right) for column, right in zip(columns, numeric, strict=True)]
        lines = ["  ".join(cells).rstrip() for cells in zip(*aligned, strict=True)]
        return "\n".join([self.title, "-" * len(self.title), *lines, *(f"* {note}" for note in self.notes)])


@dataclass
class Report:
    """All of one run. ``ratios`` are the numbers that matter: by what factor, of what to what."""

    benchmark: str
    settings: dict[str, Any]
    machine: dict = field(default_factory=describe_machine)
    versions: dict = field(default_factory=describe_versions)
    tables: list[Table] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def text(self) -> str:
        """For people."""
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items() if number)
        machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.machine.items())
        parts = [f"{self.benchmark}\n{machine}\n{versions}", *(table.text() for table in self.tables)]
        if self.ratios:
            rows = [{"ratio": name, "value": value} for name, value in self.ratios.items()]
            parts.append(Table("Ratios", rows).text())
        parts += [f"FAILED: {failure}" for failure in self.failures]
        return "\n\n".join(parts)

    def write(self, path: Path) -> None:
        """For programs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def progress(message: str) -> None:
    """What is measured now, apart from the report."""
    print(message, file=sys.stderr, flush=True)


def shown(value: Any) -> str:
    """A cell: three significant digits, whole numbers whole, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _aligned(column: list[str], right: bool) -> list[str]:
    width = max(map(len, column))
    return [cell.rjust(width) if right else cell.ljust(width) for cell in column]
