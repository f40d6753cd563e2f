"""A live view for notebooks: HTML that needs nothing from elsewhere.

Colours are those of the page around it (``currentColor``, and grey that is half transparent), so it can be read on
light and on dark pages without asking which it is. Widths of bars are attributes of a ``<progress>``, which pages that
take styles away show, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ._snapshot import FitSeen, Snapshot
from ._sparkline import as_svg
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
    shortened,
    times,
)

_STYLE = """
.sknn-tune-live { font-size: 0.9em; line-height: 1.5; max-width: 80em; color: inherit; }
.sknn-tune-live progress { width: 100%; height: 0.6em; accent-color: #3b82c4; }
.sknn-tune-live .sknn-tune-quiet { opacity: 0.75; }
.sknn-tune-live .sknn-tune-row { display: flex; flex-wrap: wrap; gap: 0 1.5em; justify-content: space-between; }
.sknn-tune-live .sknn-tune-wide { overflow-x: auto; }
.sknn-tune-live table { border-collapse: collapse; color: inherit; margin: 0.4em 0; }
.sknn-tune-live th, .sknn-tune-live td {
  text-align: left !important; padding: 0.15em 0.8em 0.15em 0; color: inherit; background: transparent;
  border: 0 solid rgba(128, 128, 128, 0.4); border-bottom-width: 1px; white-space: nowrap;
}
.sknn-tune-live td.sknn-tune-number { text-align: right !important; font-variant-numeric: tabular-nums; }
.sknn-tune-live svg { vertical-align: middle; }
.sknn-tune-live ul { margin: 0; padding-left: 1.2em; }
.sknn-tune-live code { color: inherit; background: transparent; }
"""


def html(snapshot: Snapshot) -> str:
    """The whole view."""
    title = f"<strong>{escape(snapshot.search)}</strong> of {escape(snapshot.estimator)}: {escape(headline(snapshot))}"
    parts = [
        f'<div class="sknn-tune-row"><span>{title}</span><span>{escape(times(snapshot))}</span></div>',
        _bar(snapshot),
        _best(snapshot),
        _latest(snapshot),
        _failed(snapshot),
        f"<div><strong>pruned</strong>: {escape(rows(snapshot.pruned))}</div>" if snapshot.pruned else "",
    ]
    return f'<div class="sknn-tune-live"><style>{_STYLE}</style>{"".join(parts)}</div>'


def _bar(snapshot: Snapshot) -> str:
    done = snapshot.part_done
    if done is None:
        return "" if snapshot.is_over else "<progress></progress>"
    return f'<progress max="1" value="{done:.4f}" aria-label="{done:.0%} done"></progress>'


def _best(snapshot: Snapshot) -> str:
    measure = f'<span class="sknn-tune-quiet">({escape(best_measure(snapshot))})</span>'
    best = snapshot.best
    if best is None:
        return f"<div>{measure}</div>"
    return (
        f"<div><strong>{best_title(snapshot)}</strong>: candidate {best.candidate}, "
        f"<strong>{escape(best_value(snapshot))}</strong> {measure}<br>{_named(best.parameters)}</div>"
    )


def _named(values: Mapping[str, str]) -> str:
    return ", ".join(f"<code>{escape(name)}={escape(shortened(value, 60))}</code>" for name, value in values.items())


def _latest(snapshot: Snapshot) -> str:
    if not snapshot.latest:
        return ""
    heading = curve_heading(snapshot)
    titles = ["candidate", "fold", "score", *([heading, "epochs"] if heading else []), "seconds", "parameters"]
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = "".join(_row(fit, bool(heading)) for fit in snapshot.latest)
    return (
        '<div class="sknn-tune-wide"><table><caption class="sknn-tune-quiet" style="text-align: left">latest fits'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(fit: FitSeen, with_curves: bool) -> str:
    cells = [_number(str(fit.candidate)), _number(str(fit.fold)), f"<td>{escape(score(fit))}</td>"]
    if with_curves:
        ends = f' <span class="sknn-tune-quiet">{escape(ends_of_curve(fit.curve))}</span>' if fit.curve else ""
        cells += [f"<td>{as_svg(fit.curve)}{ends}</td>", _number(str(fit.n_epochs) if fit.n_epochs else "")]
    cells.append(_number(seconds(fit)))
    full = parameters(fit.parameters, 2000)
    cells.append(f'<td title="{escape(full)}">{escape(shortened(full, 70))}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _number(text: str) -> str:
    return f'<td class="sknn-tune-number">{escape(text)}</td>'


def _failed(snapshot: Snapshot) -> str:
    if not snapshot.n_failed_fits:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in failures(snapshot))
    return f"<div><strong>failed</strong>: {counted(snapshot.n_failed_fits, 'fit')}<ul>{items}</ul></div>"
