"""How candidates of a search are drawn: the best, the others, those that were stopped, those that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ...model_selection.results import ParameterScale, SearchDescription
from ..drawing import colour, ink, legend_beside, marker_style, paper, pyplot, shades, shortened
from ._ticks import shown_scores

_GREY = "#767676"


def varied_parameters(description: SearchDescription) -> tuple[ParameterScale, ...]:
    """The parameters that a picture compares."""
    if not description.compared:
        raise ValueError("All candidates of this search have the same parameters: there is nothing to compare.")
    return description.compared


def score_label(description: SearchDescription) -> str:
    """What the axis of scores says."""
    return f"{shortened(description.metric, 28)}\n(higher is better,\nmean of {description.n_folds} folds)"


def marker_size(n_candidates: int) -> float:
    """Points of a marker: smaller, the more there are."""
    return float(np.clip(60 / np.sqrt(n_candidates), 4, 8))


def draw_candidates(ax: Any, description: SearchDescription, x: np.ndarray, errors: bool = True) -> None:
    """Draw the score of each candidate against ``x``; NaN in ``x`` leaves it out.

    Rounds, or searches, have a marker and a colour each; stopped candidates are hollow, failed ones stand at the lower
    edge, those far below all others at a limit that leaves the others room, and the best has a star.
    """
    size = marker_size(description.n_candidates)
    with_bars = errors and description.n_candidates <= 50
    bars = {"elinewidth": 0.8, "capsize": 0}
    scores, is_far_below = shown_scores(description.scores)
    for label, look, is_hollow, rows in _groups(description, ax):
        shown = rows & np.isfinite(x) & ~is_far_below & (np.arange(len(x)) != description.best)
        style = look | {"markersize": size, "linestyle": "none", "label": label, "alpha": 0.8}
        style |= {"markerfacecolor": paper(ax)} if is_hollow else {}
        if with_bars:
            ax.errorbar(x[shown], scores[shown], description.spreads[shown], **style, **bars)
        else:
            ax.plot(x[shown], scores[shown], **style)
    grey = {"color": _GREY, "markersize": size, "linestyle": "none"}
    far_below = is_far_below & np.isfinite(x)
    if far_below.any():
        ax.plot(x[far_below], scores[far_below], marker="v", label="far below", **grey)
    failed = (description.statuses == "failed") & np.isfinite(x)
    if failed.any():
        at_the_edge = np.full(failed.sum(), 0.03)
        ax.plot(x[failed], at_the_edge, transform=ax.get_xaxis_transform(), marker="x", label="failed", **grey)
    if description.best is not None and np.isfinite(x[description.best]):
        star = {"marker": "*", "markersize": 13, "color": ink(ax), "markeredgecolor": paper(ax), "linestyle": "none"}
        best = x[description.best], scores[description.best]
        ax.plot(*best, label="best", zorder=5, **star)
        if with_bars:  # over the star, which is larger than many a bar
            ax.errorbar(*best, description.spreads[description.best], ecolor=ink(ax), fmt="none", zorder=6, **bars)


def _groups(description: SearchDescription, ax: Any) -> Iterator[tuple[str, dict[str, Any], bool, np.ndarray]]:
    """Label, look, whether hollow, and the rows that are drawn so; only groups with a candidate."""
    groups = description.origins if description.parts else description.rounds
    numbers = sorted(set(groups.tolist()))
    names = list(description.parts) or [f"round {number + 1}" for number in numbers]
    for place, number in enumerate(numbers):
        name = names[place] if len(numbers) > 1 else "candidate"
        for status, label in (("finished", name), ("pruned", f"{name}, stopped")):
            rows = (groups == number) & (description.statuses == status)
            if rows.any():
                yield label, marker_style(place, ax), status == "pruned", rows


def look_of_line(description: SearchDescription, ax: Any) -> Callable[[int], dict[str, Any]]:
    """Colour and label of the line of each candidate: the better, the stronger, of several searches in their colours.

    The best is thick, in the colour of letters.
    """
    shade, fractions = shades(ax), fraction_of_better(description)
    names, origins = list(description.parts), description.origins

    def look(row: int) -> dict[str, Any]:
        if row == description.best:
            return {"color": ink(ax), "linewidth": 2.8, "zorder": 2.5, "label": "best"}
        if names:
            strength = 0.35 + 0.6 * float(fractions[row])
            place = int(origins[row])
            return {"color": colour(place, ax), "alpha": strength, "linewidth": 1.2, "label": names[place]}
        label = "candidate (the stronger, the better)"
        return {"color": shade(float(fractions[row])), "linewidth": 1.2, "label": label}

    return look


def fraction_of_better(description: SearchDescription) -> np.ndarray:
    """1 for the best candidate, 0 for the last, by rank: one score far off would make all others look alike."""
    places = np.empty(description.n_candidates)
    places[description.ranking] = np.arange(description.n_candidates)
    return 1 - places / max(1, description.n_candidates - 1)


def list_marks(ax: Any, sources: Iterable[Any], remark: str = "") -> None:
    """A legend beside ``ax`` of what is drawn on ``sources``, each once, the best first, and a remark at its end."""
    entries: dict[str, Any] = {}
    for source in sources:
        for handle, label in zip(*source.get_legend_handles_labels(), strict=True):
            entries[label] = handle  # of lines the last, which is the best
    handles = [entries[label] for label in sorted(entries, key=lambda label: label != "best")]
    if remark:
        handles.append(pyplot().Line2D([], [], linestyle="none", label=remark))
    if len(handles) > 1:
        legend_beside(ax, handles)
