"""What a splitter given as ``validation_split`` says, looked at before anything is trained on it."""

from __future__ import annotations

import copy
import warnings
from collections import deque
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

import numpy as np
from sklearn.model_selection import PredefinedSplit

from .resolve import Parameters

#: Indices of the rows to train on, and of those held out.
Split = tuple[np.ndarray, np.ndarray]


def splits_of(
    parameters: Parameters,
    X: Any,
    y: np.ndarray,
    *,
    class_index: np.ndarray | None,
    groups: np.ndarray | None,
    counted: np.ndarray | None,
    seed: int,
) -> list[Split]:
    """A split for each member, as indices that are sure to be those of rows.

    The first ones; where the first leaves rows out, as that of a ``TimeSeriesSplit`` does, the last ones, which have
    seen most.

    Parameters
    ----------
    class_index : ndarray of shape (n_rows,) or None
        The class of each row.
    counted : ndarray of bool of shape (n_given_rows,) or None
        Which of the rows that were given these are.
    seed : int
        For a splitter without a seed of its own.
    """
    splitter, n_rows, n_members = parameters["validation_split"], X.shape[0], parameters.n_networks
    if groups is None and takes_groups(splitter):
        raise ValueError(_no_groups(parameters.estimator, splitter))
    if counted is not None:
        splitter = for_rows(splitter, np.flatnonzero(counted), len(counted))
    name = f"The 'validation_split' parameter of {parameters.estimator}"
    given = seeded(splitter, seed).split(X, y, groups)
    if not isinstance(given, Iterable):
        raise ValueError(
            f"{name} must have a method split that gives pairs: the indices of the rows to train on, and of those to "
            f"hold out. It returned {given!r:.100} instead."
        )
    found = _chosen(given, n_rows, n_members)
    if len(found) < n_members:
        raise ValueError(
            f"{name} gives {len(found)} split(s), but each of "
            f"n_members={n_members} needs one of its own. Give a splitter with more, or fewer members."
            + (" Rows of weight zero are left out before." if counted is not None else "")
        )
    rows = f"{n_rows} rows" + (" that have a weight" if counted is not None else "")
    splits = [_as_indices(split, n_rows, name, rows) for split in found]
    _warn_of_rows_left_out(splits, n_rows, name)
    _warn_of_rows_on_both_sides(splits, name)
    if class_index is not None:
        _warn_of_classes_not_trained_on(splits, y, class_index, name)
    return splits


def for_rows(splitter: Any, kept: np.ndarray, n_rows: int) -> Any:
    """The same splitter for some of ``n_rows`` rows: a PredefinedSplit counts rows, whatever it is given."""
    if isinstance(splitter, PredefinedSplit) and len(splitter.test_fold) == n_rows:
        return PredefinedSplit(splitter.test_fold[kept])
    return splitter


def takes_groups(splitter: Any) -> bool:
    """Whether a splitter of scikit-learn's splits by groups, which it then needs."""
    if not hasattr(splitter, "get_metadata_routing"):
        return False
    return splitter.get_metadata_routing().split.requests.get("groups") is True


def _no_groups(estimator: str, splitter: Any) -> str:
    return (
        f"The 'validation_split' parameter of {estimator} is {splitter!r}, which needs the groups of the rows, but fit "
        f"got none: {estimator}(...).fit(X, y, groups=groups). In a pipeline, a search or cross_val_score they reach "
        f"it after sklearn.set_config(enable_metadata_routing=True) and {estimator}(...).set_fit_request(groups=True); "
        "then give search.fit(X, y, groups=groups), or cross_val_score(..., params={'groups': groups})."
    )


def seeded(splitter: Any, seed: int) -> Any:
    """A splitter without a ``random_state`` would draw from NumPy's global generator; give it our seed."""
    if getattr(splitter, "random_state", 0) is None and getattr(splitter, "shuffle", True):
        splitter = copy.copy(splitter)
        splitter.random_state = seed
    return splitter


def _chosen(given: Iterable[Any], n_rows: int, n_members: int) -> list[Any]:
    splits = iter(given)
    first = list(islice(splits, n_members))
    if first and _n_in_neither(first[0], n_rows):
        return list(deque(chain(first, splits), maxlen=n_members))
    return first


def _n_in_neither(split: Any, n_rows: int) -> int:
    """0 of what is no split: that is somebody else's to say."""
    try:
        return n_rows - len(np.unique(np.concatenate([np.arange(n_rows)[np.asarray(side)] for side in split])))
    except (IndexError, TypeError, ValueError):
        return 0


def _as_indices(split: Any, n_rows: int, name: str, rows: str) -> Split:
    """Numbers of rows from 0 on, of whatever form they are."""
    if not isinstance(split, tuple | list) or len(split) != 2:
        raise ValueError(
            f"{name} must give pairs: the indices of the rows to train on, and of those to hold out. It gave "
            f"{split!r:.100} instead."
        )
    sides = []
    for side, what in zip(split, ("train on", "hold out"), strict=True):
        indices = np.asarray(side)
        if not indices.size or (indices.dtype == bool and not indices.any()):
            raise ValueError(f"{name} gives no rows to {what}. Give a splitter whose splits have rows on both sides.")
        if indices.ndim != 1:
            raise ValueError(
                f"{name} must give indices in arrays of one axis, but those to {what} have shape {indices.shape}. Give "
                "indices.ravel(), or a mask with one entry for each row."
            )
        try:
            sides.append(np.arange(n_rows)[indices])
        except IndexError as error:
            raise ValueError(
                f"{name} must give indices of the {rows}, but those to {what} are not: {error}."
            ) from error
    return sides[0], sides[1]


def _warn_of_rows_left_out(splits: list[Split], n_rows: int, name: str) -> None:
    train, held_out = max(splits, key=lambda split: _n_in_neither(split, n_rows))
    n_left = _n_in_neither((train, held_out), n_rows)
    if n_left:
        warnings.warn(
            f"{name} uses {n_rows - n_left} of {n_rows} rows{_of_a_member(splits)}: {len(train)} to train on and "
            f"{len(held_out)} held out, while {n_left} are in neither part.",
            UserWarning,
            stacklevel=8,
        )


def _warn_of_rows_on_both_sides(splits: list[Split], name: str) -> None:
    n_shared, n_held_out = max((int(np.isin(held_out, train).sum()), len(held_out)) for train, held_out in splits)
    if n_shared:
        warnings.warn(
            f"{name} trains on {n_shared} of the {n_held_out} rows that it holds out{_of_a_member(splits)}, so "
            "'val_loss' does not tell how well new rows are predicted.",
            UserWarning,
            stacklevel=8,
        )


def _warn_of_classes_not_trained_on(splits: list[Split], y: np.ndarray, class_index: np.ndarray, name: str) -> None:
    for train, _ in splits:
        missing = np.setdiff1d(class_index, class_index[train])
        if missing.size:
            labels = [y[np.flatnonzero(class_index == each)[0]] for each in missing[:5]]
            warnings.warn(
                f"{name} leaves no row of class {', '.join(repr(np.asarray(label).item()) for label in labels)} to "
                f"train on{_of_a_member(splits)}, which the network will not know. Use one that is stratified or "
                "shuffled.",
                UserWarning,
                stacklevel=8,
            )
            return


def _of_a_member(splits: list[Split]) -> str:
    return " for one of the members" if len(splits) > 1 else ""
