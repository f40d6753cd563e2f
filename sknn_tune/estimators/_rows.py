"""The rows of a fit: checked, with their weights and groups; then encoded for an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..specs import ArrayData, ChosenRows, Piece, StreamData
from ..tables import ABSENT
from ._encoders import EncodedTarget
from ._input import NO_TARGETS, FittedOnRows, as_numbers, check_weights, explaining, with_mean_one
from ._overflow import warn_of_large_inputs
from ._streams import StreamSummary, is_stream, source_of, summarize
from ._targets import Target


class GivenRows(NamedTuple):
    """Rows as the user gave them."""

    X: Any
    y: Any = None
    sample_weight: Any = None
    groups: Any = None

    def for_callbacks(self) -> dict[str, Any]:
        """As scikit-learn's callbacks take them."""
        metadata = {} if self.sample_weight is None else {"sample_weight": self.sample_weight}
        return {"X": self.X, "y": self.y, "metadata": metadata}


NO_ROWS = GivenRows(None)

#: Rows that are taken at once.
_ROWS_AT_ONCE = 2**20


@dataclass(frozen=True, eq=False)
class Rows:
    """Checked rows with their targets still as the user named them.

    Attributes
    ----------
    X : ndarray, ChosenRows or CSR matrix of shape (n_rows, ...)
        Without columns for a stream, whose inputs are never held.
    y : ndarray
    sample_weight, groups : ndarray of shape (n_rows,) or None
    stream : StreamSummary or None
        Where the inputs come from if they are not in ``X``.
    counted : ndarray of bool of shape (n_given_rows,) or None
        Which of the rows that were given these are; None: all of them.
    """

    X: Any
    y: np.ndarray
    sample_weight: np.ndarray | None = None
    groups: np.ndarray | None = None
    stream: StreamSummary | None = None
    counted: np.ndarray | None = None

    def __getitem__(self, index: np.ndarray) -> Rows:
        """Some of them; of a table whose rows are not copied, by their numbers."""
        X = self.X
        return self._with_inputs(X.chosen(index) if isinstance(X, ChosenRows) else X[index], index)

    def side(self, index: np.ndarray) -> Rows:
        """Some of them to train on, or to watch; those of a dense table are not copied."""
        if self.stream is not None:
            chosen = np.zeros(len(self.y), bool)
            chosen[index] = True
            return replace(self[chosen], stream=self.stream.side(chosen))
        if not isinstance(self.X, np.ndarray):
            return self[index]
        return self._with_inputs(ChosenRows(self.X, None).chosen(index), index)

    def _with_inputs(self, X: Any, index: np.ndarray) -> Rows:
        y, weights, groups = (
            None if each is None else _taken(each, index) for each in (self.y, self.sample_weight, self.groups)
        )
        assert y is not None
        return Rows(X, y, weights, groups)


def _taken(array: np.ndarray, index: np.ndarray) -> np.ndarray:
    """``array[index]``; of many small numbers not all are made large at once."""
    if index.dtype == bool or len(index) <= _ROWS_AT_ONCE:
        return array[index]
    taken = np.empty((len(index), *array.shape[1:]), array.dtype)
    for start in range(0, len(index), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        taken[rows] = array[index[rows]]
    return taken


class TakesTargets(FittedOnRows, Protocol):
    """An estimator that knows what its targets may be."""

    def _check_target_array(self, y: Any) -> np.ndarray: ...

    def _checked_inputs(self, X: Any, y: Any = NO_TARGETS, *, reset: bool) -> Any: ...


def check_rows(estimator: TakesTargets, given: GivenRows, *, reset: bool, weights_name: str = "sample_weight") -> Rows:
    """Rows as arrays, without those of weight zero."""
    X, y, sample_weight, groups = given
    if is_stream(X):
        return _rows_of_stream(estimator, given, reset=reset, weights_name=weights_name)
    X, y = estimator._checked_inputs(X, y, reset=reset)
    warn_of_large_inputs(X, estimator.dtype, _name_beside(weights_name))
    weights = check_weights(sample_weight, X, estimator.dtype, weights_name)
    return _that_count(Rows(X, estimator._check_target_array(y), weights, check_groups(groups, X.shape[0])))


def check_groups(groups: Any, n_rows: int) -> np.ndarray | None:
    """The group of each row."""
    if groups is None:
        return None
    given, groups = groups, np.asarray(groups)
    if groups.ndim == 2 and groups.shape[1] == 1:
        groups = groups[:, 0]
    if groups.ndim != 1:
        raise ValueError(
            f"The 'groups' argument must have one entry for each of {n_rows} rows. Got {given!r:.100} instead."
        )
    if len(groups) != n_rows:
        raise ValueError(f"The 'groups' argument has {len(groups)} entries, but X has {n_rows} rows. Give one each.")
    missing = np.flatnonzero([value is None or value != value for value in groups.astype(object)])
    if len(missing):
        raise ValueError(
            f"The 'groups' argument has no group for {len(missing)} of {n_rows} rows, the first of them row "
            f"{missing[0]}. Give each a group, or drop these rows."
        )
    return groups


def _name_beside(weights_name: str) -> str:
    """What the rows are called whose weights are called so."""
    return "X" if weights_name == "sample_weight" else "X_val"


def _that_count(rows: Rows) -> Rows:
    """Those that have a weight."""
    weights = rows.sample_weight
    if weights is None or weights.all():
        return rows
    some = rows[weights != 0] if rows.stream is None else rows.side(weights != 0)
    return replace(some, counted=weights != 0)


def _rows_of_stream(estimator: Any, given: GivenRows, *, reset: bool, weights_name: str) -> Rows:
    """Few rows of columns are held, and then trained on as a table is."""
    source = source_of(estimator, given.X, given.y, given.sample_weight, reset=reset)
    if given.groups is not None:
        raise ValueError(f"The 'groups' argument cannot go with X as a {source.name}. Give rows to watch as X_val.")
    stream, X = summarize(estimator, source, reset=reset, most_rows=estimator.shuffle_buffer)
    weights = check_weights(stream.sample_weight, stream.y, estimator.dtype, weights_name)
    with explaining(estimator, ABSENT, stream.y):
        y = as_numbers(stream.y) if estimator._numeric_target else stream.y
    y = estimator._check_target_array(y)
    if source.columns is None:
        return Rows(np.empty((stream.n_rows, 0)), y, stream.sample_weight, stream=stream)
    if X is None:
        rows = Rows(np.empty((stream.n_rows, 0)), y, weights, stream=stream)
    else:
        warn_of_large_inputs(X, estimator.dtype, _name_beside(weights_name))
        rows = Rows(X, y, weights)
    return _that_count(rows)


def engine_data(
    rows: Rows,
    *,
    target: Target | EncodedTarget,
    form: str,
    weigh: Callable[[np.ndarray], np.ndarray | None],
    check_target: Callable[[np.ndarray], np.ndarray],
    dtype: str,
    normalize: bool,
    inputs: Callable[[Any], Any] = lambda X: X,
) -> ArrayData | StreamData:
    """Encoded targets and combined weights.

    ``weigh`` gives the weights that rows have by their target, ``inputs`` what the network gets of them.
    """

    def combined_weights(y: np.ndarray, sample_weight: np.ndarray | None) -> np.ndarray | None:
        with np.errstate(over="ignore"):  # what is too large is refused below
            by_target = weigh(y)
        if by_target is None or sample_weight is None:
            return sample_weight if by_target is None else by_target
        return (sample_weight * by_target).astype(dtype)

    weights = combined_weights(rows.y, rows.sample_weight)
    _check_combined(weights, dtype)
    if rows.stream is None:
        weights = with_mean_one(weights) if normalize else weights
        return ArrayData(inputs(rows.X), target.encode(rows.y, form, dtype), weights)
    stream = rows.stream
    if stream.batch_size is None:
        y, weights = target.encode(rows.y, form, dtype), with_mean_one(weights) if normalize else weights
        return _stream_of_columns(stream, y, weights, dtype)
    scale = 1.0 if weights is None or not normalize else weights.mean()

    def weigh_batch(y: np.ndarray, sample_weight: np.ndarray | None) -> np.ndarray | None:
        batch = combined_weights(check_target(y), sample_weight)
        return None if batch is None else (batch / scale).astype(dtype)

    def encode(y: np.ndarray) -> np.ndarray:
        return target.encode(check_target(y), form, dtype)

    def pieces() -> Iterator[Piece]:
        for x, y, weight in stream.source.parts():
            yield np.asarray(x, dtype=dtype), encode(y), weigh_batch(y, weight)

    return StreamData(pieces, stream.n_pieces, stream.n_rows, is_weighted=weights is not None)


def _stream_of_columns(stream: StreamSummary, y: np.ndarray, weights: np.ndarray | None, dtype: str) -> StreamData:
    """Inputs as they are read, with the targets and weights that were read once."""

    def pieces() -> Iterator[Piece]:
        start = 0
        for x in stream.inputs():
            rows = slice(start, start + len(x))
            start += len(x)
            yield np.asarray(x, dtype=dtype), y[rows], None if weights is None else weights[rows]

    is_weighted = weights is not None
    return StreamData(pieces, stream.n_pieces, stream.n_rows, keeps_batches=False, is_weighted=is_weighted)


def _check_combined(weights: np.ndarray | None, dtype: str) -> None:
    """Weights of classes and of rows may each be right, and leave nothing together."""
    if weights is None:
        return
    if not np.isfinite(weights).all():
        raise ValueError(
            f"Weights of rows and of classes are beyond what dtype={dtype!r} holds ({np.finfo(dtype).max:.2g}). Divide "
            "all of them by the largest: only their ratios count."
        )
    if not weights.any():
        raise ValueError(
            f"No row counts: 'sample_weight' and 'class_weight' leave each of {len(weights)} rows with the weight zero "
            f"in dtype={dtype!r}. Give rows of at least two classes a weight."
        )
