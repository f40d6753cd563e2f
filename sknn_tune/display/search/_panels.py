"""The score against each hyperparameter, one panel each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...model_selection.results import ParameterScale, SearchDescription
from ..drawing import plainly, pyplot, shortened, wrapped
from ._marks import draw_candidates, list_marks, score_label, varied_parameters
from ._ticks import Ticks, label_with_order, shown_scores, side_by_side, ticks_of

_MOST_COLUMNS = 3
#: Characters of a label, and of smaller ticks, for which a panel of a new figure has room below its axis.
_WIDTH, _TICKS_WIDTH = 27, 32
#: Characters of names that lean: longer ones would push all that is below apart.
_LEANING = 16
#: Characters of names in several lines.
_LONGEST = 30


def draw_panels(description: SearchDescription, ax: Any) -> tuple[Any, Any, np.ndarray]:
    """Figure, the axes that were given or else the first panel, and all panels."""
    scales = varied_parameters(description)
    n_columns = _columns(len(scales))
    if ax is not None and not hasattr(ax, "plot"):
        panels = np.asarray(ax, dtype=object).ravel()
        if len(panels) != len(scales):
            raise ValueError(
                f"The 'ax' parameter must be one axes, whose place is divided, or {len(scales)}, one per parameter "
                f"that varies ({', '.join(scale.label for scale in scales)}). Got {len(panels)}."
            )
        n_columns = 1  # wherever they stand, each is to say what its scores are
    else:
        panels = _grid(ax, list(map(_label, scales)), n_columns)
    spread = False
    for number, (panel, scale) in enumerate(zip(panels, scales, strict=True)):
        spread |= _draw_panel(panel, description, scale)
        if number % n_columns == 0:
            panel.set_ylabel(plainly(score_label(description)), fontsize="small")
    for panel in panels:  # once all is drawn, since panels of a grid have one axis of scores
        _limit_scores(panel, description)
    remark = "equal values stand side by side, in the order of the search" if spread else ""
    list_marks(panels[n_columns - 1], panels, remark)
    return panels[0].figure, ax if hasattr(ax, "plot") else panels[0], panels


def _columns(n_panels: int) -> int:
    """Three, unless one panel would be left over for the last row."""
    if n_panels <= _MOST_COLUMNS or n_panels % _MOST_COLUMNS != 1:
        return min(n_panels, _MOST_COLUMNS)
    return 2 if n_panels == 4 else 4


def _grid(ax: Any, labels: list[str], n_columns: int) -> np.ndarray:
    """Panels with one axis of scores, in the place of ``ax`` or in a new figure, which long labels make higher."""
    n_panels = len(labels)
    n_rows = math.ceil(n_panels / n_columns)
    if ax is None:
        rows = (labels[start : start + n_columns] for start in range(0, n_panels, n_columns))
        n_further_lines = sum(max(0, max(label.count("\n") for label in row) - 1) for row in rows)
        height = 2.7 * n_rows + 0.3 + 0.17 * n_further_lines
        figure = pyplot().figure(figsize=(2.6 * n_columns + 2.2, height), layout="constrained")
        places = figure.add_gridspec(n_rows, n_columns)
    elif ax.get_subplotspec() is None:
        raise ValueError(
            "The 'ax' parameter is to be divided into panels, which needs axes made by plt.subplots or add_subplot."
        )
    else:
        figure = ax.figure
        places = ax.get_subplotspec().subgridspec(n_rows, n_columns)
        ax.set_axis_off()
    panels: list[Any] = []
    for number in range(n_panels):
        row, column = divmod(number, n_columns)
        panels.append(figure.add_subplot(places[row, column], sharey=panels[0] if panels else None))
        panels[-1].tick_params(labelleft=column == 0)
    return np.array(panels, dtype=object)


def _draw_panel(panel: Any, description: SearchDescription, scale: ParameterScale) -> bool:
    """Draw one, and return whether points of the same value stand side by side in it."""
    x = side_by_side(scale)
    draw_candidates(panel, description, x)
    ticks = ticks_of(scale, _LONGEST)
    margin = 0.06 * (ticks.high - ticks.low)
    panel.set_xlim(min(ticks.low, np.nanmin(x) - margin), max(ticks.high, np.nanmax(x) + margin))
    _write_ticks(panel, ticks, scale.kind == "categories")
    panel.margins(y=0.1)
    panel.set_xlabel(plainly(_label(scale)))
    panel.grid(alpha=0.3)
    return x is not scale.positions


def _label(scale: ParameterScale) -> str:
    n_missing = int(np.isnan(scale.positions).sum())
    without = f"\n({n_missing} candidates without it)" if n_missing else ""
    return wrapped(label_with_order(scale), _WIDTH) + without


def _write_ticks(panel: Any, ticks: Ticks, named: bool) -> None:
    """In one line if they fit; else fewer of the numbers, and names in several lines, or, as a last resort, leaning."""
    if named and _touch(ticks):
        width = int(_TICKS_WIDTH / len(ticks.texts)) - 1
        in_lines = ticks._replace(texts=[wrapped(text, max(width, 4)) for text in ticks.texts])
        if _touch(in_lines) or max(text.count("\n") for text in in_lines.texts) > 2:
            in_lines = ticks._replace(texts=[shortened(text, _LEANING) for text in ticks.texts])
            panel.tick_params(axis="x", rotation=35)
            pyplot().setp(panel.get_xticklabels(), ha="right", rotation_mode="anchor")
        ticks = in_lines
    while _touch(ticks) and len(ticks.texts) > 2 and not named:
        ticks = ticks._replace(positions=ticks.positions[::2], texts=ticks.texts[::2])
    panel.set_xticks(ticks.positions, list(map(plainly, ticks.texts)), fontsize="small")


def _limit_scores(panel: Any, description: SearchDescription) -> None:
    """Where a network diverged in one fold of several, its bar is longer than the whole axis."""
    scores = shown_scores(description.scores)[0]
    lowest, highest = np.fmin.reduce(scores), np.fmax.reduce(scores)
    if lowest < highest:
        room = 0.3 * (highest - lowest)
        low, high = panel.get_ylim()
        panel.set_ylim(max(low, lowest - room), min(high, highest + room))


def _touch(ticks: Ticks) -> bool:
    """Whether texts of ticks, side by side, would leave less than a character between them."""
    centres = _TICKS_WIDTH * np.asarray(ticks.positions) / (ticks.high - ticks.low)
    widths = np.array([max(map(len, text.split("\n"))) for text in ticks.texts])
    return bool((np.diff(centres) < (widths[1:] + widths[:-1]) / 2 + 1).any())
