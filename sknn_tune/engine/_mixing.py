"""Rows of a stream, some of them mixed at once: what an order of rows is to a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..specs import Piece, StreamData

#: Rows that come together where nothing is mixed.
ROWS_OF_A_PIECE = 16_384


def mixed(
    pieces: Iterable[Piece], batch_size: int, buffer: int, generator: np.random.Generator | None
) -> Iterator[Piece]:
    """The rows of all pieces in whole batches but for the last one, ``buffer`` of them mixed at once.

    Without a ``generator`` in their order.
    """
    size = max((buffer if generator is not None else ROWS_OF_A_PIECE) // batch_size, 1) * batch_size
    held: list[Piece] = []
    n_held = 0
    for piece in pieces:
        held.append(piece)
        n_held += len(piece[0])
        while n_held >= size:
            rows = joined(held)
            yield _reordered(_some(rows, slice(size)), generator)
            held, n_held = [_some(rows, slice(size, None))], n_held - size
    if n_held:
        yield _reordered(joined(held), generator)


def in_order(data: StreamData) -> Iterator[Piece]:
    """All rows as they come, in pieces of one size, whatever the sizes are in which they are read this time.

    But for batches of the user's own, which stay as they are.
    """
    return data.pieces() if data.keeps_batches else mixed(data.pieces(), ROWS_OF_A_PIECE, 0, None)


def n_in_order(data: StreamData) -> int:
    """How many pieces these are."""
    return data.n_pieces if data.keeps_batches else -(-data.n_rows // ROWS_OF_A_PIECE)


def joined(pieces: list[Piece]) -> Piece:
    """The rows of all pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    x, y, weight = zip(*pieces, strict=True)
    return np.concatenate(x), np.concatenate(y), None if weight[0] is None else np.concatenate(weight)


def _some(piece: Piece, rows: slice | np.ndarray) -> Piece:
    x, y, weight = piece
    return x[rows], y[rows], None if weight is None else weight[rows]


def _reordered(piece: Piece, generator: np.random.Generator | None) -> Piece:
    return piece if generator is None else _some(piece, generator.permutation(len(piece[0])))
