"""A live view in a terminal, drawn by rich."""

from __future__ import annotations

from typing import Any

from ...._optional import import_optional
from ._snapshot import FitSeen, Snapshot
from ._sparkline import in_characters
from ._words import (
    best_measure,
    best_title,
    best_value,
    counted,
    curve_heading,
    ends_of_curve,
    failures,
    headline,
    parameters,
    rows,
    score,
    seconds,
    times,
)

#: Of the bar.
_WIDTH = 60
#: Columns up to which curves are shorter, and up to which they stand without numbers, so that parameters have room.
_NARROW, _NARROWEST = 105, 90

PURPOSE = "LiveSearch in a terminal"


def renderable(snapshot: Snapshot, width: int) -> Any:
    """What rich is to draw, in so many columns."""
    console = import_optional("rich.console", purpose=PURPOSE)
    text = import_optional("rich.text", purpose=PURPOSE).Text
    title = text.assemble((snapshot.search, "bold"), f" of {snapshot.estimator}: {headline(snapshot)}; ")
    parts: list[Any] = [title.append(times(snapshot), "cyan")]
    if not (snapshot.is_over and snapshot.part_done is None):
        parts.append(_bar(snapshot.part_done))
    parts.append(_best(snapshot, text))
    if snapshot.latest:
        parts.append(_table(snapshot, width))
    if snapshot.n_failed_fits:
        named = "; ".join(failures(snapshot))
        parts.append(text.assemble(("failed", "bold red"), f": {counted(snapshot.n_failed_fits, 'fit')}: {named}"))
    if snapshot.pruned:
        parts.append(text.assemble(("pruned", "bold yellow"), f": {rows(snapshot.pruned)}"))
    return console.Group(*parts)


def _bar(done: float | None) -> Any:
    """In a table, since a bar alone ends no line."""
    bars = import_optional("rich.progress_bar", purpose=PURPOSE)
    total = None if done is None else 1.0
    line = import_optional("rich.table", purpose=PURPOSE).Table.grid()
    line.add_row(bars.ProgressBar(total=total, completed=done or 0.0, width=_WIDTH, pulse=done is None))
    return line


def _best(snapshot: Snapshot, text: Any) -> Any:
    best = snapshot.best
    if best is None:
        return text(best_measure(snapshot), style="dim")
    return text.assemble(
        (best_title(snapshot), "bold"),
        f": candidate {best.candidate}, ",
        (best_value(snapshot), "bold green"),
        (f" ({best_measure(snapshot)}) ", "dim"),
        parameters(best.parameters, 400),
    )


def _table(snapshot: Snapshot, width: int) -> Any:
    table = import_optional("rich.table", purpose=PURPOSE).Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True
    )
    heading = curve_heading(snapshot)
    for title in ("candidate", "fold"):
        table.add_column(title, justify="right", no_wrap=True, header_style="dim")
    table.add_column("score", no_wrap=True, header_style="dim")
    if heading:
        table.add_column(heading, no_wrap=True, header_style="dim")
        table.add_column("epochs", justify="right", no_wrap=True, header_style="dim")
    table.add_column("seconds", justify="right", no_wrap=True, header_style="dim")
    # What is left of the line, or rich would take a little from each column.
    table.add_column("parameters", no_wrap=True, overflow="ellipsis", header_style="dim", ratio=1)
    for fit in snapshot.latest:
        table.add_row(*_cells(fit, bool(heading), width))
    return table


def _cells(fit: FitSeen, with_curves: bool, width: int) -> list[Any]:
    text = import_optional("rich.text", purpose=PURPOSE).Text  # a plain string would be read as rich's markup
    style = {"failed": "red", "pruned": "yellow"}.get(fit.status, "")
    cells = [text(str(fit.candidate)), text(str(fit.fold)), text(score(fit), style)]
    if with_curves:
        curve = in_characters(fit.curve, 20 if width > _NARROW else 8)
        cells.append(text(f"{curve} {ends_of_curve(fit.curve)}" if width > _NARROWEST else curve))
        cells.append(text(str(fit.n_epochs) if fit.n_epochs else ""))
    return [*cells, text(seconds(fit)), text(parameters(fit.parameters, 200))]
