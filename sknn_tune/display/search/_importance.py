"""Importance of each hyperparameter as bars."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...model_selection.results import ParameterImportance
from ..drawing import axes_of, colour, ink, plainly, wrapped

#: Below this R², what the forest has found is noise.
_LEAST_R2 = 0.1


def draw_importance(importance: ParameterImportance, ax: Any) -> tuple[Any, Any]:
    """Figure and axes with a bar per parameter, the most important on top."""
    n_bars = len(importance.labels)
    labels = [wrapped(label, 28) for label in importance.labels]
    heights = [max(0.36, 0.1 + 0.17 * len(label.split("\n"))) for label in labels]
    figure, ax = axes_of(ax, figsize=(7.4, 1.4 + n_bars * max(heights)))
    places = np.arange(n_bars)[::-1]
    # Below zero is what chance makes of no influence at all: there are no negative shares.
    shares = np.maximum(importance.importances, 0)
    spreads = (
        np.minimum(importance.spreads, shares),
        np.maximum(importance.importances + importance.spreads - shares, 0),
    )
    bars = {"color": colour(0, ax), "ecolor": ink(ax), "error_kw": {"elinewidth": 1, "capsize": 2}}
    ax.barh(places, shares, xerr=spreads, height=0.65, **bars)
    ax.axvline(0, color=ink(ax), linewidth=0.8)
    ax.set_xlim(left=0)
    ax.locator_params(axis="x", nbins=6)
    ax.set_yticks(places, [plainly(label) for label in labels])
    ax.set_xlabel(f"share of the differences between candidates\n({trust_in(importance)})")
    ax.grid(axis="x", alpha=0.3)
    return figure, ax


def trust_in(importance: ParameterImportance) -> str:
    """Return how far importances can be trusted."""
    if importance.r2 < _LEAST_R2:
        return f"R² {max(importance.r2, 0):.2f}: too few candidates, or too much noise, to tell"
    return f"{importance.n_candidates} candidates, ranks predicted with R² {importance.r2:.2f}"
