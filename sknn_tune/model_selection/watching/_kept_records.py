"""What the watchers of a search know, for a search that keeps it: of a candidate that another process has evaluated.

Several workers may share a search, and each watches its own fits only. All of them are to have the same columns in
``cv_results_``, and to pass over the same candidates, so what was seen of a candidate is kept with its scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ._search_watcher import WATCHES, FitRecord, Watch


def records_of_round(context: Any, number: int) -> list[list[dict[str, Any]]]:
    """For each candidate of a round, what was seen of its fits, in a form that can be kept.

    Parameters
    ----------
    context : sklearn.callback.CallbackContext or None
        The task of the search.
    number : int
        Which of its calls of ``evaluate_candidates``, from 0.

    Returns
    -------
    kept : list of list of dict
        Empty if nobody watches.
    """
    watches = _watches(context)
    if not watches:
        return []
    name, size = list(watches[0].rounds().items())[number]
    seen: list[dict[int, dict[str, Any]]] = [{} for _ in range(size)]
    for watch in watches:
        for record in watch.records_of_round(name):
            kept = asdict(record)
            of_candidate = seen[kept.pop("candidate")]
            before = of_candidate.setdefault(record.fold, kept)
            before["is_pruned"] |= record.is_pruned
    return [list(of_candidate.values()) for of_candidate in seen]


def tell_watchers(
    context: Any, rows: Sequence[Sequence[int | None]], elsewhere: Mapping[int, Iterable[Mapping[str, Any]]]
) -> None:
    """Let the watchers know which rows are whose.

    Parameters
    ----------
    context : sklearn.callback.CallbackContext or None
        The task of the search.
    rows : list of list of int or None
        For each round, the rows of ``cv_results_`` with its candidates.
    elsewhere : dict
        What was kept of the fits of all other rows.
    """
    for watch in _watches(context):
        watch.rows = rows
        watch.seen_elsewhere = [
            FitRecord(candidate=row, **record) for row, records in elsewhere.items() for record in records
        ]


def number_candidates(context: Any, numbers: Sequence[int]) -> None:
    """Let the watchers know, before the next round begins, the numbers of its candidates in the whole search.

    Parameters
    ----------
    context : sklearn.callback.CallbackContext or None
        A task of the search.
    numbers : list of int
        One for each candidate.
    """
    for watch in _watches(context):
        watch.numbers.append(numbers)


def _watches(context: Any) -> list[Watch]:
    return [] if context is None else [watch for (root, _), watch in WATCHES.items() if root == context.root_uuid]
