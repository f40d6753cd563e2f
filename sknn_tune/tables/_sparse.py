"""Sparse matrices whose numbers point beyond them: whoever follows these reads memory that is somebody else's.

SciPy does not look where its own constructors have not made them (a matrix from a file, or from a buffer that was
changed), nor does scikit-learn: the process ends, or a number that nobody has given is learned from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse


def refuse_broken_sparse(given: Any, what: str) -> None:
    """Raise a ValueError if a sparse matrix names rows or columns that it does not have."""
    if not sparse.issparse(given) or len(given.shape) != 2:
        return
    found = None
    if given.format in ("csr", "csc", "bsr"):
        found = _why_not_compressed(given)
    elif given.format == "coo":
        numbers = given.coords if hasattr(given, "coords") else (given.row, given.col)
        found = next(filter(None, map(_why_beyond, numbers, given.shape, ("row", "column"))), None)
    if found:
        raise ValueError(
            f"{what} is a sparse matrix that is broken: it {found}. It has the shape {given.shape}. Look at how it was "
            f"made, such as with {what}.check_format(full_check=True), or make it anew from its rows."
        )


def _why_not_compressed(given: Any) -> str | None:
    n_outer, n_inner = given.shape
    outer, inner = "row", "column"
    if given.format == "csc":
        n_outer, n_inner, outer, inner = n_inner, n_outer, inner, outer
    elif given.format == "bsr":
        n_outer, n_inner = n_outer // given.blocksize[0], n_inner // given.blocksize[1]
        outer, inner = "block of rows", "block of columns"
    starts, numbers = given.indptr, given.indices
    if len(starts) != n_outer + 1:
        return f"says for {len(starts) - 1} {outer}s where they begin"
    n_entries = min(len(numbers), len(given.data))
    if starts[0] != 0 or starts[-1] > n_entries or (starts[1:] < starts[:-1]).any():
        return f"has {n_entries} entries, and a {outer} that begins or ends elsewhere"
    return _why_beyond(numbers[: starts[-1]], n_inner, inner)


def _why_beyond(numbers: np.ndarray, n: int, what: str) -> str | None:
    # A negative number is a very large one without its sign, so one look at all of them is enough.
    if not len(numbers) or numbers.view(f"u{numbers.itemsize}").max() < n:
        return None
    odd = numbers[(numbers < 0) | (numbers >= n)]
    return f"has an entry in {what} {odd[0]}"
