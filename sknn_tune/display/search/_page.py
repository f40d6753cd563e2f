"""The page of finished searches: one HTML file with everything in it.

The table is written here, so that it can be read without any script; ``page/script`` sorts it and draws what is linked
to it. Its parts are small and share their names, as if they were one file, which they are when the page is written.
They draw with SVG alone: a library for it would make a page of megabytes, and needs to be installed.

All that a user can choose (names, values, title) is escaped for the place where it stands: as text of HTML, or as
JSON in a script element, where no ``<`` may stand. Scripts and styles of this page may load nothing: its Content
Security Policy says so to the browser.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from ..._breakable import breakable
from ...model_selection.results import ParameterImportance, SearchDescription
from ._importance import trust_in
from ._page_data import Column, columns_of, page_data
from ._summary import counts, headline, score_text

_FOLDER = Path(__file__).parent / "page"
_SCRIPTS = ("state", "picture", "parallel", "plots", "table", "begin")


def search_page(
    description: SearchDescription, importances: Mapping[str, ParameterImportance | str], title: str | None
) -> str:
    """Return the page. An importance, by the name of its search, that could not be told is a sentence that says why."""
    columns = columns_of(description)
    return Template(_read("search.html")).substitute(
        title=escape(title or headline(description)),
        headline=f"{escape(headline(description))}. " if title else "",
        counts=escape(counts(description)),
        metric=escape(description.metric),
        n_folds=description.n_folds,
        best=_best(description),
        importance="".join(_importance(name, importance) for name, importance in importances.items()),
        key=_key(description),
        head="".join(_head(number, column.label) for number, column in enumerate(columns)),
        rows="".join(_row(description, row, columns) for row in description.ranking.tolist()),
        several=' class="several"' if description.parts else "",
        curves_hidden="" if description.curve_names else "hidden",
        alone="" if description.curve_names else " alone",
        style=_read("search.css"),
        script="\n".join(_read(f"script/{name}.js") for name in _SCRIPTS),
        data=_json(page_data(description, columns)),
    )


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _head(number: int, label: str) -> str:
    sort = ' aria-sort="ascending"' if number == 0 else ""
    return f'<th scope="col"{sort}><button type="button">{escape(label)}</button></th>'


def _row(description: SearchDescription, row: int, columns: list[Column]) -> str:
    cells = [column.texts[row] for column in columns]
    is_best = row == description.best
    if is_best:
        cells[0] += " ★"
    first, *others = (escape(cell) for cell in cells)
    attributes = f'data-candidate="{row}" class="{description.statuses[row]}{" best" if is_best else ""}"'
    return f"<tr {attributes}><th>{first}</th>{''.join(f'<td>{cell}</td>' for cell in others)}</tr>\n"


def _best(description: SearchDescription) -> str:
    """Of the candidate that was chosen, by the names that stand in the other box, too; whole ones are titles."""
    if description.best is None:
        return "<p>All candidates have failed.</p>"
    labels = {scale.name: scale.label.split(" (")[0] for scale in description.parameters}
    entries = [(description.metric, description.metric, score_text(description, description.best))]
    if description.parts:
        entries.append(("search", "search", description.compared[0].texts[description.best]))
    entries += [(labels[name], name, value) for name, value in description.best_params.items()]
    return "".join(
        f'<div><dt title="{escape(name)}">{breakable(label)}</dt><dd>{breakable(value)}</dd></div>'
        for label, name, value in entries
    ).join(("<dl>", "</dl>"))


def _importance(name: str, importance: ParameterImportance | str) -> str:
    heading = f"<h3>{escape(name)}</h3>" if name else ""
    if isinstance(importance, str):
        return f"{heading}<p>{escape(importance)}</p>"
    bars = zip(importance.parameters, importance.labels, importance.importances, strict=True)
    rows = "".join(
        f'<tr><th scope="row" title="{escape(parameter)}">{breakable(label)}</th>'
        f'<td><span class="bar" style="width: {100 * np.clip(share, 0, 1):.0f}%"></span></td>'
        f"<td>{max(share, 0):.2f}</td></tr>"
        for parameter, label, share in bars
    )
    return (
        f'{heading}<table class="bars">{rows}</table>'
        f"<p>Share of the differences between candidates: {escape(trust_in(importance))}.</p>"
    )


def _key(description: SearchDescription) -> str:
    """What the colours and dashes of lines and dots mean."""
    finite = description.scores[np.isfinite(description.scores)]
    if description.parts:
        parts = [
            f'<span><i class="own" style="--own: var(--search-{place % 4})"></i>{escape(name)}</span>'
            for place, name in enumerate(description.parts)
        ]
    elif len(finite):
        scale = f'{finite.min():.4g} <i class="scale"></i> {finite.max():.4g}'
        parts = [f"<span>{escape(description.metric)}: worst {scale} best</span>"]
    else:
        parts = []
    for status, text in (("pruned", "stopped"), ("failed", "failed")):
        if (description.statuses == status).any():
            parts.append(f'<span><i class="{status}"></i>{text}</span>')
    return "".join(parts)


def _json(data: dict[str, Any]) -> str:
    """JSON for a script element, which would end at ``</script>`` and change its mind at ``<!--``."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
