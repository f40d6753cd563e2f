"""The rows that are held out inside a fit, to see when training should stop."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold, StratifiedShuffleSplit

from .._held_back import held_back
from ._rows import Rows
from ._splits import Split, splits_of
from ._streams import StreamSummary
from .resolve import Parameters


@dataclass(frozen=True, eq=False)
class Sides:
    """What each member of a fit is trained on, and what it is watched on.

    Attributes
    ----------
    rows : Rows
    splits : list of (ndarray, ndarray)
        For each member the rows to train on and those held out; empty if none are.
    watched : Rows or None
        Rows that were given to be watched.
    """

    rows: Rows
    splits: list[Split] = field(default_factory=list)
    watched: Rows | None = None

    def of(self, number: int) -> tuple[Rows, Rows | None]:
        """The two sides of a member."""
        if not self.splits:
            return self.rows, self.watched
        train, held_out = self.splits[number]
        return self.rows.side(train), self.rows.side(held_out)


def check_can_hold_out(stream: StreamSummary, parameters: Parameters) -> None:
    """Rows are held out by their numbers, which those of the user's own batches do not have."""
    if stream.batch_size is not None:
        raise ValueError(
            "Rows cannot be held out of a tf.data.Dataset. Give fit a dataset of (x, y) batches as X_val, or "
            "use early_stopping=False (or monitor='loss') and validation_split=None."
        )
    if parameters.n_networks > 1:
        raise ValueError(
            f"Each of n_members={parameters['n_members']} would hold other rows out of X, a {stream.source.name} of "
            f"{stream.n_rows} rows, which are not kept in memory. Give X_val and y_val, or a larger shuffle_buffer."
        )


def held_out_rows(
    parameters: Parameters,
    X: Any,
    y: np.ndarray,
    *,
    class_index: np.ndarray | None,
    groups: np.ndarray | None,
    seed: int,
    counted: np.ndarray | None = None,
) -> list[Split]:
    """For each member the indices of the rows to train on and of those held out; empty if none are.

    Parameters
    ----------
    class_index : ndarray of shape (n_rows,) or None
        The class of each row where the split is to be stratified.
    seed : int
        Draws the rows.
    counted : ndarray of bool of shape (n_given_rows,) or None
        Which of the rows that were given these are; None: all of them.
    """
    splitter, n_members = parameters["validation_split"], parameters.n_networks
    n_rows = X.shape[0]
    if hasattr(splitter, "split"):
        return splits_of(parameters, X, y, class_index=class_index, groups=groups, counted=counted, seed=seed)
    fraction = splitter or (parameters["validation_fraction"] if parameters.stops_on_held_out_rows else 0)
    if not fraction:
        return []
    if groups is not None:
        warnings.warn(
            f"{parameters.estimator} holds out rows without regard to 'groups', so that rows of a group are on both "
            "sides. Give a splitter such as validation_split=GroupKFold(10).",
            UserWarning,
            stacklevel=7,
        )
    if n_members > 1:
        return _folds(n_rows, class_index, n_members, seed)
    return [_one_split(n_rows, class_index, fraction, seed)]


#: Rows that are shared out together. Of more rows each part is shared out by itself, and they stay in their order:
#: that needs little memory, and rows that are read one after the other lie near each other.
_ROWS_AT_ONCE = 250_000


def _one_split(n_rows: int, class_index: np.ndarray | None, fraction: float, seed: int) -> Split:
    if n_rows <= _ROWS_AT_ONCE:
        return _shared_out(n_rows, class_index, fraction, seed)
    sides: tuple[list[np.ndarray], list[np.ndarray]] = [], []
    number_type = np.int32 if n_rows <= np.iinfo(np.int32).max else np.int64
    for start, stop in _parts(n_rows):
        of_part = None if class_index is None else class_index[start:stop]
        split = _shared_out(stop - start, of_part, fraction, (seed + start) % 2**31)
        for side, rows in zip(sides, split, strict=True):
            side.append(np.sort(rows).astype(number_type) + number_type(start))
    return np.concatenate(sides[0]), np.concatenate(sides[1])


def _parts(n_rows: int) -> Iterator[tuple[int, int]]:
    """None is small: what is left of the rows belongs to the last one."""
    n_parts = n_rows // _ROWS_AT_ONCE
    for part in range(n_parts):
        yield part * _ROWS_AT_ONCE, n_rows if part == n_parts - 1 else (part + 1) * _ROWS_AT_ONCE


def _shared_out(n_rows: int, class_index: np.ndarray | None, fraction: float, seed: int) -> Split:
    if class_index is None:
        return _random_rows(n_rows, fraction, seed)
    return _stratified_rows(class_index, fraction, seed)


def _folds(n_rows: int, class_index: np.ndarray | None, n_folds: int, seed: int) -> list[Split]:
    """Every row is held out once; by classes, but for those of a single row, which is not held out."""
    everything = np.arange(n_rows)
    if class_index is None:
        if n_rows < n_folds:
            raise _too_few_for_folds(n_rows, n_folds)
        return list(KFold(n_folds, shuffle=True, random_state=seed).split(everything))
    counts = np.bincount(class_index)
    if counts.max() < n_folds:
        raise _too_few_for_folds(n_rows, n_folds)
    lonely = counts[class_index] < 2
    candidates, always = np.flatnonzero(~lonely), np.flatnonzero(lonely)
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    with held_back(UserWarning, "The least populated class"):  # with fewer rows than folds, it is not in each of them
        splits = list(splitter.split(candidates, class_index[candidates]))
    return [(np.concatenate([candidates[train], always]), candidates[held_out]) for train, held_out in splits]


def _random_rows(n_rows: int, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    n_held_out = math.ceil(fraction * n_rows)
    if n_held_out >= n_rows:
        raise _too_few(n_rows, fraction)
    return next(ShuffleSplit(1, test_size=n_held_out, random_state=seed).split(np.empty((n_rows, 1))))


def _stratified_rows(class_index: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Every class keeps its share; a class of a single row stays in training, where it is needed most."""
    counts = np.bincount(class_index)
    lonely = counts[class_index] < 2
    candidates = np.flatnonzero(~lonely)
    n_classes = int(np.sum(counts >= 2))
    n_held_out = max(math.ceil(fraction * len(class_index)), n_classes)
    if n_classes == 0 or len(candidates) - n_held_out < n_classes:
        raise _too_few(len(class_index), fraction)
    splitter = StratifiedShuffleSplit(1, test_size=n_held_out, random_state=seed)
    train, held_out = next(splitter.split(np.empty((len(candidates), 1)), class_index[candidates]))
    return np.concatenate([candidates[train], np.flatnonzero(lonely)]), candidates[held_out]


def _too_few(n_rows: int, fraction: float) -> ValueError:
    return ValueError(
        f"A share of {fraction} of the rows is to be held out (validation_split, or validation_fraction for "
        f"early_stopping), but {n_rows} rows (n_samples={n_rows}) are too few to leave some of every class on both "
        "sides. Give more rows, another share, your own X_val and y_val, or hold none out."
    )


def _too_few_for_folds(n_rows: int, n_folds: int) -> ValueError:
    return ValueError(
        f"Each of n_members={n_folds} holds out another fold of the rows, but {n_rows} rows (n_samples={n_rows}) are "
        "too few to give every fold some of the largest class. Give more rows, fewer members, your own X_val and "
        "y_val, or early_stopping=False."
    )
