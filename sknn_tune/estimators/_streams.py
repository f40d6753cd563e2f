"""Rows that are read some at a time and never held whole: what a first pass over them finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ._column_streams import ColumnStream, is_column_stream
from ._datasets import batches_of, is_dataset
from ._input import FittedOnRows, check_inputs


class Source(Protocol):
    """Rows that can be read again and again.

    Attributes
    ----------
    name : str
        What it is, for messages.
    columns : list of str or None
        The names of the inputs, of which order and number of rows are always the same; None of batches that the user
        has cut.
    """

    name: str
    columns: list[str] | None

    def inputs(self) -> Iterator[Any]:
        """The inputs of some rows after the others."""

    def parts(self) -> Iterator[tuple[Any, Any, Any]]:
        """The same with their targets and weights, or None."""


def is_stream(X: Any) -> bool:
    """Whether the rows of ``X`` are read some at a time."""
    return is_dataset(X) or is_column_stream(X)


def source_of(estimator: Any, X: Any, y: Any = None, sample_weight: Any = None, *, reset: bool = False) -> Source:
    """Where the rows of a stream come from; columns that the estimator knows by name are found in any order."""
    if is_dataset(X):
        return batches_of(X, y, sample_weight)
    return ColumnStream(X, y, sample_weight, None if reset else getattr(estimator, "feature_names_in_", None))


@dataclass(frozen=True, eq=False)
class StreamSummary:
    """What one pass over a stream found.

    Attributes
    ----------
    source : Source
    y : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        All targets; these are kept, the inputs are not.
    sample_weight : ndarray of shape (n_rows,) or None
    n_pieces, n_rows : int
    batch_size : int or None
        Of batches that the user has cut.
    chosen : ndarray of bool or None
        Which rows of the source these are; None: all.
    """

    source: Source
    y: np.ndarray
    sample_weight: np.ndarray | None
    n_pieces: int
    n_rows: int
    batch_size: int | None
    chosen: np.ndarray | None = None

    def side(self, rows: np.ndarray) -> StreamSummary:
        """Some of the rows, by a mask over these."""
        chosen = rows
        if self.chosen is not None:
            chosen = self.chosen.copy()
            chosen[chosen] = rows
        return replace(self, n_rows=int(rows.sum()), chosen=chosen)

    def inputs(self) -> Iterator[np.ndarray]:
        """Their inputs, in the order of the source."""
        start = 0
        for x in self.source.inputs():
            rows = slice(start, start + len(x))
            start += len(x)
            x = x if self.chosen is None else x[self.chosen[rows]]
            if len(x):
                yield x


def summarize(
    estimator: FittedOnRows, source: Source, *, reset: bool, most_rows: int
) -> tuple[StreamSummary, np.ndarray | None]:
    """Check every row once and collect the targets; the inputs, too, if they are columns of few rows."""
    inputs: list[np.ndarray] | None = None if source.columns is None else []
    targets, weights, sizes = [], [], []
    for number, (x, y, weight) in enumerate(source.parts()):
        first, in_order = reset and number == 0, source.columns is not None
        checked = check_inputs(estimator, x, reset=first, in_order=in_order)
        targets.append(y)
        sizes.append(len(x))
        if weight is not None:
            weights.append(weight)
        if inputs is not None:
            inputs.append(checked[:])
            inputs = inputs if sum(sizes) <= most_rows else None
    if not sizes:
        what = "it has no batches" if source.columns is None else "it has no rows"
        raise ValueError(f"The {source.name} given as X is empty: {what}.")
    if reset and source.columns is not None:
        estimator.feature_names_in_ = np.array(source.columns, dtype=object)
    summary = StreamSummary(
        source=source,
        y=np.concatenate(targets),
        sample_weight=np.concatenate(weights) if weights else None,
        n_pieces=len(sizes),
        n_rows=sum(sizes),
        batch_size=max(sizes) if source.columns is None else None,
    )
    return summary, None if inputs is None else np.concatenate(inputs)
