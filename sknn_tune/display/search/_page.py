"""The page of a finished search: one HTML file with everything in it.

The table is written here, so that it can be read without any script; ``page/search.js`` sorts it and draws what is
linked to it, with plotly. Lines are drawn as ordinary SVG: plotly's own parallel coordinates need WebGL, which many a
remote desktop has not, and tell nobody which line is pointed at.

All that a user can choose (names, values, title) is escaped for the place where it stands: as text of HTML, or as
JSON in a script element, where no ``<`` may stand. Scripts and styles of this page may load nothing: its Content
Security Policy says so to the browser.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from ..._optional import import_optional
from ...model_selection.results import ParameterImportance, SearchDescription
from ._course import needs_log_scale
from ._importance import trust_in
from ._parallel import coordinates, fraction_of_better
from ._summary import counts, headline, score_text

_FOLDER = Path(__file__).parent / "page"


def search_page(description: SearchDescription, importance: ParameterImportance | str, title: str | None) -> str:
    """Return the page. An importance that could not be told is a sentence that says why."""
    offline = import_optional("plotly.offline", purpose="The page of a search")
    columns = _columns(description)
    return Template((_FOLDER / "search.html").read_text(encoding="utf-8")).substitute(
        title=escape(title or headline(description)),
        headline=f"{escape(headline(description))}. " if title else "",
        counts=escape(counts(description)),
        metric=escape(description.metric),
        n_folds=description.n_folds,
        best=_best(description),
        importance=_importance(importance),
        head="".join(_head(number, label) for number, (label, _, _) in enumerate(columns)),
        rows="".join(_row(description, row, columns) for row in description.ranking.tolist()),
        curves_hidden="" if description.curve_names else "hidden",
        style=(_FOLDER / "search.css").read_text(encoding="utf-8"),
        script=(_FOLDER / "search.js").read_text(encoding="utf-8"),
        data=_json(_data(description, columns)),
        plotly=offline.get_plotlyjs(),
    )


def _columns(description: SearchDescription) -> list[tuple[str, list[str], list[float | None]]]:
    """Label, texts and what to sort by of each column of the table; what has no value is sorted last."""
    n_candidates = description.n_candidates
    places = np.empty(n_candidates)
    places[description.ranking] = np.arange(1, n_candidates + 1)
    finite_scores = np.where(np.isfinite(description.scores), description.scores, np.nan)
    rounds = description.rounds + 1
    columns = [
        ("rank", [f"{place:g}" for place in places], places),
        ("candidate", [str(row) for row in range(n_candidates)], np.arange(n_candidates)),
        (description.metric, [score_text(description, row) for row in range(n_candidates)], finite_scores),
        *((scale.label, list(scale.texts), scale.positions) for scale in description.parameters),
        *([("round", [str(number) for number in rounds], rounds)] if description.n_rounds > 1 else []),
        *((name, [_number(value) for value in values], values) for name, values in description.details.items()),
        ("seconds", [_number(value) for value in description.seconds], description.seconds),
    ]
    return [(label, texts, _finite(keys)) for label, texts, keys in columns]


def _number(value: float) -> str:
    if not np.isfinite(value):
        return ""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.4g}"


def _finite(values: Any) -> list[float | None]:
    """Six digits are more than the eye can see; JSON has no NaN."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in np.asarray(values, dtype=float)]


def _head(number: int, label: str) -> str:
    sort = ' aria-sort="ascending"' if number == 0 else ""
    return f'<th scope="col"{sort}><button type="button">{escape(label)}</button></th>'


def _row(description: SearchDescription, row: int, columns: list) -> str:
    cells = [texts[row] for _, texts, _ in columns]
    is_best = row == description.best
    if is_best:
        cells[0] += " ★"
    first, *others = (escape(cell) for cell in cells)
    attributes = f'data-candidate="{row}" class="{description.statuses[row]}{" best" if is_best else ""}"'
    return f"<tr {attributes}><th>{first}</th>{''.join(f'<td>{cell}</td>' for cell in others)}</tr>\n"


def _best(description: SearchDescription) -> str:
    if description.best is None:
        return "<p>All candidates have failed.</p>"
    entries = [(description.metric, score_text(description, description.best)), *description.best_params.items()]
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in entries)}</dl>"


def _importance(importance: ParameterImportance | str) -> str:
    if isinstance(importance, str):
        return f"<p>{escape(importance)}</p>"
    bars = zip(importance.labels, importance.importances, strict=True)
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        f'<td><span class="bar" style="width: {100 * np.clip(share, 0, 1):.0f}%"></span></td>'
        f"<td>{max(share, 0):.2f}</td></tr>"
        for label, share in bars
    )
    return (
        f'<table class="bars">{rows}</table>'
        f"<p>Share of the differences between candidates: {escape(trust_in(importance))}.</p>"
    )


def _data(description: SearchDescription, columns: list) -> dict[str, Any]:
    return {
        "best": description.best,
        "statuses": description.statuses.tolist(),
        "better": _finite(fraction_of_better(description)),
        "sortKeys": [keys for _, _, keys in columns],
        "coordinates": [
            {"label": axis.label, "heights": _finite(axis.heights), "ticks": axis.ticks}
            for axis in coordinates(description)
        ],
        "curveNames": description.curve_names,
        "logCurves": [name for name in description.curve_names if needs_log_scale(description, name)],
        "curves": [{name: _finite(values) for name, values in curves.items()} for curves in description.curves],
    }


def _json(data: dict[str, Any]) -> str:
    """JSON for a script element, which would end at ``</script>`` and change its mind at ``<!--``."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
