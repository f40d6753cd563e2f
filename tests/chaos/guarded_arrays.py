"""Arrays that end where memory ends: whoever reads or writes beyond them is ended by the system.

Run as a program it trains and predicts with machine code that gets all its arrays so: see `test_guard_pages`.
``python guarded_arrays.py N_NETWORKS SEED``
"""

import ctypes
import mmap
import sys

import numpy as np
from scipy import sparse

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.engine.machine import _table, _updates
from sknn_tune.engine.products import _machine
from sknn_tune.exceptions import DivergedError

_PAGE = mmap.PAGESIZE
_NO_ACCESS = 0
_protect = ctypes.CDLL(None, use_errno=True).mprotect


def guarded(array, *, at_end):
    """A copy between two pages that cannot be touched, close to the last of them, or to the first."""
    n_pages = max(-(-array.nbytes // _PAGE), 1)
    memory = mmap.mmap(-1, (n_pages + 2) * _PAGE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for page in (0, n_pages + 1):
        if _protect(ctypes.c_void_p(address + page * _PAGE), _PAGE, _NO_ACCESS):
            raise OSError(ctypes.get_errno(), "mprotect")
    start = (n_pages + 1) * _PAGE - array.nbytes if at_end else _PAGE
    copy = np.frombuffer(memory, array.dtype, array.size, start).reshape(array.shape)
    copy[...] = array
    if not array.flags.writeable:
        copy.flags.writeable = False
    return copy


class Guarded:
    """A compiled function whose arrays are guarded in each call, and written back at its end.

    Parameters
    ----------
    function : callable
    passed_on : sequence of int
        Places of arguments that are given as they are: what threads have in common.
    """

    n_calls = 0

    def __init__(self, function, passed_on=()):
        self._function, self._passed_on = function, passed_on

    def __call__(self, *given):
        Guarded.n_calls += 1
        copies = [
            guarded(each, at_end=Guarded.n_calls % 3 > 0)
            if isinstance(each, np.ndarray) and place not in self._passed_on
            else each
            for place, each in enumerate(given)
        ]
        self._function(*copies)
        for copy, each in zip(copies, given, strict=True):
            if copy is not each and isinstance(each, np.ndarray) and each.flags.writeable:
                each[...] = copy


def guard_everything():
    """From now on machine code gets nothing but guarded arrays; alone, so that what it changes is in one place."""
    original = _updates.entry
    multiply, multiply_sparse = _machine._compiled_multiply, _machine._compiled_multiply_sparse
    held, shared = _table._held, _updates.ARGUMENTS.index("shared")
    _updates.entry = lambda dtype: Guarded(original(dtype), [shared])
    _updates.n_free_cores = lambda: 0
    _table._held = lambda *arrays: held(*(guarded(array, at_end=len(arrays[0]) % 3 > 0) for array in arrays))
    _machine._compiled_multiply = lambda dtype: Guarded(multiply(dtype))
    _machine._compiled_multiply_sparse = lambda dtype, integer: Guarded(multiply_sparse(dtype, integer))


def drawn_network(random):
    """One of odd sizes."""
    sizes = random.choice([1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65], random.integers(0, 4))
    parameters = {
        "hidden_layer_sizes": tuple(sizes.tolist()),
        "activation": random.choice(["relu", "tanh", "gelu", "elu", "softmax", "selu", "leaky_relu"]),
        "batch_size": int(random.choice([1, 2, 3, 7, 8, 13, 32, 10**6])),
        "optimizer": random.choice(["sgd", "adam", "rmsprop", "adagrad", "adamw", "nadam"]),
        "dropout": float(random.choice([0, 0.4])),
        "input_dropout": float(random.choice([0, 0.4])),
        "l2": float(random.choice([0, 0.01])),
        "activity_l1": float(random.choice([0, 0.01])),
        "clipnorm": random.choice([None, 1.0]),
        "dtype": str(random.choice(["float32", "float64"])),
        "early_stopping": bool(random.integers(2)),
        "epochs": 2,
        "random_state": 0,
        "engine": "numba",
    }
    if random.integers(4) == 0:
        parameters |= {"n_members": int(random.integers(2, 5)), "share_weights": True}
    elif random.integers(2):
        parameters["batch_norm"] = str(random.choice(["before", "after"]))
    return parameters


def main(n_networks, seed):
    random = np.random.default_rng(seed)
    differing, draws = 0, []
    for _ in range(n_networks):
        n_rows, n_columns = int(random.integers(9, 70)), int(random.choice([1, 2, 3, 7, 8, 9, 16, 17, 33]))
        X, n_outputs = 9 * random.normal(size=(n_rows, n_columns)), int(random.choice([1, 2, 3, 5]))
        X = X.astype(random.choice(["float64", "float32", "float16", "int8", "int64", "bool"]))
        if random.integers(4) == 0:
            X = sparse.csr_array(X.astype("float32") * (random.uniform(size=X.shape) < 0.15))
        is_classifier = n_outputs in (1, 3)
        y = np.arange(n_rows) % (n_outputs + 1) if is_classifier else random.normal(size=(n_rows, n_outputs))
        weights = random.uniform(size=n_rows) if random.integers(2) else None
        model = (KerasClassifier if is_classifier else KerasRegressor)(**drawn_network(random))
        draws.append((model, X, y, weights))

    def outcomes():
        for model, X, y, weights in draws:
            model.fit(X, y, sample_weight=weights)
            X = X.toarray() if sparse.issparse(X) else X
            rows = np.where(np.abs(X) < 2, 0, X)
            csr, long = (sparse.csr_array(rows.astype("float32")) for _ in range(2))
            long.indices, long.indptr = long.indices.astype("int64"), long.indptr.astype("int64")
            try:
                yield [model.predict(each) for each in (X, X[:1], X[:5], rows, csr, long)]
            except DivergedError as diverged:  # by numbers too large for it: with guards it is to say the same
                yield [str(diverged)]

    plain = list(outcomes())
    guard_everything()
    for expected, found in zip(plain, outcomes(), strict=True):
        differing += any(not np.array_equal(a, b) for a, b in zip(expected, found, strict=True))
    print(n_networks, Guarded.n_calls, differing)


if __name__ == "__main__":
    if sys.argv[1] == "beyond":  # what a fault looks like
        short = guarded(np.zeros(7), at_end=True)
        print(short.sum(), flush=True)
        ctypes.memset(short.ctypes.data + short.nbytes, 1, 1)
    main(int(sys.argv[1]), int(sys.argv[2]))
