"""The score against each hyperparameter, one panel each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...model_selection.results import ParameterScale, SearchDescription
from ..drawing import pyplot, wrapped
from ._marks import draw_candidates, list_marks, score_label, varied_parameters
from ._ticks import Ticks, shown_scores, ticks_of

_MOST_COLUMNS = 3
#: Characters for which a panel of a new figure has room below its axis.
_WIDTH = 27


def draw_panels(description: SearchDescription, ax: Any) -> tuple[Any, Any, np.ndarray]:
    """Figure, the axes that were given or else the first panel, and all panels."""
    scales = varied_parameters(description)
    n_columns = min(len(scales), _MOST_COLUMNS)
    if ax is not None and not hasattr(ax, "plot"):
        panels = np.asarray(ax, dtype=object).ravel()
        if len(panels) != len(scales):
            raise ValueError(
                f"The 'ax' parameter must be one axes, whose place is divided, or {len(scales)}, one per parameter "
                f"that varies ({', '.join(scale.label for scale in scales)}). Got {len(panels)}."
            )
        n_columns = 1  # wherever they stand, each is to say what its scores are
    else:
        panels = _grid(ax, len(scales), n_columns)
    for number, (panel, scale) in enumerate(zip(panels, scales, strict=True)):
        _draw_panel(panel, description, scale)
        if number % n_columns == 0:
            panel.set_ylabel(score_label(description), fontsize="small")
    for panel in panels:  # once all is drawn, since panels of a grid have one axis of scores
        _limit_scores(panel, description)
    list_marks(panels[n_columns - 1], panels)
    return panels[0].figure, ax if hasattr(ax, "plot") else panels[0], panels


def _grid(ax: Any, n_panels: int, n_columns: int) -> np.ndarray:
    """Panels with one axis of scores, in the place of ``ax`` or in a new figure."""
    n_rows = math.ceil(n_panels / n_columns)
    if ax is None:
        figure = pyplot().figure(figsize=(2.6 * n_columns + 2.2, 2.7 * n_rows + 0.3), layout="constrained")
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


def _draw_panel(panel: Any, description: SearchDescription, scale: ParameterScale) -> None:
    x = scale.positions.copy()
    if scale.kind == "categories":
        # Side by side, in the order of the search: points of a category would hide each other.
        x = x + np.linspace(-0.22, 0.22, len(x)) if len(x) > 1 else x
    draw_candidates(panel, description, x)
    ticks = ticks_of(scale)
    panel.set_xlim(ticks.low, ticks.high)
    panel.set_xticks(ticks.positions, ticks.texts)
    panel.margins(y=0.1)
    if _touch(ticks):
        panel.tick_params(axis="x", rotation=35)
        pyplot().setp(panel.get_xticklabels(), ha="right", rotation_mode="anchor")
    n_missing = int(np.isnan(scale.positions).sum())
    without = f"\n({n_missing} candidates without it)" if n_missing else ""
    panel.set_xlabel(wrapped(scale.label, _WIDTH) + without)
    panel.grid(alpha=0.3)


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
    centres = _WIDTH * np.asarray(ticks.positions) / (ticks.high - ticks.low)
    widths = np.array([len(text) for text in ticks.texts])
    return bool((np.diff(centres) < (widths[1:] + widths[:-1]) / 2 + 1).any())
