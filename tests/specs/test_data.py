"""ArrayData and StreamData: what is counted."""

import numpy as np
from scipy import sparse

from sknn_tune.specs import ArrayData, StreamData


def test_rows_are_counted_alike_in_dense_and_sparse():
    X = np.eye(7, 3)
    assert ArrayData(X, np.zeros(7)).n_rows == ArrayData(sparse.csr_array(X), np.zeros(7)).n_rows == 7


def test_a_stream_starts_anew_with_every_call():
    def pieces():
        yield np.zeros((2, 3)), np.zeros(2), None

    stream = StreamData(pieces, n_pieces=1, n_rows=2)
    assert len(list(stream.pieces())) == len(list(stream.pieces())) == 1
