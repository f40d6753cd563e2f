"""The course of a search: rounds, the best so far, and the curves of its candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...model_selection.results import SearchDescription, is_loss
from ..drawing import axes_of, colour, ink, plainly, warn_of_different_losses
from ._marks import draw_candidates, list_marks, look_of_line, score_label
from ._ticks import shown_scores


def draw_best_so_far(description: SearchDescription, ax: Any) -> tuple[Any, Any]:
    """Draw the best score up to each candidate."""
    numbers = [np.arange(1.0, part.n_candidates + 1) for part in _parts(description).values()]
    figure, ax = _draw_best(description, numbers, "candidate, in the order of the search", ax)
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    return figure, ax


def draw_best_over_time(description: SearchDescription, ax: Any) -> tuple[Any, Any]:
    """Draw the best score against the time that all candidates up to it have taken."""
    seconds = [np.cumsum(part.seconds) for part in _parts(description).values()]
    unit, divisor = ("min", 60) if max(times[-1] for times in seconds) > 600 else ("s", 1)
    label = f"time of all fits and scores so far ({unit})"
    return _draw_best(description, [times / divisor for times in seconds], label, ax)


def _parts(description: SearchDescription) -> Mapping[str, SearchDescription]:
    """Each search by its name; a single one has none."""
    return description.parts or {"": description}


def best_so_far(description: SearchDescription) -> np.ndarray:
    """Return the best score up to each candidate; NaN before the first.

    Stopped candidates are never the best. In a halving search each round begins anew, since its scores are of
    other amounts of data or epochs.
    """
    scores = np.where(description.statuses == "finished", description.scores, np.nan)
    best = np.empty(len(scores))
    starts = description.rounds if description.resources is not None else np.zeros(len(scores), dtype=int)
    for start in set(starts.tolist()):
        best[starts == start] = np.fmax.accumulate(scores[starts == start])
    return best


def _draw_best(description: SearchDescription, x: list[np.ndarray], label: str, ax: Any) -> tuple[Any, Any]:
    """A line per search, or per round of one that begins anew with each."""
    figure, ax = axes_of(ax, figsize=(7.6, 4.0))
    lowest = np.fmin.reduce(shown_scores(description.scores)[0])
    for place, (name, part) in enumerate(_parts(description).items()):
        best = np.maximum(best_so_far(part), lowest)
        look = {"color": colour(place, ax) if name else ink(ax), "linewidth": 1.8, "where": "post"}
        whole, of_name = np.ones(len(best), dtype=bool), f": {name}" if name else ""
        rounds = [whole] if part.resources is None else [part.rounds == number for number in np.unique(part.rounds)]
        of_line = "best so far" if part.resources is None else "best so far of the round"
        for rows in rounds:
            ax.step(x[place][rows], best[rows], label=plainly(of_line + of_name), **look)
    draw_candidates(ax, description, np.concatenate(x), errors=False)
    ax.set(xlabel=label, ylabel=plainly(score_label(description)))
    ax.grid(alpha=0.3)
    list_marks(ax, [ax])
    return figure, ax


def draw_rounds(description: SearchDescription, ax: Any) -> tuple[Any, Any]:
    """Draw the scores of each round, side by side, with their median."""
    if description.parts:
        raise ValueError("The rounds of one search can be drawn, not of several: take kind='best_so_far'.")
    if description.n_rounds < 2:
        raise ValueError(
            "This search has no rounds. CoarseToFineSearchCV and halving searches have, and HyperbandSearchCV; for "
            "others, take kind='best_so_far'."
        )
    figure, ax = axes_of(ax, figsize=(7.6, 4.0))
    numbers = sorted(set(description.rounds.tolist()))
    x = np.empty(description.n_candidates)
    medians = []
    for place, number in enumerate(numbers):
        part = np.flatnonzero(description.rounds == number)
        x[part] = place + (np.linspace(-0.25, 0.25, len(part)) if len(part) > 1 else 0)
        scores = shown_scores(description.scores)[0][part]
        medians.append(np.median(scores[np.isfinite(scores)]) if np.isfinite(scores).any() else np.nan)
    ax.hlines(medians, np.arange(len(numbers)) - 0.35, np.arange(len(numbers)) + 0.35, ink(ax), label="median")
    draw_candidates(ax, description, x, errors=False)
    ax.set_xticks(range(len(numbers)), [_round_text(description, number) for number in numbers])
    ax.set(xlabel="round (its candidates in their order)", ylabel=plainly(score_label(description)))
    ax.grid(axis="y", alpha=0.3)
    list_marks(ax, [ax])
    return figure, ax


def _round_text(description: SearchDescription, number: int) -> str:
    part = description.rounds == number
    if description.resources is None:
        return f"{number + 1}\n({part.sum()} candidates)"
    return f"{number + 1}\n({part.sum()} candidates,\n{description.resources[part][0]:g} each)"


def draw_curves(description: SearchDescription, ax: Any, curve: str | None) -> tuple[Any, Any]:
    """Draw a recorded number of each candidate over its epochs."""
    name = curve_of(description, curve)
    if description.different_losses and is_loss(name):
        warn_of_different_losses(description.different_losses, name, "curve='val_accuracy'")
    figure, ax = axes_of(ax, figsize=(7.6, 4.0))
    look = look_of_line(description, ax)
    for row in description.ranking[::-1]:
        values = description.curves[row].get(name)
        if values is None or len(values) == 0:
            continue
        epochs = np.arange(1, len(values) + 1)
        ax.plot(epochs, values, **look(row))
        if description.statuses[row] == "pruned":
            end = {"marker": "x", "markersize": 5, "color": colour(1, ax), "linestyle": "none", "label": "stopped here"}
            ax.plot(epochs[-1:], values[-1:], **end)
    if needs_log_scale(description, name):
        ax.set_yscale("log")
    ax.set(xlabel="epoch", ylabel=plainly(f"{name}\n(mean of {description.n_folds} folds)"))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.3)
    list_marks(ax, [ax])
    return figure, ax


def needs_log_scale(description: SearchDescription, name: str) -> bool:
    """Whether numbers of different magnitudes are to be seen, as of losses when one network diverges."""
    values = np.concatenate([curves[name] for curves in description.curves if name in curves])
    values = values[np.isfinite(values)]
    return len(values) > 0 and values.min() > 0 and values.max() >= 100 * values.min()


def curve_of(description: SearchDescription, curve: str | None) -> str:
    """Return the name of the recorded number to draw, by default the validation loss if it can be compared."""
    names = description.curve_names
    if not names:
        raise ValueError(
            "The curves of this search were not recorded: scikit-learn drops the networks of a search once they are "
            "scored. With scikit-learn 1.9 or later, call search.set_callbacks(HistoryRecorder()) before fit."
        )
    if curve is not None and curve not in names:
        raise ValueError(f"The 'curve' parameter must be one of {', '.join(names)}. Got {curve!r} instead.")
    return curve or names[0]
