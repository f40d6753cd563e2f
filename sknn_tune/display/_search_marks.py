"""How candidates of a search are drawn: the best, the others, those that were stopped, those that failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..model_selection._description import SearchDescription
from ._axes import COLOURS, MARKERS
from ._search_ticks import shortened

_GREY = "#767676"


def score_label(description: SearchDescription) -> str:
    """What the axis of scores says."""
    return f"{shortened(description.metric, 28)}\n(higher is better,\nmean of {description.n_folds} folds)"


def marker_size(n_candidates: int) -> float:
    """Points of a marker: smaller, the more there are."""
    return float(np.clip(60 / np.sqrt(n_candidates), 4, 8))


def draw_candidates(ax: Any, description: SearchDescription, x: np.ndarray, errors: bool = True) -> None:
    """Draw the score of each candidate against ``x``; NaN in ``x`` leaves it out.

    Rounds have a marker and a colour each; stopped candidates are hollow, failed ones stand at the lower edge, and
    the best has a star.
    """
    size = marker_size(description.n_candidates)
    for (label, colour, marker, is_hollow), rows in _groups(description):
        shown = rows & np.isfinite(x) & (np.arange(len(x)) != description.best)
        style = {"color": colour, "marker": marker, "markersize": size, "linestyle": "none", "label": label}
        style |= {"markerfacecolor": "white" if is_hollow else colour, "alpha": 0.8}
        if errors and description.n_candidates <= 50:
            bars = {"elinewidth": 0.8, "capsize": 0}
            ax.errorbar(x[shown], description.scores[shown], description.spreads[shown], **style, **bars)
        else:
            ax.plot(x[shown], description.scores[shown], **style)
    failed = (description.statuses == "failed") & np.isfinite(x)
    if failed.any():
        ax.plot(
            x[failed],
            np.full(failed.sum(), 0.03),
            transform=ax.get_xaxis_transform(),
            **{"color": _GREY, "marker": "x", "markersize": size, "linestyle": "none", "label": "failed"},
        )
    if description.best is not None and np.isfinite(x[description.best]):
        star = {"marker": "*", "markersize": 14, "color": "black", "markeredgecolor": "white", "linestyle": "none"}
        ax.plot(x[description.best], description.scores[description.best], label="best", zorder=5, **star)


def _groups(description: SearchDescription):
    """Label, colour, marker and whether hollow, with the rows that are drawn so; only groups with a candidate."""
    numbers = sorted(set(description.rounds.tolist()))
    for place, number in enumerate(numbers):
        name = f"round {number + 1}" if len(numbers) > 1 else "candidate"
        style = (COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)])
        in_round = description.rounds == number
        for status, is_hollow in (("finished", False), ("pruned", True)):
            rows = in_round & (description.statuses == status)
            if rows.any():
                yield (name if not is_hollow else f"{name}, stopped", *style, is_hollow), rows


def legend_above(ax: Any) -> None:
    """A legend over the axes, where no data are."""
    list_marks(ax, [ax], loc="lower left", bbox_to_anchor=(0, 1.0))


def list_marks(ax: Any, sources: Iterable[Any], **place: Any) -> None:
    """A legend on ``ax`` of what is drawn on ``sources``, each once, the best first."""
    entries: dict[str, Any] = {}
    for source in sources:
        for handle, label in zip(*source.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    labels = sorted(entries, key=lambda label: label != "best")
    if len(labels) > 1:
        ax.legend(
            [entries[label] for label in labels],
            labels,
            ncols=4 if len(labels) < 7 else 5,
            frameon=False,
            fontsize="small",
            borderaxespad=0.2,
            handletextpad=0.3,
            columnspacing=1.0,
            **place,
        )
