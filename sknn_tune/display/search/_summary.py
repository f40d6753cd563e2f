"""A finished search in a few lines of HTML, for notebooks: nothing to load, nothing to run."""

from __future__ import annotations

from html import escape

from ..._breakable import breakable
from ...model_selection.results import SearchDescription

_MOST_ROWS = 10


def search_summary(description: SearchDescription) -> str:
    """Return what was searched, what was found, and a table of the best candidates."""
    scales = description.compared
    head = "".join(
        f"<th>{breakable(text)}</th>" for text in ("", description.metric, *(scale.label for scale in scales))
    )
    rows = []
    for place, row in enumerate(description.ranking[:_MOST_ROWS]):
        mark = "★" if row == description.best else str(place + 1)
        score = score_text(description, row).replace(" ", "\N{NO-BREAK SPACE}")
        cells = [mark, score, *(scale.texts[row] for scale in scales)]
        rows.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    n_more = description.n_candidates - len(rows)
    more = f"<p>… and {n_more} more. <code>plot(kind)</code> draws them, <code>save_html(path)</code> lists all.</p>"
    return (
        f"<div><p><strong>{escape(headline(description))}</strong><br>{escape(counts(description))}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>"
        + "".join(f"<tr>{row}</tr>" for row in rows)
        + f"</tbody></table>{more if n_more else ''}</div>"
    )


def headline(description: SearchDescription) -> str:
    """What was searched."""
    return f"{description.search}: {description.estimator}"


def counts(description: SearchDescription) -> str:
    """How many candidates, folds, rounds, and what became of them."""
    parts = [f"{description.n_candidates} candidates", f"{description.n_folds} folds"]
    if description.n_rounds > 1:
        parts.append(f"{description.n_rounds} rounds")
    for status, text in (("pruned", "stopped early"), ("failed", "failed")):
        number = int((description.statuses == status).sum())
        if number:
            parts.append(f"{number} {text}")
    parts.append(f"{description.seconds.sum():.3g} s of fitting and scoring")
    return ", ".join(parts)


def score_text(description: SearchDescription, row: int) -> str:
    """Mean and standard deviation of the score of a candidate."""
    if description.statuses[row] == "failed":
        return "failed"
    stopped = " (stopped)" if description.statuses[row] == "pruned" else ""
    return f"{description.scores[row]:.4g} ± {description.spreads[row]:.2g}{stopped}"
