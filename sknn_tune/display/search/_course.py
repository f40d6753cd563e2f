"""The course of a search: rounds, the best so far, and the curves of its candidates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...model_selection.results import SearchDescription, is_loss
from ..drawing import axes_of, colour, ink, shades, warn_of_different_losses
from ._marks import draw_candidates, list_marks, score_label
from ._parallel import CANDIDATE, fraction_of_better
from ._ticks import shown_scores


def draw_best_so_far(description: SearchDescription, ax: Any) -> tuple[Any, Any]:
    """Draw the best score up to each candidate."""
    numbers = np.arange(1.0, description.n_candidates + 1)
    return _draw_best(description, numbers, "candidate, in the order of the search", ax, whole=True)


def draw_best_over_time(description: SearchDescription, ax: Any) -> tuple[Any, Any]:
    """Draw the best score against the time that all candidates up to it have taken."""
    seconds = np.cumsum(description.seconds)
    unit, divisor = ("min", 60) if seconds[-1] > 600 else ("s", 1)
    return _draw_best(description, seconds / divisor, f"time of all fits and scores so far ({unit})", ax)


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


def _draw_best(
    description: SearchDescription, x: np.ndarray, label: str, ax: Any, whole: bool = False
) -> tuple[Any, Any]:
    figure, ax = axes_of(ax, figsize=(7.6, 4.0))
    best = np.maximum(best_so_far(description), np.fmin.reduce(shown_scores(description.scores)[0]))
    parts = [description.rounds == number for number in sorted(set(description.rounds.tolist()))]
    begins_anew = description.resources is not None
    label_of_line = "best so far of the round" if begins_anew else "best so far"
    for part in parts if begins_anew else [np.ones(len(x), dtype=bool)]:
        ax.step(x[part], best[part], where="post", color=ink(ax), linewidth=1.8, label=label_of_line)
    draw_candidates(ax, description, x, errors=False)
    ax.set(xlabel=label, ylabel=score_label(description))
    if whole:
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    ax.grid(alpha=0.3)
    list_marks(ax, [ax])
    return figure, ax


def draw_rounds(description: SearchDescription, ax: Any) -> tuple[Any, Any]:
    """Draw the scores of each round, side by side, with their median."""
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
    ax.set(xlabel="round (its candidates in their order)", ylabel=score_label(description))
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
    shade, fractions = shades(ax), fraction_of_better(description)
    for row in description.ranking[::-1]:
        values = description.curves[row].get(name)
        if values is None or len(values) == 0:
            continue
        epochs = np.arange(1, len(values) + 1)
        is_best, is_pruned = row == description.best, description.statuses[row] == "pruned"
        style = {"color": ink(ax), "linewidth": 2.5} if is_best else {"color": shade(fractions[row])}
        label = "best" if is_best else CANDIDATE
        ax.plot(epochs, values, **{"linewidth": 1.1, "label": label} | style)
        if is_pruned:
            end = {"marker": "x", "markersize": 5, "color": colour(1, ax), "linestyle": "none", "label": "stopped here"}
            ax.plot(epochs[-1:], values[-1:], **end)
    if needs_log_scale(description, name):
        ax.set_yscale("log")
    ax.set(xlabel="epoch", ylabel=f"{name}\n(mean of {description.n_folds} folds)")
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
