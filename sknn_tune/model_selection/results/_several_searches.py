"""Several finished searches as one description, so that what draws one draws them side by side."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ._description import STATUSES, SearchDescription, best_params, comparable_curves, describe_search
from ._parameter_scales import parameter_scales


def describe_searches(searches: Mapping[str, Any] | Iterable[Any], metric: str | None = None) -> SearchDescription:
    """Return what there is to see of several finished searches, to compare them.

    Parameters
    ----------
    searches : dict of str to estimator, or list of estimators
        Fitted searches by their names. Those of a list are named after their classes.
    metric : str, default=None
        As in `describe_search`.

    Returns
    -------
    description : SearchDescription
        Of the candidates of all, one search after the other, with the searches as ``parts``.

    Raises
    ------
    ValueError
        If there are no searches, or they have different metrics.
    """
    named = _named(searches)
    parts = {name: describe_search(search, metric) for name, search in named.items()}
    if len(parts) == 1:
        return next(iter(parts.values()))
    metrics = {name: part.metric for name, part in parts.items()}
    if len(set(metrics.values())) > 1:
        found = ", ".join(f"{metric!r} for {name!r}" for name, metric in metrics.items())
        raise ValueError(f"Searches can be compared by one metric only. Got {found}: name one by 'metric'.")
    folds = {part.n_folds for part in parts.values()}
    if len(folds) > 1:
        warnings.warn(
            f"The searches have different numbers of folds ({', '.join(map(str, sorted(folds)))}), so their candidates "
            "were fitted to different numbers of rows.",
            UserWarning,
            stacklevel=3,
        )
    return _merged(parts, parameter_scales(*named.values()))


def _named(searches: Mapping[str, Any] | Iterable[Any]) -> dict[str, Any]:
    if not isinstance(searches, Mapping | Iterable) or isinstance(searches, str):
        raise TypeError(
            "The 'searches' parameter must be a dict or a list of fitted searches. Got "
            f"{type(searches).__name__} instead: for a single one, take from_search."
        )
    if isinstance(searches, Mapping):
        named = {str(name): search for name, search in searches.items()}
    else:
        given = list(searches)
        classes = [type(search).__name__ for search in given]
        often = {name for name, count in Counter(classes).items() if count > 1}
        named = {
            f"{name} {number}" if name in often else name: search
            for number, (name, search) in enumerate(zip(classes, given, strict=True), start=1)
        }
    if not named:
        raise ValueError("The 'searches' parameter must have at least one fitted search. Got none.")
    return named


def _merged(parts: dict[str, SearchDescription], scales: tuple) -> SearchDescription:
    each = list(parts.values())
    scores = np.concatenate([part.scores for part in each])
    statuses = np.concatenate([part.statuses for part in each])
    best, ranking = _best_and_ranking(each, scores, statuses)
    names = dict.fromkeys(name for part in each for name in part.details)
    return SearchDescription(
        search=", ".join(f"{name} ({part.search})" if name != part.search else name for name, part in parts.items()),
        estimator=", ".join(dict.fromkeys(part.estimator for part in each)),
        metric=each[0].metric,
        n_folds=max(part.n_folds for part in each),
        scores=scores,
        spreads=np.concatenate([part.spreads for part in each]),
        statuses=statuses,
        best=best,
        ranking=ranking,
        rounds=np.concatenate([part.rounds for part in each]),
        resources=None,
        seconds=np.concatenate([part.seconds for part in each]),
        parameters=scales,
        best_params=best_params(scales, best),
        details={
            name: np.concatenate([part.details.get(name, np.full(part.n_candidates, np.nan)) for part in each])
            for name in names
        },
        curves=comparable_curves([dict(curves) for part in each for curves in part.curves]),
        parts=parts,
    )


def _best_and_ranking(
    parts: list[SearchDescription], scores: np.ndarray, statuses: np.ndarray
) -> tuple[int | None, np.ndarray]:
    """The best of what the searches chose, and all rows: in a halving search those of earlier rounds come later."""
    whole = np.concatenate(
        [
            np.ones(part.n_candidates) if part.resources is None else part.resources / part.resources.max()
            for part in parts
        ]
    )
    places = np.array([STATUSES.index(status) for status in statuses])
    ranking = np.lexsort((-np.nan_to_num(scores, nan=-np.inf), -whole, places))
    starts = np.cumsum([0, *(part.n_candidates for part in parts)])
    chosen = [start + part.best for start, part in zip(starts, parts, strict=False) if part.best is not None]
    if not chosen:
        return None, ranking
    best = int(max(chosen, key=lambda row: scores[row]))
    return best, np.concatenate([[best], ranking[ranking != best]])
