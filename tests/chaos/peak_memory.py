"""How much memory a fit adds at most, by the bytes of its table. A program: see `test_flat_memory`.

``python peak_memory.py N_ROWS``. Each fit runs in a fork of its own, which is asked for its peak.
"""

import json
import os
import sys

import numpy as np

from sknn_tune import KerasClassifier

N_COLUMNS = 50


def status(name):
    """A number of /proc, in bytes."""
    with open("/proc/self/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith(name))


def added_by_fit(X, y, **parameters):
    """In a child: what the fit adds to the memory of the process at most."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        X[:: max(len(X) // 4096, 1)].sum()  # seen by this process, too
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # the peak begins anew
        before = status("VmRSS")
        KerasClassifier(hidden_layer_sizes=(8,), epochs=1, batch_size=1024, random_state=0, **parameters).fit(X, y)
        os.write(into, str(status("VmHWM") - before).encode())
        os._exit(0)
    os.close(into)
    assert os.waitpid(child, 0)[1] == 0
    with os.fdopen(out) as pipe:
        return int(pipe.read())


if __name__ == "__main__":
    n_rows = int(sys.argv[1])
    KerasClassifier(epochs=1, early_stopping=True).fit(np.eye(40, 5, dtype="float32"), np.arange(40) % 2)  # loads code
    found = {}
    for dtype in ("float32", "float64", "int8"):
        X = np.random.default_rng(0).integers(-100, 100, (n_rows, N_COLUMNS), dtype="int8").astype(dtype)
        y = (X[:, 0] > 0).astype("int8")
        for early_stopping in (False, True):
            name = f"{dtype} with early stopping" if early_stopping else dtype
            added_by_fit(X[:100_000], y[:100_000], early_stopping=early_stopping)  # compiles what nobody has needed yet
            found[name] = round(added_by_fit(X, y, early_stopping=early_stopping) / X.nbytes, 2)
    print(json.dumps(found))
