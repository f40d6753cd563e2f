"""The score against each hyperparameter, one panel each."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..model_selection._description import SearchDescription
from ..model_selection._parameter_scales import ParameterScale
from ._axes import axes_of, pyplot
from ._search_marks import draw_candidates, list_marks, score_label
from ._search_ticks import shortened, ticks_of

_MOST_COLUMNS = 3


def draw_panels(description: SearchDescription, ax: Any) -> tuple[Any, Any, np.ndarray]:
    """Figure, the axes within which all panels are, and the panels."""
    scales = description.varied
    if not scales:
        raise ValueError("All candidates of this search have the same parameters: there is nothing to compare.")
    if ax is not None and not hasattr(ax, "plot"):
        panels = np.asarray(ax, dtype=object).ravel()
        if len(panels) != len(scales):
            raise ValueError(
                f"The 'ax' parameter must be one axes, whose place is divided, or {len(scales)}, one per parameter "
                f"that varies ({', '.join(scale.label for scale in scales)}). Got {len(panels)}."
            )
        figure, frame = panels[0].figure, panels[0]
        place_of_legend = None
    else:
        figure, frame, place_of_legend, panels = _grid(ax, len(scales))
    for number, (panel, scale) in enumerate(zip(panels, scales, strict=True)):
        _draw_panel(panel, description, scale)
        if place_of_legend is None or number % _MOST_COLUMNS == 0:
            panel.set_ylabel(score_label(description), fontsize="small")
    if place_of_legend is not None:
        list_marks(place_of_legend, panels, loc="center left")
    return figure, frame, panels


def _grid(ax: Any, n_panels: int) -> tuple[Any, Any, Any, np.ndarray]:
    """Figure, the axes around all, those for the legend above, and the panels."""
    n_columns = min(n_panels, _MOST_COLUMNS)
    n_rows = math.ceil(n_panels / n_columns)
    figure, frame = axes_of(ax, figsize=(2.9 * n_columns + 0.8, 2.7 * n_rows + 0.5))
    if frame.get_subplotspec() is None:
        raise ValueError(
            "The 'ax' parameter is to be divided into panels, which needs axes made by plt.subplots or add_subplot."
        )
    frame.set_axis_off()
    places = frame.get_subplotspec().subgridspec(1 + n_rows, n_columns, height_ratios=[0.12] + [1] * n_rows)
    place_of_legend = figure.add_subplot(places[0, :])
    place_of_legend.set_axis_off()
    panels: list[Any] = []
    for number in range(n_panels):
        row, column = divmod(number, n_columns)
        panels.append(figure.add_subplot(places[1 + row, column], sharey=panels[0] if panels else None))
        panels[-1].tick_params(labelleft=column == 0)
    return figure, frame, place_of_legend, np.array(panels, dtype=object)


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
    if max(map(len, ticks.texts)) * len(ticks.texts) > 28:
        panel.tick_params(axis="x", rotation=35)
        pyplot().setp(panel.get_xticklabels(), ha="right", rotation_mode="anchor")
    n_missing = int(np.isnan(scale.positions).sum())
    without = f"\n({n_missing} candidates without it)" if n_missing else ""
    panel.set_xlabel(shortened(scale.label, 34) + without)
    panel.grid(alpha=0.3)
