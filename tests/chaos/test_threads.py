"""Fits at the same time, and with other numbers of BLAS threads, have the bits of each alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sknn_tune import KerasClassifier

N_THREADS = 8

#: What differs in how machine code works it out: members, parts of a batch that helpers take, dropout, sparse kernels.
KINDS = (
    {},
    {"n_members": 3},
    {"n_members": 2, "share_weights": True, "dropout": 0.2},
    {"hidden_layer_sizes": (300, 300), "batch_size": 128},
    {"batch_norm": True, "early_stopping": True},
    {"dtype": "float64", "optimizer": "rmsprop", "l2": 0.01},
)


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 20)).astype("float32")
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def _bits(table, number):
    X, y = table
    network = KerasClassifier(hidden_layer_sizes=(17, 9), epochs=3, random_state=number // len(KINDS))
    network.set_params(**KINDS[number % len(KINDS)]).fit(X, y)
    return network.predict_proba(X).tobytes(), str(network.history_)


def test_fits_in_threads_have_the_bits_of_each_alone(table, how_many, report):
    before = [(each["filepath"], each["num_threads"]) for each in threadpool_info()]
    n_fits = how_many(24, 200)
    alone = [_bits(table, number) for number in range(n_fits)]
    with ThreadPoolExecutor(N_THREADS) as threads:
        together = list(threads.map(lambda number: _bits(table, number), range(n_fits)))
    n_other = sum(one != other for one, other in zip(alone, together, strict=True))
    report(f"{n_fits} fits in {N_THREADS} threads: {n_other} with other bits than alone")
    assert n_other == 0
    assert [(each["filepath"], each["num_threads"]) for each in threadpool_info()] == before


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_bits_do_not_depend_on_the_threads_of_blas(table, kind):
    with threadpool_limits(1):
        one = _bits(table, kind)
    with threadpool_limits(2):
        assert _bits(table, kind) == one
