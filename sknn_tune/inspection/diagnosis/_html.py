"""A diagnosis as a table for notebooks: HTML that needs nothing from elsewhere.

Colours are those of the page around it (``currentColor``, and grey that is half transparent), so it can be read on
light and on dark pages without asking which it is. Severity is a word, not a colour.
Notebooks align the cells of tables to the right by rules of their own, which sentences are not to follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..._breakable import breakable
from .rules import Finding

_STYLE = """
.sknn-tune-diagnosis { font-size: 0.9em; max-width: 60em; color: inherit; }
.sknn-tune-diagnosis table { border-collapse: collapse; width: 100%; color: inherit; }
.sknn-tune-diagnosis th, .sknn-tune-diagnosis td {
  text-align: left !important; vertical-align: top; padding: 0.4em 0.7em; color: inherit; background: transparent;
  border: 0 solid rgba(128, 128, 128, 0.5); border-bottom-width: 1px; white-space: normal;
}
.sknn-tune-diagnosis ul { margin: 0; padding-left: 1.1em; }
.sknn-tune-diagnosis code { overflow-wrap: break-word; }
.sknn-tune-diagnosis summary { cursor: pointer; }
.sknn-tune-diagnosis .sknn-tune-problem { border-left: 4px solid currentColor; }
.sknn-tune-diagnosis .sknn-tune-advice { border-left: 4px dotted currentColor; }
"""


def diagnosis_html(summary: str, findings: tuple[Finding, ...], not_checked: Mapping[str, str]) -> str:
    """The whole of a diagnosis: its summary, a row per finding, what was not checked."""
    parts = [f"<strong>Diagnosis</strong>: {escape(summary)}"]
    if findings:
        head = "".join(f'<th scope="col">{title}</th>' for title in ("finding", "what was seen", "what to turn"))
        rows = "".join(map(_row, findings))
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    if not_checked:
        title = f"<summary>not checked: {len(not_checked)}</summary>"
        parts.append(f"<details>{title}{_list(not_checked)}</details>")
    return f'<div class="sknn-tune-diagnosis"><style>{_STYLE}</style>{"".join(parts)}</div>'


def _row(finding: Finding) -> str:
    numbers = {name: f"{value:.3g}" for name, value in finding.evidence.items()}
    seen = f"{escape(finding.sentence)}<details><summary>numbers</summary>{_list(numbers)}</details>"
    name = f"<strong>{escape(finding.name.replace('_', ' '))}</strong><br>{finding.severity}"
    return f'<tr><td class="sknn-tune-{finding.severity}">{name}</td><td>{seen}</td><td>{_list(finding.turn)}</td></tr>'


def _list(entries: Mapping[str, str]) -> str:
    items = "".join(f"<li><code>{breakable(name)}</code>: {escape(text)}</li>" for name, text in entries.items())
    return f"<ul>{items}</ul>"
