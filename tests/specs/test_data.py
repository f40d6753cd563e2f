"""ArrayData and StreamData: what is counted."""

import numpy as np
from scipy import sparse

from sknn_tune.specs import ArrayData, StreamData


def test_rows_are_counted_alike_in_dense_and_sparse():
    X = np.eye(7, 3)
    assert ArrayData(X, np.zeros(7)).n_rows == ArrayData(sparse.csr_array(X), np.zeros(7)).n_rows == 7


def test_a_stream_starts_anew_with_every_call():
    def pieces(epoch):
        yield np.full((5, 3), epoch), np.zeros(5), None

    stream = StreamData(pieces, batch_size=2, n_batches=3, n_rows=5)
    for epoch in (0, 1):
        assert [(len(x), x[0, 0]) for x, _, _ in stream.batches(epoch)] == [(2, epoch), (2, epoch), (1, epoch)]
